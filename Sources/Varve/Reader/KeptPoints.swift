/// Points of one series, together with what keeps their memory: one of the few homes of unsafe pointers.
///
/// Nobody writes to them: a page that somebody keeps isn't filled anew (``PageTeam/reuse(_:)``).
struct KeptPoints: @unchecked Sendable {
    private let stepsStart: UnsafePointer<Int>?
    private let timesStart: UnsafePointer<Int64>?
    private let valuesStart: UnsafePointer<Double>?
    private let owner: AnyObject
    let count: Int
    /// Whether the owner's memory begins with the values of an x metric.
    private let hasX: Bool

    /// Points on a page, for as long as they are wanted.
    init(_ place: PointPlace, on page: DecodedPage) {
        (stepsStart, timesStart, valuesStart) = (place.steps, place.times, place.values)
        count = place.count
        hasX = false
        owner = page
    }

    /// A copy in memory of its own: x, steps, times, values, those that are there.
    init(copying place: PointPlace, x: UnsafePointer<Double>?) {
        let columns =
            (x == nil ? 0 : 1) + (place.steps == nil ? 0 : 1) + (place.times == nil ? 0 : 1)
            + (place.values == nil ? 0 : 1)
        let store = WordStore.create(minimumCapacity: columns * place.count) { _ in }
        var next = store.withUnsafeMutablePointerToElements { UnsafeMutableRawPointer($0) }
        func add<Word>(_ column: UnsafePointer<Word>?) -> UnsafePointer<Word>? {
            guard let column else { return nil }
            let start = next.assumingMemoryBound(to: Word.self)
            start.initialize(from: column, count: place.count)
            next += place.count * MemoryLayout<Word>.stride
            return UnsafePointer(start)
        }
        hasX = add(x) != nil
        stepsStart = add(place.steps)
        timesStart = add(place.times)
        valuesStart = add(place.values)
        count = place.count
        owner = store
    }

    /// A copy of what a view shows.
    init(copying view: borrowing SeriesView) {
        let count = view.count
        func start<Word>(_ column: UnsafeBufferPointer<Word>) -> UnsafePointer<Word>? {
            column.isEmpty ? nil : column.baseAddress
        }
        self = view.steps.withUnsafeBufferPointer { steps in
            view.times.withUnsafeBufferPointer { times in
                view.values.withUnsafeBufferPointer { values in
                    view.x.withUnsafeBufferPointer { x in
                        KeptPoints(
                            copying: PointPlace(
                                steps: start(steps), times: start(times), values: start(values), count: count),
                            x: start(x))
                    }
                }
            }
        }
    }

    var steps: Span<Int> { @_lifetime(borrow self) borrowing get { span(stepsStart) } }
    var times: Span<Int64> { @_lifetime(borrow self) borrowing get { span(timesStart) } }
    var values: Span<Double> { @_lifetime(borrow self) borrowing get { span(valuesStart) } }
    var x: Span<Double> { @_lifetime(borrow self) borrowing get { span(xStart) } }

    private var xStart: UnsafePointer<Double>? {
        guard hasX, let store = owner as? WordStore else { return nil }
        return store.withUnsafeMutablePointerToElements {
            UnsafePointer(UnsafeMutableRawPointer($0).assumingMemoryBound(to: Double.self))
        }
    }

    @_lifetime(borrow self)
    private borrowing func span<Word>(_ start: UnsafePointer<Word>?) -> Span<Word> {
        guard let start else { return Span() }
        return _overrideLifetime(Span(_unsafeStart: start, count: count), borrowing: self)
    }
}

/// Memory in one allocation.
private final class WordStore: ManagedBuffer<Void, UInt64> {}
