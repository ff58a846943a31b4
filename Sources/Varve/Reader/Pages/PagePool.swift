import VarveFiles

/// Memory of decoded pages that nobody looks at any more, for all readers of a snapshot: the system takes longer to hand out
/// fresh memory than a page takes to be decoded into it.
final class PagePool: Sendable {
    /// What is kept, in words of 64 bits: 64 MiB.
    private static let mostWords = 1 << 23
    private let state = Guarded(State())
    private let token = ForkGuard.token

    private struct State {
        var memories: [PageMemory] = []
        var words = 0
    }

    /// Memory for a page, as somebody left it.
    func take() -> PageMemory {
        // In a fork child a thread of the parent's may hold the lock for ever.
        guard !token.isForked else { return PageMemory() }
        let known = state.withLock { state in
            let memory = state.memories.popLast()
            state.words -= memory?.words ?? 0
            return memory
        }
        return known ?? PageMemory()
    }

    /// Takes memory back that nothing points into any more.
    func give(_ memory: PageMemory) {
        guard !token.isForked else { return }
        let words = memory.words
        state.withLock { state in
            guard state.words + words <= Self.mostWords else { return }
            state.memories.append(memory)
            state.words += words
        }
    }
}

/// What a page is decoded into.
struct PageMemory: Sendable {
    /// The page's own columns.
    let values = WordBlock(0)
    let steps = WordBlock(0)
    let times = WordBlock(0)
    let differences = WordBlock(0)

    /// How much it is, in words of 64 bits.
    var words: Int { values.capacity + steps.capacity + times.capacity + differences.capacity }
}
