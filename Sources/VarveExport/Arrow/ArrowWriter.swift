import Varve

/// Writes a table as Arrow's stream or file format: the schema, a dictionary for each column of texts, record batches, the end.
///
/// Texts that a batch is the first to use come in a delta of their dictionary before it; mostly all are known from the start.
final class ArrowWriter {
    private let columns: [TableColumn]
    /// Whether a table of contents stands at the end.
    private let isFile: Bool
    private let write: ([UInt8]) throws(VarveError) -> Void
    private var offset = 0
    private var dictionaries: [ArrowSchema.Block] = []
    private var recordBatches: [ArrowSchema.Block] = []
    /// How many texts of each dictionary were written.
    private var written: [Int]
    private static let magic = Array("ARROW1".utf8)

    init(_ columns: [TableColumn], isFile: Bool, to write: @escaping ([UInt8]) throws(VarveError) -> Void) {
        self.columns = columns
        self.isFile = isFile
        self.write = write
        written = Array(repeating: 0, count: columns.count { $0.kind == .text })
    }

    /// A record batch on its way to the writer.
    struct Encoded: Sendable {
        fileprivate var message: [UInt8]
        fileprivate var body: [UInt8]
        /// Of each column of texts all that there are so far.
        fileprivate var texts: [[String]]
    }

    /// Turns rows into a record batch; for any thread.
    static func encode(_ batch: TableBatch, _ zstd: Zstd?) -> Encoded {
        var body = ArrowBody(capacity: batch.rows * 8 * (batch.columns.count + 1), zstd)
        body.add(batch)
        let texts: [[String]] = batch.columns.compactMap { column in
            guard case .texts(_, let all) = column else { return nil }
            return all
        }
        return Encoded(
            message: ArrowSchema.recordBatchMessage(rows: batch.rows, body), body: body.bytes, texts: texts)
    }

    /// Writes what stands before all rows.
    func begin(_ texts: [[String]]) throws(VarveError) {
        if isFile { try put(Self.magic + [0, 0]) }
        try put(ArrowSchema.schemaMessage(columns))
        for id in written.indices { try dictionary(id, texts[id], isDelta: false) }
    }

    func append(_ batch: Encoded) throws(VarveError) {
        for (id, texts) in batch.texts.enumerated() where texts.count > written[id] {
            try dictionary(id, texts, isDelta: true)
        }
        try message(batch.message, batch.body, &recordBatches)
    }

    /// Writes what stands behind all rows.
    func finish() throws(VarveError) {
        try put([0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0])
        guard isFile else { return }
        let footer = ArrowSchema.footer(columns, dictionaries: dictionaries, recordBatches: recordBatches)
        var end = ByteWriter(capacity: footer.count + 10)
        end.raw(footer)
        end.fixed(Int32(truncatingIfNeeded: footer.count))
        end.raw(Self.magic)
        try put(end.bytes)
    }

    private func dictionary(_ id: Int, _ texts: [String], isDelta: Bool) throws(VarveError) {
        let fresh = texts[written[id]...]
        var body = ArrowBody(capacity: 0, nil)
        guard body.add(texts: fresh) else {
            let name = columns.filter { $0.kind == .text }[id].name
            throw VarveError(
                .limit, "the texts of the column \(name) are longer than Arrow can say", expected: "at most 2 GiB",
                remedy: "export fewer runs at a time")
        }
        written[id] = texts.count
        let message = ArrowSchema.dictionaryMessage(id: id, texts: fresh.count, isDelta: isDelta, body)
        try self.message(message, body.bytes, &dictionaries)
    }

    private func message(
        _ message: [UInt8], _ body: [UInt8], _ blocks: inout [ArrowSchema.Block]
    ) throws(VarveError) {
        blocks.append(ArrowSchema.Block(offset: offset, metadataBytes: message.count, bodyBytes: body.count))
        try put(message)
        if !body.isEmpty { try put(body) }
    }

    private func put(_ bytes: [UInt8]) throws(VarveError) {
        try write(bytes)
        offset += bytes.count
    }
}
