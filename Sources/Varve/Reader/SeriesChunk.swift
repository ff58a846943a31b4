import VarveFormat

/// Consecutive points of one series. A series comes in one or more chunks, one after the other.
public struct SeriesChunk: Sendable {
    /// The run.
    public let run: RunID
    /// The metric and its context.
    public let metric: MetricKey
    // In this order there are no gaps: a reader makes millions.
    private let points: KeptPoints
    /// How the values were logged.
    public let valueType: ValueType
    private let loggedBy: UInt32?
    /// The attempt that logged the points, of what a fork inherits one of its source; nil where points of several are put together: in
    /// the view `lastPerStep`, and beside an x metric.
    public var attempt: Int? { loggedBy.map { Int($0) } }

    /// The number of points.
    public var count: Int { points.count }

    /// The steps; empty if the query didn't ask for them.
    public var steps: Span<Int> { @_lifetime(borrow self) borrowing get { points.steps } }
    /// The times, nanoseconds since 1970; `Int64.min`: none. Empty if the query didn't ask for them.
    public var times: Span<Int64> { @_lifetime(borrow self) borrowing get { points.times } }
    /// The values, bit for bit as they were logged. Empty if the query didn't ask for them.
    public var values: Span<Double> { @_lifetime(borrow self) borrowing get { points.values } }
    /// The values of the query's `x` metric, one a point; empty unless one was asked for.
    public var x: Span<Double> { @_lifetime(borrow self) borrowing get { points.x } }

    /// A copy of what a view shows.
    public init(_ view: borrowing SeriesView) {
        run = view.run
        metric = view.metric
        valueType = view.valueType
        loggedBy = view.attempt.map { UInt32(clamping: $0) }
        points = KeptPoints(copying: view)
    }

    /// Points where they are.
    init(run: RunID, metric: MetricKey, valueType: ValueType, attempt: UInt32?, points: KeptPoints) {
        self.run = run
        self.metric = metric
        self.valueType = valueType
        loggedBy = attempt
        self.points = points
    }
}

/// Consecutive points of one series where the reader has them: ``SeriesReader/forEach(_:)`` shows them, and nothing is copied.
///
/// What it shows is gone with the view; ``SeriesChunk`` keeps a copy.
public struct SeriesView: ~Escapable {
    /// The run.
    public let run: RunID
    /// The metric and its context.
    public let metric: MetricKey
    /// How the values were logged.
    public let valueType: ValueType
    /// The attempt that logged the points, of what a fork inherits one of its source; nil where points of several are put together: in
    /// the view `lastPerStep`, and beside an x metric.
    public let attempt: Int?
    /// The number of points.
    public let count: Int
    /// The steps; empty if the query didn't ask for them.
    public let steps: Span<Int>
    /// The times, nanoseconds since 1970; `Int64.min`: none. Empty if the query didn't ask for them.
    public let times: Span<Int64>
    /// The values, bit for bit as they were logged. Empty if the query didn't ask for them.
    public let values: Span<Double>
    /// The values of the query's `x` metric, one a point; empty unless one was asked for.
    public let x: Span<Double>

    @_lifetime(copy steps, copy times, copy values, copy x)
    init(
        run: RunID, metric: MetricKey, valueType: ValueType, attempt: Int?, count: Int, steps: Span<Int>,
        times: Span<Int64>, values: Span<Double>, x: Span<Double>
    ) {
        self.run = run
        self.metric = metric
        self.valueType = valueType
        self.attempt = attempt
        self.count = count
        self.steps = steps
        self.times = times
        self.values = values
        self.x = x
    }
}
