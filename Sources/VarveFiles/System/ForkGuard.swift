import CVarveClock
import Synchronization

/// Tells a fork child that it is one, for the price of a load and a compare.
///
/// A child inherits memory, mapped journals and descriptors, but no threads, and it must not write where its parent
/// writes. The kernel wipes one page in every child (MADV_WIPEONFORK): a word there, which is never zero otherwise,
/// says whose memory this is. Whatever belongs to one process keeps a ``ForkToken`` from its making.
package enum ForkGuard {
    /// A token of this process, as it is now. In a fork child that hasn't called ``rearm(_:)`` yet it does so.
    package static var token: ForkToken {
        rearm {}
        return ForkToken(word: page.token, expected: page.token.pointee.load(ordering: .acquiring))
    }

    /// Gives a fork child a token of its own, so that what it makes from now on counts as its own, and what it inherited doesn't.
    ///
    /// Of several threads one runs `body` and the others wait: the place for making anew what the fork left unusable, such as locks
    /// that threads of the parent held. `body` must not call this.
    /// - Returns: whether this call did it; false in a process that has its token already.
    @discardableResult
    package static func rearm(_ body: () -> Void) -> Bool {
        let page = Self.page
        guard page.token.pointee.load(ordering: .acquiring) == 0 else { return false }
        // A spin lock, since it lies in the page: a fork under the lock leaves the child an open one.
        while page.lock.pointee.exchange(1, ordering: .acquiring) != 0 {}
        defer { page.lock.pointee.store(0, ordering: .releasing) }
        guard page.token.pointee.load(ordering: .relaxed) == 0 else { return false }
        body()
        // Random, so that no descendant ever takes an ancestor's token for its own.
        var generator = SystemRandomNumberGenerator()
        page.token.pointee.store(generator.next() | 1, ordering: .releasing)
        return true
    }

    private struct Page: @unchecked Sendable {
        let token: UnsafeMutablePointer<Atomic<UInt64>>
        // On a line of its own.
        let lock: UnsafeMutablePointer<Atomic<UInt64>>
    }

    private static let page: Page = {
        let base = varve_fork_page().assumingMemoryBound(to: Atomic<UInt64>.self)
        return Page(token: base, lock: base + 8)
    }()
}

/// A process's mark on what it has made. Copy it to where it is looked at: it is two words.
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
