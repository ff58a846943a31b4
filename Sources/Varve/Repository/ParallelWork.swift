import VarveFiles
import VarveFormat

/// Work on many things, each by itself, on several threads.
enum ParallelWork {
    /// What comes out for each item, in their order.
    ///
    /// - Parameters:
    ///   - threads: how many work, the caller's own among them; where the system has no room for more, fewer do.
    ///   - makeWorker: makes what a thread keeps between items, and works with.
    static func map<Item: Sendable, Output: Sendable>(
        _ items: [Item], threads: Int, _ makeWorker: @escaping @Sendable () -> (Item) -> Output
    ) -> [Output] {
        let queue = WorkQueue(items, makeWorker)
        var helpers: [BackgroundThread] = []
        for _ in 1..<max(1, min(threads, items.count)) {
            let helper = try? BackgroundThread(name: "varve-work", yields: false, elsewhere: true) {
                queue.work()
                return nil
            }
            guard let helper else { break }
            helpers.append(helper)
        }
        queue.work()
        // What is under way is waited for.
        for helper in helpers { helper.stop() }
        return queue.outputs
    }

    /// An array whose elements are made a range at a time, where they stay: many big ones aren't moved together afterwards.
    ///
    /// - Parameters:
    ///   - batch: how many elements a thread makes at once.
    ///   - fill: appends all elements of a range.
    static func array<Element: Sendable>(
        count: Int, batch: Int, threads: Int,
        _ fill: @escaping @Sendable (_ range: Range<Int>, _ elements: inout OutputSpan<Element>) -> Void
    ) -> [Element] {
        let ranges = stride(from: 0, to: count, by: batch).map { $0..<min($0 + batch, count) }
        return Array(unsafeUninitializedCapacity: count) { room, filled in
            let slots = Slots(room: room)
            filled = map(ranges, threads: threads) { { slots.fill($0, fill) } }.reduce(0, +)
        }
    }

    /// Two things at once: the second on a thread of its own, or after the first where the system has no room for one.
    static func both<First, Second: Sendable>(
        _ first: () -> First, _ second: @escaping @Sendable () -> Second
    ) -> (First, Second) {
        let done = Guarded<Second?>(nil)
        let helper = try? BackgroundThread(name: "varve-work", yields: false, elsewhere: true) {
            let result = second()
            done.withLock { $0 = result }
            return nil
        }
        let result = first()
        // What is under way is waited for; a thread that has not begun doesn't.
        helper?.stop()
        return (result, done.withLock { $0 } ?? second())
    }
}

/// Room for the elements of an array, of which each thread fills ranges of its own.
private struct Slots<Element>: @unchecked Sendable {
    let room: UnsafeMutableBufferPointer<Element>

    /// - Returns: how many there are now in the range: all.
    func fill(_ range: Range<Int>, _ fill: (Range<Int>, inout OutputSpan<Element>) -> Void) -> Int {
        let room = UnsafeMutableBufferPointer(rebasing: room[range])
        var elements = OutputSpan(buffer: room, initializedCount: 0)
        fill(range, &elements)
        precondition(elements.isFull, "an element of the range is missing")
        return elements.finalize(for: room)
    }
}

/// The items that nobody has taken yet, and what came out of the others. Shared by threads.
private final class WorkQueue<Item: Sendable, Output: Sendable>: Sendable {
    private struct State {
        var next = 0
        var outputs: [Output?]
    }

    private let items: [Item]
    private let makeWorker: @Sendable () -> (Item) -> Output
    private let state: Guarded<State>

    init(_ items: [Item], _ makeWorker: @escaping @Sendable () -> (Item) -> Output) {
        self.items = items
        self.makeWorker = makeWorker
        state = Guarded(State(outputs: Array(repeating: nil, count: items.count)))
    }

    func work() {
        let worker = makeWorker()
        while let place = take() {
            let output = worker(items[place])
            state.withLock { $0.outputs[place] = output }
        }
    }

    private func take() -> Int? {
        state.withLock { state in
            guard state.next < items.count else { return nil }
            defer { state.next += 1 }
            return state.next
        }
    }

    var outputs: [Output] { state.withLock { $0.outputs.compactMap(\.self) } }
}
