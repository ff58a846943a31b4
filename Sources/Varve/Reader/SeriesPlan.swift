import VarveFormat

/// Which series a query wants, in the order in which they are read.
struct SeriesPlan {
    let content: SnapshotContent
    let query: Query
    /// The wanted runs; nil: all.
    let runs: Set<UniqueID>?
    /// The wanted metrics, in order.
    let metrics: [MetricKey]
    /// Runs that have points of a metric outside the index, ascending.
    private let tails: [MetricKey: [UniqueID]]
    /// Runs that inherit another one's history, ascending.
    private let forks: [UniqueID]

    init(_ content: SnapshotContent, _ query: Query) {
        self.content = content
        self.query = query
        let runs = query.runs.map { Set($0.map(\.id)) }
        self.runs = runs
        func wants(_ metric: MetricKey) -> Bool {
            if let name = query.metric, name != metric.name { return false }
            return query.context.allSatisfy { metric[$0.key] == $0.value }
        }
        var metrics: Set<MetricKey> = []
        for segment in content.segments {
            for metric in segment.metrics.metrics where wants(metric.metric) { metrics.insert(metric.metric) }
        }
        var tails: [MetricKey: Set<UniqueID>] = [:]
        var forks: [UniqueID] = []
        for (run, files) in content.files {
            if files.contains(where: { $0.begin.fork != nil }), runs?.contains(run) ?? true { forks.append(run) }
            for tail in files.compactMap(\.tail) {
                for key in tail.series where wants(key.metric) {
                    metrics.insert(key.metric)
                    if runs?.contains(run) ?? true { tails[key.metric, default: []].insert(run) }
                }
            }
        }
        self.metrics = metrics.sorted()
        self.tails = tails.mapValues { $0.sorted() }
        self.forks = forks.sorted()
    }

    /// Runs that may have points of a metric which the index doesn't show.
    func runsOutsideIndex(_ metric: MetricKey) -> [UniqueID] {
        let tailing = tails[metric] ?? []
        return forks.isEmpty ? tailing : Set(tailing + forks).sorted()
    }
}
