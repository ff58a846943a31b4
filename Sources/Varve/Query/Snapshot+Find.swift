import VarveFormat

/// What a ``Search`` found.
public struct Found: Sendable {
    /// The runs, in the search's order.
    public var runs: [RunInfo]
    /// Where the search says something of metrics: the pairs of a metric and a run for which it holds, among the runs that
    /// were found; nil: it doesn't, and any metric of these runs is meant.
    public var pairs: [MetricKey: [RunID]]?
}

extension Snapshot {
    /// Finds runs, and pairs of a run and a metric.
    ///
    /// Properties are compared in the columns of the index, and figures of metrics are those of ``statistics(_:)``, which
    /// are looked up only for pairs that may still match once properties, names and contexts are known. No log is opened
    /// for what the index has.
    ///
    /// A run without any point takes part as one pair whose metric has nothing, so that
    /// `status == "failed" or metric.last > 10` finds runs that failed before their first point.
    /// - Throws: `invalid` if `metrics["…"]` is more than one metric.
    public func find(_ search: Search) throws(VarveError) -> Found {
        var finder = Finder(snapshot: self, content: content, search: search)
        return try finder.found()
    }
}

/// A search at work: rows are places among the runs of the snapshot, oldest first.
private struct Finder {
    private let snapshot: Snapshot
    private let content: SnapshotContent
    private let search: Search
    private let condition: FilterCondition
    private let columns: ColumnShelf
    private let hosts: HostShelf
    private let runs: [UniqueID]
    /// The metrics of the snapshot, where the search says something of metrics.
    private var metrics: [MetricKey] = []
    private lazy var rowsByRun = Dictionary(uniqueKeysWithValues: runs.enumerated().map { ($1, $0) })

    /// The statistics of the pairs that were found: big, so that an ``Entry`` only says where they stand.
    private var knownPairs: [SeriesStatistics] = []

    /// A run, or a pair of a run and a metric, that was found.
    private struct Entry {
        var row: Int
        /// Its place in ``Finder/knownPairs``; −1: a run by itself.
        var pair = -1
    }

    private func statistics(_ entry: Entry) -> SeriesStatistics? { entry.pair < 0 ? nil : knownPairs[entry.pair] }

    init(snapshot: Snapshot, content: SnapshotContent, search: Search) {
        self.snapshot = snapshot
        self.content = content
        self.search = search
        condition = search.filter?.condition ?? .all([])
        runs = content.runIDs
        columns = ColumnShelf(IndexColumns(content))
        hosts = HostShelf(content)
    }

    mutating func found() throws(VarveError) -> Found {
        if search.namesMetrics || !selectors.isEmpty {
            metrics = try snapshot.metrics().map(\.metric)
        }
        try lookUpSelectors()
        // In two steps: as an argument, `pairs()` would be called once `self` was copied for the call around it.
        let unordered = search.namesMetrics ? try pairs() : runsAlone()
        let entries = ordered(unordered)
        var rows: [Int] = []
        var isFound = Array(repeating: false, count: runs.count)
        for entry in entries where !isFound[entry.row] && rows.count < search.limit ?? .max {
            isFound[entry.row] = true
            rows.append(entry.row)
        }
        var result = Found(runs: content.infos(of: rows.map { runs[$0] }))
        guard search.namesMetrics else { return result }
        var pairs: [MetricKey: [RunID]] = [:]
        for entry in entries where isFound[entry.row] {
            if let statistics = statistics(entry) { pairs[statistics.metric, default: []].append(statistics.run) }
        }
        result.pairs = pairs
        return result
    }

    private func runsAlone() -> [Entry] {
        let mask = FilterEvaluation(columns: columns).rows(condition)
        return (0..<runs.count).compactMap { mask[$0] ? Entry(row: $0) : nil }
    }

    // MARK: Metrics

    /// The single metrics that are asked for.
    private var selectors: Set<MetricSelector> {
        var selectors: Set<MetricSelector> = []
        for operand in condition.operands + search.order.map(\.key.operand) {
            if case .series(let selector, _) = operand { selectors.insert(selector) }
        }
        return selectors
    }

    /// Looks up what the expression asks of single metrics, in the runs that may still be found.
    private mutating func lookUpSelectors() throws(VarveError) {
        let selectors = selectors
        guard !selectors.isEmpty else { return }
        let possible = FilterEvaluation(
            columns: columns, knows: { if case .property = $0 { true } else { false } }
        ).rows(condition)
        let rows = (0..<runs.count).filter { possible[$0] }
        for selector in selectors {
            let meant = try selector.metrics(among: metrics)
            let found = try statistics(Dictionary(uniqueKeysWithValues: meant.map { ($0, rows) }))
            columns.put(selector, Self.merged(meant.compactMap { found[$0] }))
        }
    }

    /// The series of several ranks as one, by row.
    private static func merged(
        _ ranks: [[(row: Int, statistics: SeriesStatistics)]]
    ) -> [(row: Int, statistics: SeriesStatistics)] {
        guard ranks.count > 1 else { return ranks.first ?? [] }
        let byRow = Dictionary(grouping: ranks.joined(), by: \.row).sorted { $0.key < $1.key }
        return byRow.compactMap { row, ranks in
            SeriesStatistics.merged(ranks.map(\.statistics)).map { (row, $0) }
        }
    }

    private mutating func pairs() throws(VarveError) -> [Entry] {
        var candidates: [MetricKey: [Int]] = [:]
        for metric in metrics {
            let mask = FilterEvaluation(columns: columns, knows: Self.isKnownBeforeStatistics).rows(
                condition.about(metric))
            let rows = (0..<runs.count).filter { mask[$0] }
            if !rows.isEmpty { candidates[metric] = rows }
        }
        var entries: [Entry] = []
        let known = try statistics(candidates)
        for metric in known.keys.sorted() {
            let pairs = known[metric] ?? []
            let pairColumns = PairColumns(metric: metric, pairs: pairs, runs: columns, hosts: hosts)
            let mask = FilterEvaluation(columns: pairColumns).rows(condition)
            for (place, pair) in pairs.enumerated() where mask[place] {
                entries.append(Entry(row: pair.row, pair: knownPairs.count))
                knownPairs.append(pair.statistics)
            }
        }
        return entries + runsWithoutPoints()
    }

    private static func isKnownBeforeStatistics(_ operand: FilterOperand) -> Bool {
        switch operand {
        case .metric(.figure), .metric(.host): false
        default: true
        }
    }

    private func runsWithoutPoints() -> [Entry] {
        let mask = FilterEvaluation(columns: columns).rows(condition.about(nil))
        let rows = (0..<runs.count).filter { mask[$0] }
        return rows.compactMap { row in
            let info = content.info(of: runs[row], [:])
            return info.points == 0 && info.forkedFrom == nil ? Entry(row: row) : nil
        }
    }

    /// The statistics of metrics in some runs each, by metric, rows ascending.
    private mutating func statistics(
        _ wanted: [MetricKey: [Int]]
    ) throws(VarveError) -> [MetricKey: [(row: Int, statistics: SeriesStatistics)]] {
        var result: [MetricKey: [(row: Int, statistics: SeriesStatistics)]] = [:]
        for (name, metrics) in Dictionary(grouping: wanted.keys, by: { Array($0.name.utf8) }) {
            let rows = metrics.reduce(into: Set<Int>()) { $0.formUnion(wanted[$1] ?? []) }
            var query = Query(metric: String(decoding: name, as: UTF8.self))
            if rows.count < runs.count { query.runs = rows.map { RunID(runs[$0]) } }
            // What all of them have narrows the query.
            let common = metrics.dropFirst().reduce(Set(metrics.first?.context ?? [])) { $0.intersection($1.context) }
            for pair in common { query.context[pair.key] = pair.value }
            for metric in metrics { result[metric] = [] }
            for series in try snapshot.statistics(query) {
                guard let row = rowsByRun[series.run.id], result[series.metric] != nil else { continue }
                result[series.metric]?.append((row, series))
            }
        }
        for (metric, rows) in wanted where rows.count < runs.count {
            let rows = Set(rows)
            result[metric]?.removeAll { !rows.contains($0.row) }
        }
        return result
    }

    // MARK: Order

    private func ordered(_ entries: [Entry]) -> [Entry] {
        var entries = entries
        // Runs by themselves are in order as they were found.
        if !knownPairs.isEmpty {
            entries.sort { ($0.row, statistics($0)?.metric) < ($1.row, statistics($1)?.metric) }
        }
        guard !search.order.isEmpty else { return entries }
        let columns = search.order.map { values($0.key, of: entries) }
        let order = entries.indices.sorted { a, b in
            for (key, values) in zip(search.order, columns) {
                guard let x = values[a], let y = values[b] else {
                    if (values[a] == nil) == (values[b] == nil) { continue }
                    return values[b] == nil
                }
                if x.precedes(y) { return !key.isDescending }
                if y.precedes(x) { return key.isDescending }
            }
            return a < b
        }
        return order.map { entries[$0] }
    }

    /// The values of a key by entry; NaN, which is neither high nor low, counts as none.
    private func values(_ key: Search.Key, of entries: [Entry]) -> [PropertyValue?] {
        let values: [PropertyValue?]
        if key.operand == .metric(.host) {
            values = entries.map { entry in
                let names = statistics(entry).map { hosts.hosts(of: $0.metric, inRow: entry.row) } ?? []
                return names.isEmpty ? nil : .string(names.joined(separator: ", "))
            }
        } else if case .metric(let part) = key.operand {
            values = entries.map { statistics($0).flatMap { part.value(of: $0) } }
        } else {
            var byRow: [Int: PropertyValue] = [:]
            if let column = columns.column(of: key.operand) {
                // By the first of several.
                for (row, value) in zip(column.rows, column.values) where byRow[row] == nil { byRow[row] = value }
            }
            values = entries.map { byRow[$0.row] }
        }
        return values.map { if case .double(let number)? = $0, number.isNaN { nil } else { $0 } }
    }
}

extension FilterCondition {
    /// The condition with a metric's name and context put in; nil: of a run that has no metric at all.
    fileprivate func about(_ metric: MetricKey?) -> FilterCondition {
        replacing { operand in
            guard case .metric(let part) = operand else { return operand }
            guard let metric else { return .literal(.absent) }
            switch part {
            case .figure, .host: return operand
            case .name, .context, .rank: return .literal(part.value(of: metric) ?? .absent)
            }
        }
    }
}

extension MetricPart {
    /// The value of a series.
    fileprivate func value(of series: SeriesStatistics) -> PropertyValue? {
        if case .figure(let figure) = self { figure.value(of: series) } else { value(of: series.metric) }
    }
}

private func < (a: (Int, MetricKey?), b: (Int, MetricKey?)) -> Bool {
    if a.0 != b.0 { return a.0 < b.0 }
    guard let x = a.1, let y = b.1 else { return a.1 == nil && b.1 != nil }
    return x < y
}
