import VarveFormat

/// Consecutive points of one series. A series comes in one or more chunks, one after the other.
public struct SeriesChunk: Sendable {
    /// The run.
    public let run: RunID
    /// The metric and its context.
    public let metric: MetricKey
    /// How the values were logged.
    public let valueType: ValueType
    /// The number of points.
    public let count: Int
    /// The columns that are there, end to end: steps, times, values, x.
    private let words: [UInt64]
    private let starts: (steps: Int?, times: Int?, values: Int?, x: Int?)

    /// The steps; empty if the query didn't ask for them.
    public var steps: Span<Int> {
        @_lifetime(borrow self) borrowing get { words.span.extracting(range(starts.steps)).bytes.words(Int.self) }
    }
    /// The times, nanoseconds since 1970; `Int64.min`: none. Empty if the query didn't ask for them.
    public var times: Span<Int64> {
        @_lifetime(borrow self) borrowing get { words.span.extracting(range(starts.times)).bytes.words(Int64.self) }
    }
    /// The values, bit for bit as they were logged. Empty if the query didn't ask for them.
    public var values: Span<Double> {
        @_lifetime(borrow self) borrowing get { words.span.extracting(range(starts.values)).bytes.words(Double.self) }
    }
    /// The values of the query's `x` metric, one a point; empty unless one was asked for.
    public var x: Span<Double> {
        @_lifetime(borrow self) borrowing get { words.span.extracting(range(starts.x)).bytes.words(Double.self) }
    }

    private func range(_ start: Int?) -> Range<Int> { start.map { $0..<($0 + count) } ?? 0..<0 }

    /// A copy of what a view shows.
    public init(_ view: borrowing SeriesView) {
        run = view.run
        metric = view.metric
        valueType = view.valueType
        count = view.count
        let columns = [view.steps.count, view.times.count, view.values.count, view.x.count]
        var next = 0
        func place(_ count: Int) -> Int? {
            defer { next += count }
            return count == 0 ? nil : next
        }
        let starts = (
            steps: place(columns[0]), times: place(columns[1]), values: place(columns[2]), x: place(columns[3])
        )
        self.starts = starts
        words = [UInt64](unsafeUninitializedCapacity: next) { target, filled in
            let bytes = UnsafeMutableRawBufferPointer(target)
            func copy(_ start: Int?, _ column: RawSpan) {
                guard let start else { return }
                column.withUnsafeBytes { source in
                    UnsafeMutableRawBufferPointer(rebasing: bytes[(8 * start)...]).copyMemory(from: source)
                }
            }
            copy(starts.steps, view.steps.bytes)
            copy(starts.times, view.times.bytes)
            copy(starts.values, view.values.bytes)
            copy(starts.x, view.x.bytes)
            filled = next
        }
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
        run: RunID, metric: MetricKey, valueType: ValueType, count: Int, steps: Span<Int>, times: Span<Int64>,
        values: Span<Double>, x: Span<Double>
    ) {
        self.run = run
        self.metric = metric
        self.valueType = valueType
        self.count = count
        self.steps = steps
        self.times = times
        self.values = values
        self.x = x
    }
}
