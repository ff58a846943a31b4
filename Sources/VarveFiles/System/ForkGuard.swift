import CVarveClock
import Glibc
import Synchronization

/// Tells a fork child that it is one, for the price of a load and a compare.
///
/// A child inherits memory, mapped journals and descriptors, but no threads, and it must not write where its parent
/// writes. The kernel wipes one page in every child (MADV_WIPEONFORK). Two words live there: a token, never zero in a process that
/// has asked for it, which says whose memory this is; and a lock, which a fork leaves open in the child whoever held it.
package final class ForkGuard: @unchecked Sendable {
    /// The one of this process.
    package static let shared = ForkGuard()

    /// Where the token is. Copy the pointer to where the hot path looks; what it leads to differs from what ``generation()``
    /// said once this is another process.
    package let tokenPointer: UnsafePointer<UInt64>

    private let token: UnsafeMutablePointer<Atomic<UInt64>>
    // On a line of its own.
    private let lock: UnsafeMutablePointer<Atomic<UInt64>>

    private init() {
        let page = varve_fork_page()
        tokenPointer = UnsafePointer(page.assumingMemoryBound(to: UInt64.self))
        token = page.assumingMemoryBound(to: Atomic<UInt64>.self)
        lock = token + 8
        _ = generation()
    }

    /// The token of this process. The first call in a fork child gives it a new one, so that what it makes from now on
    /// counts as its own, and what it inherited doesn't.
    package func generation() -> UInt64 {
        let known = token.pointee.load(ordering: .acquiring)
        if known != 0 { return known }
        // Random, so that no descendant ever takes an ancestor's token for its own.
        var generator = SystemRandomNumberGenerator()
        let fresh = generator.next() | 1
        // Of several threads one sets it; the others take what it has set.
        let (isSet, original) = token.pointee.compareExchange(
            expected: 0, desired: fresh, ordering: .acquiringAndReleasing)
        return isSet ? fresh : original
    }

    package static var generation: UInt64 { shared.generation() }

    /// What to keep of this process for asking later.
    package static var token: ForkToken {
        ForkToken(word: shared.token, expected: shared.generation())
    }

    /// Runs `body` while no other thread of this process does: where things are made anew after a fork. Not to be nested.
    ///
    /// The lock is one that spins, since any other kind could be left locked in a child by a thread that it hasn't got.
    package func withLock<Result: ~Copyable, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        while lock.pointee.exchange(1, ordering: .acquiring) != 0 { sched_yield() }
        defer { lock.pointee.store(0, ordering: .releasing) }
        return try body()
    }
}

/// A process's mark on what it has made.
@frozen @usableFromInline
package struct ForkToken: @unchecked Sendable {
    @usableFromInline let word: UnsafeMutablePointer<Atomic<UInt64>>
    @usableFromInline let expected: UInt64

    init(word: UnsafeMutablePointer<Atomic<UInt64>>, expected: UInt64) {
        self.word = word
        self.expected = expected
    }

    /// Whether this is another process than the one that took the token: a fork child of it.
    @inlinable @inline(__always)
    package var isForked: Bool { word.pointee.load(ordering: .relaxed) != expected }
}
