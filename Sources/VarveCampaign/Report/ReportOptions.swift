import Varve

/// What a report is to tell.
public struct ReportOptions: Sendable {
    /// The params that make groups, by name; nil: all that vary, but for repetitions and counters.
    public var groupBy: [String]?
    /// Params that are averaged over, beside those whose names say so; keys of contexts, too: with `rank` each rank's value counts.
    public var over: [String] = []
    /// The metrics, by name; nil: all. `run_duration` is how long runs took, in seconds, and `values.x` a single value.
    public var metrics: [String]?
    /// Contexts, as `key=value`, or as a value that any key may have; nil: of each metric those whose `subset` begins with
    /// `test`, and if it has none, all.
    public var contexts: [String]?
    /// Which value of a curve counts.
    public var moment = Moment.last
    /// Where the names of metrics say the wrong thing of what is better.
    public var directions: [String: MetricDirection] = [:]
    /// Only campaigns with these IDs.
    public var campaigns: [String]?
    /// Whether values of runs that didn't finish count, too.
    public var includesUnfinished = false
    /// The params whose values are compared in pairs.
    public var compare: [String] = []

    /// The defaults.
    public init() {}

    /// Which value of a curve counts.
    public enum Moment: Hashable, Sendable {
        /// The last one in the run's order.
        case last
        /// The smallest or largest finite one, whichever is better of this metric.
        case best
        /// The last one that was logged at this step.
        case step(Int)
    }

    /// What is better of a metric.
    public func direction(of metric: String) -> MetricDirection { directions[metric] ?? MetricDirection(of: metric) }

    static let duration = "run_duration"

    /// Whether a metric is asked for, by name and context, among all that there are.
    func wants(_ metric: MetricKey, namesWithTests: Set<String>) -> Bool {
        if let metrics, !metrics.contains(metric.name) { return false }
        guard let contexts else {
            return !namesWithTests.contains(metric.name) || Self.isTest(metric)
        }
        return contexts.contains { wanted in
            metric.context.contains { $0.value == wanted || "\($0.key)=\($0.value)" == wanted }
        }
    }

    static func isTest(_ metric: MetricKey) -> Bool { metric["subset"]?.hasPrefix("test") ?? false }
}
