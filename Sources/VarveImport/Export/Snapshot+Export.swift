import Varve

extension Snapshot {
    /// Writes the points of a query, as a stream: memory is bounded by a chunk.
    ///
    /// Runs are called by their IDs. JSON Lines begins with a line for each run, `{"run": id, "name": …, "properties": {…}}`,
    /// unless `withRuns` is off; CSV has no room for that, and calls runs by their names as long as no two of the query's
    /// are the same. ``Repository/importLogs(_:from:options:)`` reads both back to the same points; IDs become new ones.
    /// - Parameters:
    ///   - pixels: of each series only what is seen of it on a line of so many pixels, four points each (``Curve``); nil: all
    ///     points.
    ///   - write: takes the bytes, some 64 KiB at a time.
    /// - Returns: the number of points written.
    public func export(
        _ query: Query, as format: ExportFormat, withRuns: Bool = true, pixels: Int? = nil,
        to write: ([UInt8]) throws(VarveError) -> Void
    ) throws(VarveError) -> Int {
        let formatter = PointFormatter(format)
        formatter.append(formatter.header)
        let chosen = runs.filter { query.runs?.contains($0.id) ?? true }
        let names = format == .csv && withRuns ? Self.distinctNames(chosen) : [:]
        if format == .jsonl, withRuns {
            for run in chosen {
                formatter.append(Self.line(of: run))
                if formatter.isFull { try write(formatter.take()) }
            }
        }
        var count = 0
        if let pixels {
            for curve in try curves(query, pixels: pixels, includingTimes: true) {
                formatter.begin(run: names[curve.run] ?? curve.run.description, metric: curve.metric)
                for point in curve.points {
                    formatter.append(step: point.step, time: point.time, value: point.value)
                    if formatter.isFull { try write(formatter.take()) }
                    count += 1
                }
            }
            try write(formatter.take())
            return count
        }
        let reader = try series(query)
        while let chunk = try reader.next() {
            formatter.begin(run: names[chunk.run] ?? chunk.run.description, metric: chunk.metric)
            try formatter.write(chunk, to: write)
            count += chunk.count
        }
        let rest = formatter.take()
        if !rest.isEmpty { try write(rest) }
        return count
    }

    /// The line of JSON that stands for a run and its properties.
    private static func line(of run: RunInfo) -> [UInt8] {
        var properties = run.properties.sorted { $0.key.precedesByBytes($1.key) }.map { (key: $0.key, value: $0.value) }
        properties.removeAll { $0.key.hasPrefix(ImportHistory.prefix) || $0.key == "status" }
        if run.status == .failed { properties.append(("status", .string(run.status.rawValue))) }
        var bytes: [UInt8] = []
        RunLine(run: run.id.description, properties: properties).object.write(to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    /// The runs' names, if no two are the same and none is empty; else nothing.
    private static func distinctNames(_ runs: [RunInfo]) -> [RunID: String] {
        let names = runs.map(\.name)
        guard Set(names).count == names.count, !names.contains("") else { return [:] }
        return Dictionary(uniqueKeysWithValues: zip(runs.map(\.id), names))
    }
}
