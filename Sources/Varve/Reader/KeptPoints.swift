/// Points of one series, together with what keeps their memory: one of the few homes of unsafe pointers.
///
/// Nobody writes to them: a page that somebody keeps isn't filled anew (``PageTeam/reuse(_:)``).
struct KeptPoints: @unchecked Sendable {
    private let place: PointPlace
    private let xStart: UnsafePointer<Double>?
    private let owner: AnyObject

    /// Points on a page, for as long as they are wanted.
    init(_ place: PointPlace, x: UnsafePointer<Double>?, on page: DecodedPage) {
        self.place = place
        xStart = x
        owner = page
    }

    /// A copy of what a view shows, in memory of its own: steps, times, values, x, those that are there.
    init(copying view: borrowing SeriesView) {
        let store = WordStore.create(
            minimumCapacity: view.steps.count + view.times.count + view.values.count + view.x.count
        ) { _ in }
        var next = store.withUnsafeMutablePointerToElements { UnsafeMutableRawPointer($0) }
        func add<Word>(_ column: Span<Word>) -> UnsafePointer<Word>? {
            guard column.count > 0 else { return nil }
            let start = next.assumingMemoryBound(to: Word.self)
            column.withUnsafeBufferPointer { source in
                if let first = source.baseAddress { start.initialize(from: first, count: source.count) }
            }
            next += column.count * MemoryLayout<Word>.stride
            return UnsafePointer(start)
        }
        place = PointPlace(
            steps: add(view.steps), times: add(view.times), values: add(view.values), count: view.count)
        xStart = add(view.x)
        owner = store
    }

    var count: Int { place.count }
    var steps: Span<Int> { @_lifetime(borrow self) borrowing get { span(place.steps) } }
    var times: Span<Int64> { @_lifetime(borrow self) borrowing get { span(place.times) } }
    var values: Span<Double> { @_lifetime(borrow self) borrowing get { span(place.values) } }
    var x: Span<Double> { @_lifetime(borrow self) borrowing get { span(xStart) } }

    @_lifetime(borrow self)
    private borrowing func span<Word>(_ start: UnsafePointer<Word>?) -> Span<Word> {
        guard let start else { return Span() }
        return _overrideLifetime(Span(_unsafeStart: start, count: place.count), borrowing: self)
    }
}

/// Memory in one allocation.
private final class WordStore: ManagedBuffer<Void, UInt64> {}
