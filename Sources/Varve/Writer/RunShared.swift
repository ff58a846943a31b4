import VarveFiles

/// A run in this process: what it is, and its writer. Handles hold on to it; the writer doesn't, once it is closed.
final class RunShared: @unchecked Sendable {
    let facts: RunFacts
    /// Only touched under the fork guard's lock, the one lock that a fork leaves open in the child.
    private var current: RunWriter?

    init(_ facts: RunFacts) { self.facts = facts }

    /// The writer of this process. In a forked child this makes one of its own, with a log file of its own: the
    /// parent's is left alone, and so are its locks, which a vanished thread may hold.
    func writer() -> RunWriter {
        let generation = ForkGuard.generation
        let writer = ForkGuard.shared.withLock {
            if let current, current.generation == generation { return current }
            let fresh = RunWriter(facts, generation: generation, isChild: current != nil)
            current = fresh
            return fresh
        }
        // Outside the lock, which must not be held for long, nor twice.
        writer.openInChild()
        return writer
    }
}
