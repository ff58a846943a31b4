import VarveFormat

extension Snapshot {
    /// The metrics of all runs, by name and context.
    public func metrics() throws(VarveError) -> [MetricInfo] { try metrics(of: nil) }

    /// The metrics of one run, by name and context.
    public func metrics(of run: RunID) throws(VarveError) -> [MetricInfo] { try metrics(of: run.id) }

    /// The metrics of the runs and pairs that a search found, by name and context.
    ///
    /// - Parameter run: only this one of them.
    public func metrics(of found: Found, in run: RunID? = nil) throws(VarveError) -> [MetricInfo] {
        let runs = Set(found.runs.map(\.id.id)).filter { run == nil || $0 == run?.id }
        let pairs = found.pairs?.mapValues { Set($0.map(\.id)) }
        return try reading { content throws(VarveError) in
            try content.metrics(of: runs) { metric, run in pairs.map { $0[metric]?.contains(run) ?? false } ?? true }
        }
    }

    private func metrics(of run: UniqueID?) throws(VarveError) -> [MetricInfo] {
        try reading { content throws(VarveError) in try content.metrics(of: run) }
    }
}

extension SnapshotContent {
    /// The metrics of one run, or of all.
    func metrics(of run: UniqueID?) throws(VarveError) -> [MetricInfo] { try metrics(of: run.map { [$0] }) }

    /// The metrics of some runs, or of all.
    ///
    /// - Parameter wants: whether a metric of a run counts; asked only where runs are given.
    func metrics(
        of runs: Set<UniqueID>?, _ wants: (MetricKey, UniqueID) -> Bool = { _, _ in true }
    ) throws(VarveError) -> [MetricInfo] {
        var catalog = MetricCatalog()
        let codec = ColumnCodec()
        let alone = runs == nil ? segmentsAlone() : []
        for (number, segment) in segments.enumerated() {
            if alone.contains(number) {
                for metric in segment.metrics.metrics { catalog.add(metric) }
                continue
            }
            let rows: [Int]?
            if let runs {
                let found = runs.compactMap { segment.row(of: $0) }.sorted()
                if found.isEmpty { continue }
                rows = found
            } else {
                rows = nil
            }
            let cursor = SegmentCursor(segment, codec: codec)
            for (position, metric) in segment.metrics.metrics.enumerated() {
                var slices = SliceIterator(cursor, metric: position, runs: rows)
                while let slice = try slices.next() {
                    guard isTrusted(number, slice.file), wants(metric.metric, segment.runs[slice.run]) else { continue }
                    catalog.add(
                        metric.metric, run: segment.runs[slice.run], points: slice.count, type: slice.flags.valueType)
                }
            }
        }
        for file in openedFiles where runs?.contains(file.begin.run) ?? true {
            guard let tail = file.tail else { continue }
            for key in tail.series where wants(key.metric, file.begin.run) {
                catalog.add(
                    key.metric, run: file.begin.run, points: tail.count(key), type: tail.types[key] ?? .double)
            }
        }
        return catalog.infos
    }
}

extension SnapshotContent {
    /// Segments of which every row counts, and whose runs stand nowhere else: what their metrics sections say of runs and
    /// points is right as it is, and no slice has to be looked at.
    private func segmentsAlone() -> Set<Int> {
        var owners: [UniqueID: Int] = [:]
        var shared: Set<Int> = []
        // Runs of whole segments follow each other: mostly comparing their ends is enough.
        let ordered = segments.indices.filter { !segments[$0].runs.isEmpty }
            .sorted { segments[$0].runs[0] < segments[$1].runs[0] }
        let areApart = zip(ordered, ordered.dropFirst()).allSatisfy { a, b in
            segments[a].runs[segments[a].runs.count - 1] < segments[b].runs[0]
        }
        if !areApart {
            for number in ordered {
                for run in segments[number].runs {
                    guard let other = owners.updateValue(number, forKey: run) else { continue }
                    shared.formUnion([number, other])
                }
            }
        }
        for file in openedFiles where file.tail != nil {
            for number in ordered where segments[number].row(of: file.begin.run) != nil { shared.insert(number) }
        }
        return Set(ordered.filter { !shared.contains($0) && isWhole($0) })
    }
}

/// Counts metrics over segments and files.
private struct MetricCatalog {
    private struct Entry {
        var runs: Set<UniqueID> = []
        /// Runs that stand nowhere else.
        var otherRuns = 0
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

    /// Takes all of a metric in a segment.
    mutating func add(_ metric: SegmentMetric) {
        guard metric.points > 0 else { return }
        entries[metric.metric, default: Entry()].otherRuns += metric.runs
        entries[metric.metric]?.points += metric.points
        entries[metric.metric]?.types.formUnion(metric.types)
    }

    var infos: [MetricInfo] {
        entries.map {
            MetricInfo(
                metric: $0.key, runs: $0.value.runs.count + $0.value.otherRuns, points: $0.value.points,
                valueType: $0.value.types.widest)
        }.sorted { $0.metric < $1.metric }
    }
}
