import Varve

/// What there is in some runs: their number, how long they took, their metrics, and each param with its values.
public struct RepositorySummary: Sendable {
    /// The runs.
    public var runs: [RunInfo]
    /// How long those took that ended, in seconds.
    public var durations: Sample
    /// The names of their metrics.
    public var metrics: [String]
    /// The contexts of their metrics, as `key=value`, by key.
    public var contexts: [String]
    /// Their tags.
    public var tags: [String]
    /// Their params, by name.
    public var params: [ParamAxis]

    /// Sums up what a search finds.
    public init(of snapshot: Snapshot, _ search: Search = Search()) throws(VarveError) {
        let found = try snapshot.find(search)
        let metrics = try snapshot.metricKeys(of: found)
        runs = found.runs
        durations = Sample(runs.compactMap(\.seconds))
        self.metrics = Set(metrics.map(\.name)).sorted()
        contexts = Set(metrics.flatMap { $0.context.map { "\($0.key)=\($0.value)" } }).sorted()
        tags = runs.reduce(into: Set()) { $0.formUnion($1.tags) }.sorted()
        params = ParamAxis.all(of: runs)
    }
}
