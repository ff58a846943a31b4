import VarveFormat

/// Which series a query wants, in the order in which they are read.
struct SeriesPlan {
    let content: SnapshotContent
    let query: Query
    /// The wanted runs; nil: all.
    let runs: Set<UniqueID>?
    /// The wanted metrics, in order.
    let metrics: [MetricKey]
    /// The wanted runs of each metric, if the query says so.
    private let pairs: [MetricKey: Set<UniqueID>]?
    /// Runs that have points of a metric outside the index, ascending.
    private let tails: [MetricKey: [UniqueID]]
    /// Runs that inherit another one's history, ascending.
    private let forks: [UniqueID]

    private let chosen: Set<MetricKey>?

    /// - Parameter chosen: which metrics of those that the query wants; nil: all.
    init(_ content: SnapshotContent, _ query: Query, metrics chosen: Set<MetricKey>? = nil) {
        self.content = content
        self.query = query
        self.chosen = chosen
        let pairs = query.pairs?.mapValues { Set($0.map(\.id)) }
        self.pairs = pairs
        var runs = query.runs.map { Set($0.map(\.id)) }
        if let pairs {
            let named = pairs.values.reduce(into: Set()) { $0.formUnion($1) }
            runs = runs.map { $0.intersection(named) } ?? named
        }
        self.runs = runs
        func wants(_ metric: MetricKey) -> Bool {
            if let name = query.metric, !metric.isNamed(name) { return false }
            if let chosen, !chosen.contains(metric) { return false }
            if let pairs, pairs[metric] == nil { return false }
            return metric.has(query.context)
        }
        var metrics: Set<MetricKey> = []
        for segment in content.segments {
            // Through a span a metric isn't copied: there are many, and of one series a single one is wanted.
            let all = segment.metrics.metrics
            let known = all.span
            for row in known.indices where wants(known[row].metric) { metrics.insert(known[row].metric) }
        }
        var tails: [MetricKey: Set<UniqueID>] = [:]
        for file in content.openedFiles {
            guard let tail = file.tail else { continue }
            for key in tail.series where wants(key.metric) {
                metrics.insert(key.metric)
                if runs?.contains(file.begin.run) ?? true { tails[key.metric, default: []].insert(file.begin.run) }
            }
        }
        self.metrics = metrics.sorted()
        self.tails = tails.mapValues { $0.sorted() }
        forks = content.forkedRuns.filter { runs?.contains($0) ?? true }
    }

    /// The same of other content.
    func moved(to content: SnapshotContent) -> SeriesPlan { SeriesPlan(content, query, metrics: chosen) }

    /// The wanted runs of a metric; nil: all.
    func runs(of metric: MetricKey) -> Set<UniqueID>? {
        guard let pairs else { return runs }
        return runs?.intersection(pairs[metric] ?? [])
    }

    /// Whether a series is wanted; the metric is one of ``metrics``, the run one of ``runs``.
    func wants(_ metric: MetricKey, _ run: UniqueID) -> Bool { pairs?[metric]?.contains(run) ?? true }

    /// What has to be decoded: what is shown, and what the query compares.
    var decodedColumns: Query.Columns {
        if query.view == .lastPerStep || query.x != nil { return .all }
        var columns = query.columns
        if query.steps != nil { columns.insert(.steps) }
        if query.times != nil { columns.insert(.times) }
        return columns
    }

    /// Runs that may have points of a metric which the index doesn't show.
    func runsOutsideIndex(_ metric: MetricKey) -> [UniqueID] {
        let tailing = tails[metric] ?? []
        return forks.isEmpty ? tailing : Set(tailing + forks).sorted()
    }
}
