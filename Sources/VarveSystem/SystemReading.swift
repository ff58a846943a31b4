/// One figure of the machine, a process or a card, as it is now.
public struct SystemFigure: Hashable, Sendable {
    /// What of: `host`, `process`, `container`, or `gpu0`, `gpu1`, …: the value of the context `system`.
    public var of: String
    /// The metric, its unit last, such as `cpu_percent`.
    public var name: String
    /// How much.
    public var value: Double

    /// A figure.
    public init(of: String, _ name: String, _ value: Double) {
        self.of = of
        self.name = name
        self.value = value
    }
}

/// Differences of counters that only grow, as amounts a second.
///
/// The first reading of a counter, and one that fell (a device that went, a number that wrapped), gives nothing.
struct Rates {
    private var known: [String: (value: Double, time: Int64)] = [:]

    /// - Parameter time: monotonic nanoseconds.
    mutating func perSecond(_ name: String, _ value: Double, at time: Int64) -> Double? {
        defer { known[name] = (value, time) }
        guard let before = known[name], time > before.time, value >= before.value else { return nil }
        return (value - before.value) / (Double(time - before.time) / 1e9)
    }
}
