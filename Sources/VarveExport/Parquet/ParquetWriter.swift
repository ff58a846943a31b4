import Varve

/// Writes a table as a Parquet file: row groups of column chunks, then the file's metadata.
///
/// Source: apache/parquet-format (README.md and src/main/thrift/parquet.thrift): data pages of version 1, texts in dictionaries,
/// integers as differences, doubles split by byte.
final class ParquetWriter {
    private let columns: [TableColumn]
    private let zips: Bool
    private let write: ([UInt8]) throws(VarveError) -> Void
    private var offset = 0
    private var groups: [Group] = []
    private static let magic = Array("PAR1".utf8)

    /// What the file's end says of a row group.
    private struct Group {
        var rows: Int
        var start: Int
        var chunks: [Chunk]

        struct Chunk {
            var start: Int
            var bytes: Int
            /// All but the bytes.
            var facts: ColumnChunk
        }
    }

    init(_ columns: [TableColumn], zips: Bool, to write: @escaping ([UInt8]) throws(VarveError) -> Void) {
        self.columns = columns
        self.zips = zips
        self.write = write
    }

    func begin() throws(VarveError) { try put(Self.magic) }

    func append(_ group: RowGroup) throws(VarveError) {
        var entry = Group(rows: group.rows, start: offset, chunks: [])
        for var chunk in group.chunks {
            let bytes = chunk.bytes
            chunk.bytes = []
            entry.chunks.append(Group.Chunk(start: offset, bytes: bytes.count, facts: chunk))
            try put(bytes)
        }
        groups.append(entry)
    }

    func finish() throws(VarveError) {
        var metadata = ThriftWriter()
        metadata.int32(1, 2)
        metadata.structures(2, [nil] + columns.map { $0 }) { element, column in
            if let column {
                Self.schema(column, &element)
            } else {
                element.string(4, "schema")
                element.int32(5, Int32(truncatingIfNeeded: self.columns.count))
            }
        }
        metadata.int64(3, groups.reduce(0) { $0 + $1.rows })
        metadata.structures(4, groups) { element, group in self.describe(group, &element) }
        metadata.string(6, "varve")
        // All columns are in the order of their types.
        metadata.structures(7, columns) { order, _ in order.structure(1) }
        metadata.stop()
        var end = ByteWriter(capacity: metadata.bytes.count + 8)
        end.raw(metadata.bytes)
        end.fixed(UInt32(truncatingIfNeeded: metadata.bytes.count))
        end.raw(Self.magic)
        try put(end.bytes)
    }

    // MARK: Metadata

    private static func physicalType(_ column: TableColumn) -> Int32 {
        switch column.kind {
        case .text: 6
        case .integer, .time: 2
        case .number, .optionalNumber: 5
        }
    }

    private static func schema(_ column: TableColumn, _ element: inout ThriftWriter) {
        element.int32(1, physicalType(column))
        element.int32(3, column.kind == .time || column.kind == .optionalNumber ? 1 : 0)
        element.string(4, column.name)
        switch column.kind {
        case .text:
            element.int32(6, 0)
            element.structure(10) { $0.structure(1) }
        case .time:
            element.structure(10) { type in
                type.structure(8) { time in
                    time.bool(1, true)
                    time.structure(2) { $0.structure(3) }
                }
            }
        case .integer, .number, .optionalNumber: break
        }
    }

    private func describe(_ group: Group, _ element: inout ThriftWriter) {
        element.structures(1, Array(zip(columns, group.chunks))) { element, pair in
            let (column, chunk) = pair
            element.int64(2, 0)
            element.structure(3) { self.describe(column, chunk, &$0) }
        }
        element.int64(2, group.chunks.reduce(0) { $0 + $1.facts.plainBytes })
        element.int64(3, group.rows)
        element.int64(5, group.start)
        element.int64(6, group.chunks.reduce(0) { $0 + $1.bytes })
    }

    private func describe(_ column: TableColumn, _ chunk: Group.Chunk, _ data: inout ThriftWriter) {
        let facts = chunk.facts
        data.int32(1, Self.physicalType(column))
        data.int32s(2, facts.encodings.map(\.rawValue))
        data.strings(3, [column.name])
        data.int32(4, zips ? 6 : 0)
        data.int64(5, facts.values)
        data.int64(6, facts.plainBytes)
        data.int64(7, chunk.bytes)
        data.int64(9, chunk.start + facts.dictionaryBytes)
        if facts.dictionaryBytes > 0 { data.int64(11, chunk.start) }
        data.structure(12) { statistics in
            statistics.int64(3, facts.nulls)
            if let bounds = facts.bounds {
                statistics.binary(5, bounds.greatest)
                statistics.binary(6, bounds.least)
            }
        }
    }

    private func put(_ bytes: [UInt8]) throws(VarveError) {
        try write(bytes)
        offset += bytes.count
    }
}
