import Varve

/// The values of each metric in each run that a report counts: one, but of a metric whose contexts are averaged over, such as
/// ranks, one for each of them.
struct MetricValues {
    /// By metric and run; NaN and infinities are values.
    private(set) var values: [MetricKey: [RunID: [Double]]] = [:]

    private let contexts: Set<String>
    private let byHost: Bool

    /// The one value that stands for a run: the mean of those it has.
    func value(of metric: MetricKey, in run: RunID) -> Double? {
        guard let found = values[metric]?[run], !found.isEmpty else { return nil }
        return SeriesStatistics.meanOverRanks(found)
    }

    /// The metrics, by name and context.
    var metrics: [MetricKey] { values.keys.sorted() }

    /// Looks values up in what the index says of curves; only values at a step are read.
    ///
    /// - Parameters:
    ///   - found: The runs, and the pairs of a metric and a run if only these count.
    ///   - contexts: Keys of contexts that are averaged over.
    ///   - byHost: whether where something was logged becomes a part of its context.
    init(
        _ snapshot: Snapshot, _ found: Found, _ options: ReportOptions, over contexts: Set<String> = [],
        byHost: Bool = false
    ) throws(VarveError) {
        self.contexts = contexts
        self.byHost = byHost
        let known = try snapshot.metricKeys(of: found)
        let namesWithTests = Set(known.filter(ReportOptions.isTest).map(\.name))
        let wanted = Set(known.filter { options.wants($0, namesWithTests: namesWithTests) })
        if let metrics = options.metrics { try takeProperties(metrics, found.runs) }
        for name in Set(wanted.map(\.name)).sorted() {
            var query = Query(metric: name, runs: found.runs.map(\.id))
            query.pairs = found.pairs
            if case .step(let step) = options.moment {
                take(try Self.values(snapshot, query, at: step), among: wanted, snapshot)
            } else {
                take(try Self.values(snapshot, query, options), among: wanted, snapshot)
            }
        }
        guard !byHost else { return }
        for metric in wanted where values[metric.without(contexts)] == nil { values[metric.without(contexts)] = [:] }
    }

    private mutating func take(
        _ found: [(metric: MetricKey, run: RunID, value: Double)], among wanted: Set<MetricKey>, _ snapshot: Snapshot
    ) {
        for (metric, run, value) in found where wanted.contains(metric) {
            var key = metric.without(contexts)
            if byHost { key = key.on(snapshot.hosts(of: metric, in: run)) }
            values[key, default: [:]][run, default: []].append(value)
        }
    }

    private static func values(
        _ snapshot: Snapshot, _ query: Query, _ options: ReportOptions
    ) throws(VarveError) -> [(metric: MetricKey, run: RunID, value: Double)] {
        try snapshot.statistics(query).compactMap { series in
            let point =
                switch (options.moment, options.direction(of: series.metric.name)) {
                case (.best, .minimise): series.min
                case (.best, .maximise): series.max
                default: series.last
                }
            // The best of a curve without a finite value is what it has.
            return (point ?? series.last).map { (series.metric, series.run, $0.value) }
        }
    }

    private static func values(
        _ snapshot: Snapshot, _ query: Query, at step: Int
    ) throws(VarveError) -> [(metric: MetricKey, run: RunID, value: Double)] {
        var query = query
        query.steps = step...step
        query.view = .lastPerStep
        var found: [(metric: MetricKey, run: RunID, value: Double)] = []
        let reader = try snapshot.series(query)
        while let chunk = try reader.next() {
            if chunk.count > 0 { found.append((chunk.metric, chunk.run, chunk.values[chunk.count - 1])) }
        }
        return found
    }

    /// Single values, and how long runs took.
    private mutating func takeProperties(_ names: [String], _ runs: [RunInfo]) throws(VarveError) {
        for name in names where name == ReportOptions.duration || name.beginsWithBytes(of: "values.") {
            var found: [RunID: Double] = [:]
            for run in runs {
                if name == ReportOptions.duration {
                    found[run.id] = run.seconds
                } else {
                    switch run.properties[name] {
                    case .int(let number): found[run.id] = Double(number)
                    case .double(let number): found[run.id] = number
                    default: break
                    }
                }
            }
            guard byHost else {
                values[MetricKey(name)] = found.mapValues { [$0] }
                continue
            }
            for run in runs {
                if let value = found[run.id] { values[MetricKey(name).on(run.hosts), default: [:]][run.id] = [value] }
            }
        }
    }
}

extension MetricKey {
    /// The metric as it was logged on these hosts.
    fileprivate func on(_ hosts: [String]) -> MetricKey {
        let pairs = context.map { ($0.key, $0.value) } + [(MetricPart.hostKey, RunColumns.hostText(hosts) ?? "")]
        return MetricKey(name, context: Dictionary(pairs) { $1 })
    }
}

extension RunInfo {
    /// How long it took; nil: it hasn't ended.
    var seconds: Double? { ended.map { Swift.max(0, (Double($0) - Double(created)) / 1e9) } }
}
