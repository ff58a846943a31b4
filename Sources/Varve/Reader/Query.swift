/// Which points a reader wants, of which series.
public struct Query: Sendable {
    /// The metric's name; nil: all of them.
    public var metric: String?
    /// Pairs that a series' context must have; it may have more.
    public var context: [String: String]
    /// The runs; nil: all of them.
    public var runs: [RunID]?
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
        times: ClosedRange<Int64>? = nil, view: View = .standard, x: MetricKey? = nil
    ) {
        self.metric = metric
        self.context = context
        self.runs = runs
        self.steps = steps
        self.times = times
        self.view = view
        self.x = x
    }
}

/// Consecutive points of one series. A series comes in one or more chunks, one after the other.
public struct SeriesChunk: Sendable {
    /// The run.
    public var run: RunID
    /// The metric and its context.
    public var metric: MetricKey
    /// How the values were logged.
    public var valueType: ValueType
    var stepStorage: [Int]
    var timeStorage: [Int64]
    var valueStorage: [Double]
    var xStorage: [Double]

    /// The number of points.
    public var count: Int { stepStorage.count }
    /// The steps.
    public var steps: Span<Int> { @_lifetime(borrow self) borrowing get { stepStorage.span } }
    /// The times, nanoseconds since 1970; `Int64.min`: none.
    public var times: Span<Int64> { @_lifetime(borrow self) borrowing get { timeStorage.span } }
    /// The values, bit for bit as they were logged.
    public var values: Span<Double> { @_lifetime(borrow self) borrowing get { valueStorage.span } }
    /// The values of the query's `x` metric, one a point; empty unless one was asked for.
    public var x: Span<Double> { @_lifetime(borrow self) borrowing get { xStorage.span } }
}

extension SeriesChunk {
    /// The last points.
    func suffix(_ count: Int) -> SeriesChunk {
        var chunk = self
        chunk.stepStorage = stepStorage.suffix(count)
        chunk.timeStorage = timeStorage.suffix(count)
        chunk.valueStorage = valueStorage.suffix(count)
        chunk.xStorage = xStorage.suffix(count)
        return chunk
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
