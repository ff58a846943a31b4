import Varve

/// In what two runs differ.
public struct RunDifference: Sendable {
    /// The properties, by key: params first, then single values, tags, and the rest. `absent` where a run has none.
    public var properties: [Property]
    /// The metrics, by name and context.
    public var metrics: [Metric]

    /// A property of both.
    public struct Property: Hashable, Sendable {
        /// The full key, such as `params.lr`.
        public var key: String
        /// The first run's value.
        public var first: PropertyValue
        /// The second run's value.
        public var second: PropertyValue
        /// Whether they are the same: 1 and 1.0 are, and so is NaN and NaN.
        public var isSame: Bool { PropertyIdentity(first) == PropertyIdentity(second) }
    }

    /// A metric of both; nil where a run doesn't have it.
    public struct Metric: Hashable, Sendable {
        /// The metric.
        public var metric: MetricKey
        /// The first run's.
        public var first: SeriesStatistics?
        /// The second run's.
        public var second: SeriesStatistics?
        /// Whether number, steps, extremes and last values are the same.
        public var isSame: Bool {
            guard var first, let second else { return first == nil && second == nil }
            first.run = second.run
            return first == second
        }
    }

    /// Compares two runs.
    public init(_ first: RunInfo, _ second: RunInfo, in snapshot: Snapshot) throws(VarveError) {
        var (a, b) = (first.properties, second.properties)
        a["status"] = .string(first.status.rawValue)
        b["status"] = .string(second.status.rawValue)
        var all = a
        for (key, value) in b { all[key] = value }
        all["name"] = nil
        properties = all.keys.map { key in
            Property(key: key, first: a[key] ?? .absent, second: b[key] ?? .absent)
        }.sorted { (Self.rank($0.key), $0.key) < (Self.rank($1.key), $1.key) }
        var known: [MetricKey: Metric] = [:]
        for series in try snapshot.statistics(Query(runs: [first.id, second.id])) {
            var metric = known[series.metric] ?? Metric(metric: series.metric)
            if series.run == first.id { metric.first = series }
            if series.run == second.id { metric.second = series }
            known[series.metric] = metric
        }
        metrics = known.values.sorted { $0.metric < $1.metric }
    }

    private static func rank(_ key: String) -> Int {
        ["params.", "values.", "tags."].firstIndex { key.beginsWithBytes(of: $0) } ?? 3
    }
}
