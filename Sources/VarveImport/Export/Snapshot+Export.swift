import Varve

extension Snapshot {
    /// Writes the points of a query, as a stream: memory is bounded by a chunk.
    ///
    /// Runs are called by their IDs. JSON Lines begins with a line for each run, `{"run": id, "name": …, "properties": {…}}`,
    /// unless `withRuns` is off; CSV has no room for that, and calls runs by their names as long as no two of the query's
    /// are the same. ``Repository/importLogs(_:from:options:)`` reads both back to the same points; IDs become new ones.
    /// - Parameter write: takes the bytes, some 64 KiB at a time.
    /// - Returns: the number of points written.
    public func export(
        _ query: Query, as format: ExportFormat, withRuns: Bool = true,
        to write: ([UInt8]) throws(VarveError) -> Void
    ) throws(VarveError) -> Int {
        var formatter = PointFormatter(format)
        var bytes = formatter.header
        let chosen = runs.filter { query.runs?.contains($0.id) ?? true }
        let names = format == .csv && withRuns ? Self.distinctNames(chosen) : [:]
        if format == .jsonl, withRuns {
            for run in chosen {
                var properties = run.properties.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) }
                properties.removeAll { $0.key.hasPrefix(ImportHistory.prefix) || $0.key == "status" }
                if run.status == .failed { properties.append(("status", .string(run.status.rawValue))) }
                RunLine(run: run.id.description, properties: properties).object.write(to: &bytes)
                bytes.append(UInt8(ascii: "\n"))
                try Self.flush(&bytes, write)
            }
        }
        var count = 0
        let reader = try series(query)
        while let chunk = try reader.next() {
            formatter.begin(run: names[chunk.run] ?? chunk.run.description, metric: chunk.metric)
            for index in 0..<chunk.count {
                formatter.append(
                    step: chunk.steps[index], time: chunk.times[index], value: chunk.values[index], to: &bytes)
                try Self.flush(&bytes, write)
            }
            count += chunk.count
        }
        if !bytes.isEmpty { try write(bytes) }
        return count
    }

    private static func flush(
        _ bytes: inout [UInt8], _ write: ([UInt8]) throws(VarveError) -> Void
    ) throws(VarveError) {
        guard bytes.count >= 1 << 16 else { return }
        try write(bytes)
        bytes.removeAll(keepingCapacity: true)
    }

    /// The runs' names, if no two are the same and none is empty; else nothing.
    private static func distinctNames(_ runs: [RunInfo]) -> [RunID: String] {
        let names = runs.map(\.name)
        guard Set(names).count == names.count, !names.contains("") else { return [:] }
        return Dictionary(uniqueKeysWithValues: zip(runs.map(\.id), names))
    }
}
