/// Which points a reader wants, of which series.
public struct Query: Sendable {
    /// The metric's name; nil: all of them.
    public var metric: String?
    /// Pairs that a series' context must have; it may have more.
    public var context: [String: String]
    /// The runs; nil: all of them.
    public var runs: [RunID]?
    /// The runs of each metric that are wanted, as ``Snapshot/find(_:)`` gives them; nil: all that the rest allows.
    public var pairs: [MetricKey: [RunID]]?
    /// Steps from the lower bound to the upper, both included.
    public var steps: ClosedRange<Int>?
    /// Times from the lower bound to the upper, both included, nanoseconds since 1970; points without a time don't
    /// match.
    public var times: ClosedRange<Int64>?
    /// What is shown of steps that were logged more than once.
    public var view: View
    /// Another metric of the same run whose values stand in for the steps: by position where the two share an axis,
    /// else by step.
    public var x: MetricKey?

    /// What is read of each point: what isn't asked for is neither read from the file nor decoded, where the index has it.
    public var columns: Columns

    /// Columns of a series.
    public struct Columns: OptionSet, Hashable, Sendable {
        /// A bit each.
        public let rawValue: UInt8
        /// The columns with these bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        /// The steps.
        public static let steps = Columns(rawValue: 1)
        /// The wall times.
        public static let times = Columns(rawValue: 2)
        /// The values.
        public static let values = Columns(rawValue: 4)
        /// All three.
        public static let all: Columns = [.steps, .times, .values]
    }

    /// What is shown where a later attempt took something back or a step was logged again.
    public enum View: Hashable, Sendable {
        /// All points but those which a rewind superseded.
        case standard
        /// Superseded points too.
        case all
        /// The standard view's last point of each step, by step.
        case lastPerStep
    }

    /// All points of a metric in all contexts and runs, unless narrowed.
    public init(
        metric: String? = nil, context: [String: String] = [:], runs: [RunID]? = nil, steps: ClosedRange<Int>? = nil,
        times: ClosedRange<Int64>? = nil, view: View = .standard, x: MetricKey? = nil, columns: Columns = .all
    ) {
        self.metric = metric
        self.context = context
        self.runs = runs
        pairs = nil
        self.steps = steps
        self.times = times
        self.view = view
        self.x = x
        self.columns = columns
    }
}

/// What can be said of a series without looking at its curve.
public struct SeriesStatistics: Hashable, Sendable {
    /// The run.
    public var run: RunID
    /// The metric and its context.
    public var metric: MetricKey
    /// Points in the query's view.
    public var count: Int
    /// The smallest finite value, and the step of its first appearance.
    public var min: (value: Double, step: Int)?
    /// The largest finite value, and the step of its first appearance.
    public var max: (value: Double, step: Int)?
    /// The last point in the run's order.
    public var last: (value: Double, step: Int)?
    /// The smallest and the largest step.
    public var steps: ClosedRange<Int>?
    /// Values that are NaN.
    public var nan: Int
    /// Values that are +Inf.
    public var positiveInfinite: Int
    /// Values that are −Inf.
    public var negativeInfinite: Int

    /// Equal if all of it is, values by their bits.
    public static func == (a: SeriesStatistics, b: SeriesStatistics) -> Bool {
        func bits(_ x: (value: Double, step: Int)?) -> [Int64] {
            x.map { [Int64(bitPattern: $0.value.bitPattern), Int64($0.step)] } ?? []
        }
        return a.run == b.run && a.metric == b.metric && a.count == b.count && a.steps == b.steps && a.nan == b.nan
            && a.positiveInfinite == b.positiveInfinite && a.negativeInfinite == b.negativeInfinite
            && bits(a.min) == bits(b.min) && bits(a.max) == bits(b.max) && bits(a.last) == bits(b.last)
    }

    /// Hashes the run and the metric.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(run)
        hasher.combine(metric)
        hasher.combine(count)
    }
}
