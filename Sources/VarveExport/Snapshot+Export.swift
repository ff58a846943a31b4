import Varve
import VarveImport

extension Snapshot {
    /// Writes the points of a query, as a stream: memory is bounded by some batches, whatever the number of points.
    ///
    /// Runs are called by their IDs. JSON Lines begins with a line for each run, `{"run": id, "name": …, "properties": {…}}`,
    /// and ends with one for each record, unless `withRuns` is off; CSV has no room for that, and calls runs by their names as long as no two of the query's
    /// are the same. ``Repository/importLogs(_:from:options:)`` reads both back to the same points; IDs become new ones.
    /// Arrow and Parquet have both in columns of their own. With the view `all` each point's attempt stands in a last column, `attempt`. Docs/Export.md says what stands where.
    /// - Parameters:
    ///   - pixels: of each series only what is seen of it on a line of so many pixels, four points each (``Curve``); nil: all
    ///     points. Not for the wide form.
    ///   - isWide: a row for each run, context and step, with a column for each metric, instead of a row a point. Of a step
    ///     that was logged several times the last point counts. Not for JSON Lines.
    ///   - compression: of Arrow and Parquet; nil: zstd for Parquet, none for Arrow.
    ///   - threads: how many encode; nil: as many as there are processors, up to 8.
    ///   - write: takes the bytes, some at a time, on the thread of the call.
    /// - Returns: the number of points written; of the wide form, those that a later one hides included.
    public func export(
        _ query: Query, as format: ExportFormat, withRuns: Bool = true, pixels: Int? = nil, isWide: Bool = false,
        compression: ExportCompression? = nil, threads: Int? = nil, to write: ([UInt8]) throws(VarveError) -> Void
    ) throws(VarveError) -> Int {
        if isWide, pixels != nil || !format.hasWideForm {
            throw VarveError(
                .invalid, "the wide form has all points, and JSON Lines have none", remedy: "leave one of them out")
        }
        let zips = (compression ?? (format == .parquet ? .zstd : .none)) == .zstd
        let export = TableExport(snapshot: self, query: query, zips: zips, threads: threads)
        switch (format, isWide) {
        case (.csv, false), (.jsonl, _):
            return try exportLines(query, format, withRuns: withRuns, pixels: pixels, threads, to: write)
        case (.csv, true): return try export.wideCSV(withNames: withRuns, to: write)
        case (.arrow, _), (.arrowStream, _):
            return try export.arrow(isFile: format == .arrow, isWide: isWide, pixels: pixels, to: write)
        case (.parquet, _): return try export.parquet(isWide: isWide, pixels: pixels, to: write)
        }
    }

    private func exportLines(
        _ query: Query, _ format: ExportFormat, withRuns: Bool, pixels: Int?, _ threads: Int?,
        to write: ([UInt8]) throws(VarveError) -> Void
    ) throws(VarveError) -> Int {
        let labels = try ExportLabels(self, Query(metric: "", runs: []))
        let chosen = runs(of: query)
        let names = format == .csv && withRuns ? LineEncoder.distinctNames(chosen) : [:]
        let source = PointSource(snapshot: self, query: query, pixels: pixels)
        let withAttempts = source.hasAttempts
        var head = PointFormatter(format, withAttempts: withAttempts).header
        if format == .jsonl, withRuns {
            for run in chosen {
                head += LineEncoder.line(of: run)
                guard head.count >= 1 << 16 else { continue }
                try write(head)
                head = []
            }
        }
        if !head.isEmpty { try write(head) }
        typealias Lines = OrderedPipeline<PointBatch, [UInt8]>
        let pipeline = Lines(threads: Lines.threads(threads)) {
            let encoder = LineEncoder(format, names: names, withAttempts: withAttempts)
            return { batch throws(VarveError) in encoder.encode(batch) }
        }
        let count = try source.forEachBatch(of: 1 << 13, labels) { batch throws(VarveError) in
            try pipeline.submit(batch, write)
        }
        try pipeline.finish(write)
        if format == .jsonl, withRuns { try exportRecords(query, of: chosen, to: write) }
        return count
    }

    /// A line each record, behind all points.
    private func exportRecords(
        _ query: Query, of runs: [RunInfo], to write: ([UInt8]) throws(VarveError) -> Void
    ) throws(VarveError) {
        for run in runs {
            let id = run.id.description
            try forEachRecord(of: run.id, in: query) { record throws(VarveError) in
                try write(Array((JSONValue.object(RecordLine.object(record, run: id)).text + "\n").utf8))
            }
        }
    }
}
