import Varve

/// Streams a table, long or wide, into one of the formats that have columns.
struct TableExport {
    let snapshot: Snapshot
    let query: Query
    /// Whether columns are compressed with zstd.
    let zips: Bool
    /// How many encode; nil: as many as there are processors.
    let threads: Int?
    /// Rows of a batch, and values of a page of Parquet; nil: as many as is best. The latter is a multiple of 8.
    var rowsAtOnce: Int?
    var valuesAPage = 1 << 17

    func arrow(
        isFile: Bool, isWide: Bool, pixels: Int?, to write: ([UInt8]) throws(VarveError) -> Void
    ) throws(VarveError) -> Int {
        let labels = try ExportLabels(snapshot, query)
        let wide = isWide ? try WideTable(snapshot, query) : nil
        return try withoutActuallyEscaping(write) { write throws(VarveError) in
            let writer = ArrowWriter(columns(wide, pixels), isFile: isFile, to: write)
            try writer.begin(isWide ? WideTable.texts(labels) : LongTable.texts(labels))
            let count = try batches(wide, pixels, rows: rowsAtOnce ?? 1 << 16, labels) { [zips] in
                let zstd = zips ? Zstd() : nil
                return { batch throws(VarveError) in ArrowWriter.encode(batch, zstd) }
            } take: { batch throws(VarveError) in
                try writer.append(batch)
            }
            try writer.finish()
            return count
        }
    }

    func parquet(
        isWide: Bool, pixels: Int?, to write: ([UInt8]) throws(VarveError) -> Void
    ) throws(VarveError) -> Int {
        let labels = try ExportLabels(snapshot, query)
        let wide = isWide ? try WideTable(snapshot, query) : nil
        let columns = columns(wide, pixels)
        return try withoutActuallyEscaping(write) { write throws(VarveError) in
            let writer = ParquetWriter(columns, zips: zips, to: write)
            try writer.begin()
            let count = try batches(wide, pixels, rows: rowsAtOnce ?? 1 << 18, labels) { [zips, valuesAPage] in
                let encoder = RowGroupEncoder(columns, zips: zips, valuesAPage: valuesAPage)
                return { batch throws(VarveError) in try encoder.encode(batch) }
            } take: { group throws(VarveError) in
                try writer.append(group)
            }
            try writer.finish()
            return count
        }
    }

    private func columns(_ wide: WideTable?, _ pixels: Int?) -> [TableColumn] {
        let source = PointSource(snapshot: snapshot, query: query, pixels: pixels)
        return wide?.columns ?? LongTable.columns(withAttempts: source.hasAttempts)
    }

    /// - Parameter withNames: whether runs are called by their names, where no two are the same.
    func wideCSV(withNames: Bool, to write: ([UInt8]) throws(VarveError) -> Void) throws(VarveError) -> Int {
        let labels = try ExportLabels(snapshot, query)
        let wide = try WideTable(snapshot, query)
        let chosen = snapshot.runs(of: query)
        let distinct = withNames ? LineEncoder.distinctNames(chosen) : [:]
        let names = Dictionary(uniqueKeysWithValues: distinct.map { ($0.key.description, $0.value) })
        try write(WideCSV.header(wide.columns))
        return try batches(wide, nil, rows: 0, labels) {
            let encoder = WideCSV()
            return { batch throws(VarveError) in encoder.encode(batch, names: names) }
        } take: { bytes throws(VarveError) in
            try write(bytes)
        }
    }

    /// Sends the rows of the table through encoders on all cores.
    ///
    /// - Parameters:
    ///   - wide: nil: the long form, `rows` at a time.
    ///   - take: gets what the encoders made, in order.
    private func batches<Output: Sendable>(
        _ wide: WideTable?, _ pixels: Int?, rows: Int, _ labels: ExportLabels,
        _ makeEncoder: @escaping () -> OrderedPipeline<TableBatch, Output>.Encode,
        take: (Output) throws(VarveError) -> Void
    ) throws(VarveError) -> Int {
        let pipeline = OrderedPipeline<TableBatch, Output>(
            threads: OrderedPipeline<TableBatch, Output>.threads(threads), makeEncoder)
        let count: Int
        if let wide {
            count = try wide.forEachBatch(labels) { batch throws(VarveError) in try pipeline.submit(batch, take) }
        } else {
            let source = PointSource(snapshot: snapshot, query: query, pixels: pixels)
            let withAttempts = source.hasAttempts
            count = try source.forEachBatch(of: rows, labels) { batch throws(VarveError) in
                try pipeline.submit(LongTable.batch(batch, withAttempts: withAttempts), take)
            }
        }
        try pipeline.finish(take)
        return count
    }
}
