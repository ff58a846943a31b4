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
        return try reading { content throws(VarveError) in try content.metrics(of: runs, pairs) }
    }

    /// Which metrics the runs and pairs have that a search found, by name and context: cheaper than counting them, since one
    /// point of each is enough.
    public func metricKeys(of found: Found) throws(VarveError) -> [MetricKey] {
        let runs = Set(found.runs.map(\.id.id))
        if let pairs = found.pairs {
            return pairs.filter { $0.value.contains { runs.contains($0.id) } }.keys.sorted()
        }
        return try reading { content throws(VarveError) in try content.metricKeys(of: runs) }
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
    /// - Parameter pairs: which runs of each metric count; nil: all of `runs`.
    func metrics(
        of runs: Set<UniqueID>?, _ pairs: [MetricKey: Set<UniqueID>]? = nil
    ) throws(VarveError) -> [MetricInfo] {
        let chosen = pairs == nil ? narrowed(runs) : runs
        var catalog = MetricCatalog()
        let codec = ColumnCodec()
        let apart = segmentsApart()
        for (number, segment) in segments.enumerated() {
            let isApart = apart.contains(number)
            if chosen == nil, isApart, isWhole(number) {
                for metric in segment.metrics.metrics { catalog.add(metric) }
                continue
            }
            let rows = chosen.map { self.rows(of: $0, in: segment) }
            if let rows, rows.isEmpty { continue }
            let cursor = SegmentCursor(segment, codec: codec)
            for (position, metric) in segment.metrics.metrics.enumerated() {
                var wanted = rows
                if let pairs {
                    guard let runs = pairs[metric.metric] else { continue }
                    wanted = self.rows(of: chosen.map { $0.intersection(runs) } ?? runs, in: segment)
                }
                var slices = SliceIterator(cursor, metric: position, runs: wanted)
                var part = MetricCatalog.Part()
                while let slice = try slices.next() {
                    if isTrusted(number, slice.file) { part.add(slice) }
                }
                catalog.add(metric.metric, part, segment, isApart: isApart)
            }
        }
        for file in openedFiles where chosen?.contains(file.begin.run) ?? true {
            guard let tail = file.tail else { continue }
            for key in tail.series where pairs.map({ $0[key.metric]?.contains(file.begin.run) ?? false }) ?? true {
                catalog.add(
                    key.metric, run: file.begin.run, points: tail.count(key), type: tail.types[key] ?? .double)
            }
        }
        return catalog.infos
    }

    /// Which metrics some runs have.
    fileprivate func metricKeys(of runs: Set<UniqueID>) throws(VarveError) -> [MetricKey] {
        let chosen = narrowed(runs)
        var keys: Set<MetricKey> = []
        let codec = ColumnCodec()
        for (number, segment) in segments.enumerated() {
            let rows = chosen.map { self.rows(of: $0, in: segment) }
            if let rows, rows.isEmpty { continue }
            if rows?.count ?? segment.runs.count == segment.runs.count, isWhole(number) {
                for metric in segment.metrics.metrics where metric.points > 0 { keys.insert(metric.metric) }
                continue
            }
            let cursor = SegmentCursor(segment, codec: codec)
            for (position, metric) in segment.metrics.metrics.enumerated() where !keys.contains(metric.metric) {
                var slices = SliceIterator(cursor, metric: position, runs: rows)
                while let slice = try slices.next() {
                    guard slice.count > 0, isTrusted(number, slice.file) else { continue }
                    keys.insert(metric.metric)
                    break
                }
            }
        }
        for file in openedFiles where runs.contains(file.begin.run) {
            guard let tail = file.tail else { continue }
            for key in tail.series where tail.count(key) > 0 { keys.insert(key.metric) }
        }
        return keys.sorted()
    }

    /// Runs to look for; nil: they are all that there are.
    private func narrowed(_ runs: Set<UniqueID>?) -> Set<UniqueID>? {
        guard let runs, runs.count == runIDs.count, runIDs.allSatisfy(runs.contains) else { return runs }
        return nil
    }

    private func rows(of runs: Set<UniqueID>, in segment: SegmentReader) -> [Int] {
        runs.compactMap { segment.row(of: $0) }.sorted()
    }
}

extension SnapshotContent {
    /// Segments whose runs stand nowhere else: those of two segments are never the same. Where every row of one counts, too, what
    /// its metrics section says of runs and points is right as it is, and no slice has to be looked at.
    private func segmentsApart() -> Set<Int> {
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
        return Set(ordered).subtracting(shared)
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

    /// What slices of one metric in one segment come to.
    struct Part {
        /// Rows of the segment's runs, ascending.
        private(set) var runs: [Int] = []
        private(set) var points = 0
        private(set) var types: ValueTypes = []

        /// Takes the next slice; runs ascend.
        mutating func add(_ slice: SliceRef) {
            if runs.last != slice.run { runs.append(slice.run) }
            points += slice.count
            types.insert(ValueTypes(slice.flags.valueType))
        }
    }

    private var entries: [MetricKey: Entry] = [:]

    /// Takes some of a metric in a segment.
    ///
    /// - Parameter isApart: no run of the segment stands anywhere else.
    mutating func add(_ metric: MetricKey, _ part: Part, _ segment: SegmentReader, isApart: Bool) {
        guard part.points > 0 else { return }
        var entry = entries.removeValue(forKey: metric) ?? Entry()
        if isApart {
            entry.otherRuns += part.runs.count
        } else {
            for row in part.runs { entry.runs.insert(segment.runs[row]) }
        }
        entry.points += part.points
        entry.types.formUnion(part.types)
        entries[metric] = entry
    }

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
