/// A metric, and how much there is of it.
public struct MetricInfo: Hashable, Sendable {
    /// The metric and its context.
    public var metric: MetricKey
    /// How many runs have it.
    public var runs: Int
    /// Points stored.
    public var points: Int
    /// How its values were logged.
    public var valueType: ValueType
}
