import VarveFiles
import VarveFormat

/// Pages of axes that were decoded, for all readers of a snapshot and their threads: many metrics lie on the same ones, so that
/// each is decoded once as long as there is room.
///
/// Which page has to go when there is none is left to chance. A reader goes through all axes again for each metric; the page
/// that wasn't used for longest is then the one that is needed next.
final class AxisShelf: Sendable {
    /// What is kept, in words of 64 bits: 32 MiB.
    private static let mostWords = 1 << 22
    private let state = Guarded(State())
    private let token = ForkGuard.token

    /// Whether this is a fork child's copy: a thread of the parent's may have held one of the locks.
    var isForked: Bool { token.isForked }

    /// Which page of axes.
    struct Key: Hashable {
        var segment: Int
        var page: Int
    }

    private struct State {
        var axes: [Key: (axes: ShelvedAxes, words: Int)] = [:]
        var keys: [Key] = []
        var words = 0
        var random = SplitMix64(seed: 1)
    }

    /// A page of axes, perhaps not loaded yet.
    func axes(_ key: Key) -> ShelvedAxes {
        state.withLock { state in
            if let known = state.axes[key] { return known.axes }
            let fresh = ShelvedAxes(key)
            state.axes[key] = (fresh, 0)
            state.keys.append(key)
            return fresh
        }
    }

    /// Counts words that a page of axes takes from now on, and makes room for them.
    func add(_ words: Int, of key: Key) {
        state.withLock { state in
            guard let known = state.axes[key] else { return }
            state.axes[key] = (known.axes, known.words + words)
            state.words += words
            while state.words > Self.mostWords, state.keys.count > 1 {
                let victim = state.random.below(state.keys.count)
                state.keys.swapAt(victim, state.keys.count - 1)
                // Who uses it just now keeps it as long as that takes.
                if let gone = state.axes.removeValue(forKey: state.keys.removeLast()) { state.words -= gone.words }
            }
        }
    }
}

/// A page of axes on the shelf. What isn't there yet is loaded by whoever asks first; others wait for it.
final class ShelvedAxes: Sendable {
    private let key: AxisShelf.Key
    private let state = Guarded(State())

    private struct State {
        var page: AxisPage?
        var steps: WordBlock?
        var times: WordBlock?
    }

    init(_ key: AxisShelf.Key) { self.key = key }

    /// Whether the column is decoded already.
    var hasTimes: Bool { state.withLock { $0.times != nil } }
    var hasSteps: Bool { state.withLock { $0.steps != nil } }

    func page(
        on shelf: AxisShelf, _ load: () throws(VarveError) -> AxisPage
    ) throws(VarveError) -> AxisPage {
        try part(\.page, on: shelf) { () throws(VarveError) in
            let page = try load()
            return (page, 6 * page.table.count)
        }
    }

    /// - Parameter count: how many words the column has.
    func steps(
        _ count: Int, on shelf: AxisShelf, _ decode: (WordBlock) throws(VarveError) -> Void
    ) throws(VarveError) -> WordBlock {
        try part(\.steps, on: shelf) { () throws(VarveError) in
            let block = WordBlock(count)
            try decode(block)
            return (block, count)
        }
    }

    func times(
        _ count: Int, on shelf: AxisShelf, _ decode: (WordBlock) throws(VarveError) -> Void
    ) throws(VarveError) -> WordBlock {
        try part(\.times, on: shelf) { () throws(VarveError) in
            let block = WordBlock(count)
            try decode(block)
            return (block, count)
        }
    }

    private func part<Part>(
        _ part: WritableKeyPath<State, Part?>, on shelf: AxisShelf, _ load: () throws(VarveError) -> (Part, words: Int)
    ) throws(VarveError) -> Part {
        let (found, words) = try state.withLock { state throws(VarveError) -> (Part, Int) in
            if let known = state[keyPath: part] { return (known, 0) }
            let (fresh, words) = try load()
            state[keyPath: part] = fresh
            return (fresh, words)
        }
        // Not under this page's lock, so that no two locks are ever held at a time.
        if words > 0 { shelf.add(words, of: key) }
        return found
    }
}
