import Glibc
import Synchronization

/// Threads that do the same thing at the same time.
package enum Team {
    private final class Work: Sendable {
        let index: Int
        let body: @Sendable (Int) -> Void

        init(_ index: Int, _ body: @escaping @Sendable (Int) -> Void) {
            self.index = index
            self.body = body
        }
    }

    /// Calls `body` with 0 ..< `count`, each in a thread of its own, and waits until all have returned.
    package static func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) throws {
        var threads: [pthread_t] = []
        defer { for thread in threads { pthread_join(thread, nil) } }
        for index in 0..<count {
            var thread = pthread_t()
            let work = Unmanaged.passRetained(Work(index, body))
            let code = pthread_create(
                &thread, nil,
                { context in
                    guard let context else { return nil }
                    let work = Unmanaged<Work>.fromOpaque(context).takeRetainedValue()
                    work.body(work.index)
                    return nil
                }, work.toOpaque())
            guard code == 0 else {
                work.release()
                throw WrongResult(description: "no room for another thread: error \(code)")
            }
            threads.append(thread)
        }
    }
}

/// Lets threads go on together: each waits, awake, until all have come.
package final class StartingLine: Sendable {
    private let missing: Atomic<Int>

    package init(_ count: Int) { missing = Atomic(count) }

    package func wait() {
        missing.subtract(1, ordering: .acquiringAndReleasing)
        while missing.load(ordering: .acquiring) > 0 { sched_yield() }
    }
}
