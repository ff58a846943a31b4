import VarveFormat

extension Snapshot {
    /// The metrics of all runs, by name and context.
    public func metrics() throws(VarveError) -> [MetricInfo] { try metrics(of: nil) }

    /// The metrics of one run, by name and context.
    public func metrics(of run: RunID) throws(VarveError) -> [MetricInfo] { try metrics(of: run.id) }

    private func metrics(of run: UniqueID?) throws(VarveError) -> [MetricInfo] {
        try reading { content throws(VarveError) in try content.metrics(of: run) }
    }
}

extension SnapshotContent {
    /// The metrics of one run, or of all.
    func metrics(of run: UniqueID?) throws(VarveError) -> [MetricInfo] {
        var catalog = MetricCatalog()
        let codec = ColumnCodec()
        for (number, segment) in segments.enumerated() {
            let rows: [Int]?
            if let run {
                guard let row = segment.row(of: run) else { continue }
                rows = [row]
            } else {
                rows = nil
            }
            let cursor = SegmentCursor(segment, codec: codec)
            for (position, metric) in segment.metrics.metrics.enumerated() {
                var slices = SliceIterator(cursor, metric: position, runs: rows)
                while let slice = try slices.next() {
                    guard isTrusted(number, slice.file) else { continue }
                    catalog.add(
                        metric.metric, run: segment.runs[slice.run], points: slice.count, type: slice.flags.valueType)
                }
            }
        }
        for file in openedFiles where run == nil || run == file.begin.run {
            guard let tail = file.tail else { continue }
            for key in tail.series {
                catalog.add(
                    key.metric, run: file.begin.run, points: tail.count(key), type: tail.types[key] ?? .double)
            }
        }
        return catalog.infos
    }
}

/// Counts metrics over segments and files.
private struct MetricCatalog {
    private struct Entry {
        var runs: Set<UniqueID> = []
        var points = 0
        var types: ValueTypes = []
    }

    private var entries: [MetricKey: Entry] = [:]

    mutating func add(_ metric: MetricKey, run: UniqueID, points: Int, type: ValueType) {
        guard points > 0 else { return }
        entries[metric, default: Entry()].runs.insert(run)
        entries[metric]?.points += points
        entries[metric]?.types.insert(ValueTypes(type))
    }

    var infos: [MetricInfo] {
        entries.map {
            MetricInfo(
                metric: $0.key, runs: $0.value.runs.count, points: $0.value.points, valueType: $0.value.types.widest)
        }.sorted { $0.metric < $1.metric }
    }
}
