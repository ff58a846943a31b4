import Varve

/// The metadata of Arrow's inter-process format, version 5 (Schema.fbs, Message.fbs and File.fbs of Apache Arrow's format
/// directory), as far as the exported tables need it: texts are dictionaries of UTF-8, numbers doubles.
enum ArrowSchema {
    /// `MetadataVersion.V5`.
    private static let version = FlatField(0, .int16(4))

    private enum Header: UInt8 { case schema = 1, dictionaryBatch, recordBatch }
    private enum TypeCode: UInt8 { case int = 2, floatingPoint = 3, utf8 = 5, timestamp = 10 }

    /// The schema: byte order (little), fields, metadata.
    static func schema(_ columns: [TableColumn]) -> [FlatField] {
        var dictionary: Int64 = 0
        var fields: [[FlatField]] = []
        for column in columns {
            fields.append(field(column, dictionary: dictionary))
            if column.kind == .text { dictionary += 1 }
        }
        return [FlatField(0, .int16(0)), FlatField(1, .tables(fields))]
    }

    private static func field(_ column: TableColumn, dictionary: Int64) -> [FlatField] {
        let isOptional = column.kind == .time || column.kind == .optionalNumber
        var fields = [FlatField(0, .string(column.name)), FlatField(1, .bool(isOptional)), FlatField(5, .tables([]))]
        func type(_ code: TypeCode, _ parts: [FlatField]) {
            fields += [FlatField(2, .uint8(code.rawValue)), FlatField(3, .table(parts))]
        }
        switch column.kind {
        case .text:
            type(.utf8, [])
            fields.append(FlatField(4, .table([FlatField(0, .int64(dictionary)), FlatField(1, .table(integer(32)))])))
        case .integer: type(.int, integer(64))
        case .time: type(.timestamp, [FlatField(0, .int16(3)), FlatField(1, .string("UTC"))])
        case .number, .optionalNumber: type(.floatingPoint, [FlatField(0, .int16(2))])
        }
        return fields
    }

    /// Signed integers of so many bits.
    private static func integer(_ bits: Int32) -> [FlatField] {
        [FlatField(0, .int32(bits)), FlatField(1, .bool(true))]
    }

    // MARK: Messages

    static func schemaMessage(_ columns: [TableColumn]) -> [UInt8] {
        message(.schema, schema(columns), bodyBytes: 0)
    }

    static func recordBatchMessage(rows: Int, _ body: ArrowBody) -> [UInt8] {
        message(.recordBatch, recordBatch(rows: rows, body), bodyBytes: body.bytes.count)
    }

    /// - Parameter isDelta: the texts come after those that the dictionary has.
    static func dictionaryMessage(id: Int, texts: Int, isDelta: Bool, _ body: ArrowBody) -> [UInt8] {
        let fields = [
            FlatField(0, .int64(Int64(id))), FlatField(1, .table(recordBatch(rows: texts, body))),
            FlatField(2, .bool(isDelta)),
        ]
        return message(.dictionaryBatch, fields, bodyBytes: body.bytes.count)
    }

    /// Where a message stands in a file.
    struct Block {
        var offset: Int
        var metadataBytes: Int
        var bodyBytes: Int
    }

    static func footer(_ columns: [TableColumn], dictionaries: [Block], recordBatches: [Block]) -> [UInt8] {
        func blocks(_ all: [Block]) -> FlatValue {
            var writer = ByteWriter(capacity: 24 * all.count)
            for block in all {
                writer.fixed(Int64(block.offset))
                writer.fixed(Int32(truncatingIfNeeded: block.metadataBytes))
                writer.fixed(Int32(0))
                writer.fixed(Int64(block.bodyBytes))
            }
            return .structures(writer.bytes, count: all.count)
        }
        return FlatBuffer.bytes(root: [
            version, FlatField(1, .table(schema(columns))), FlatField(2, blocks(dictionaries)),
            FlatField(3, blocks(recordBatches)),
        ])
    }

    private static func recordBatch(rows: Int, _ body: ArrowBody) -> [FlatField] {
        var nodes = ByteWriter(capacity: 16 * body.nodes.count)
        for node in body.nodes {
            nodes.fixed(Int64(node.rows))
            nodes.fixed(Int64(node.nulls))
        }
        var buffers = ByteWriter(capacity: 16 * body.buffers.count)
        for buffer in body.buffers {
            buffers.fixed(Int64(buffer.lowerBound))
            buffers.fixed(Int64(buffer.count))
        }
        var fields = [
            FlatField(0, .int64(Int64(rows))), FlatField(1, .structures(nodes.bytes, count: body.nodes.count)),
            FlatField(2, .structures(buffers.bytes, count: body.buffers.count)),
        ]
        // Codec 1 is zstd; method 0: each buffer by itself.
        if body.isCompressed {
            fields.append(FlatField(3, .table([FlatField(0, .uint8(1)), FlatField(1, .uint8(0))])))
        }
        return fields
    }

    /// A message without its body: a mark, the length of what follows, and the metadata.
    private static func message(_ header: Header, _ fields: [FlatField], bodyBytes: Int) -> [UInt8] {
        let metadata = FlatBuffer.bytes(root: [
            version, FlatField(1, .uint8(header.rawValue)), FlatField(2, .table(fields)),
            FlatField(3, .int64(Int64(bodyBytes))),
        ])
        var writer = ByteWriter(capacity: metadata.count + 8)
        writer.fixed(UInt32.max)
        writer.fixed(Int32(truncatingIfNeeded: metadata.count))
        writer.raw(metadata)
        return writer.bytes
    }
}
