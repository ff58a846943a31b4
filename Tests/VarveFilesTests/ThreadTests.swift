import CVarveClock
import Glibc
import Synchronization
import Testing
import VarveTestSupport

@testable import VarveFiles

/// Proves that a background thread ticks when it should and ends when told, and that a fork child knows itself.
/// Nothing here depends on how long anything takes: what must happen is waited for.
@Suite struct ThreadTests {
    /// Counts, and lets a test wait for a count.
    private final class Counter: @unchecked Sendable {
        private let gate = ConditionGate()
        private var count = 0

        func add() {
            gate.locked {
                count += 1
                gate.broadcast()
            }
        }

        var value: Int { gate.locked { count } }

        func wait(for target: Int) { gate.locked { while count < target { gate.wait() } } }
    }

    @Test func ticksAtOnceAndWhenWoken() throws {
        let counter = Counter()
        let thread = try BackgroundThread(name: "varve-test-with-a-long-name") {
            counter.add()
            return nil
        }
        counter.wait(for: 1)
        thread.wake()
        counter.wait(for: 2)
        thread.stop()
        thread.stop()
        let count = counter.value
        thread.wake()
        #expect(counter.value == count)
    }

    @Test func ticksAtItsDeadline() throws {
        let counter = Counter()
        let thread = try BackgroundThread(name: "varve-test") {
            counter.add()
            return RealHost.monotonicTime() + 1_000_000
        }
        counter.wait(for: 5)
        thread.stop()
    }

    @Test func aDeadlineThatHasPassedDoesNotBlock() throws {
        let counter = Counter()
        let thread = try BackgroundThread(name: "varve-test") {
            counter.add()
            return counter.value < 100 ? 0 : Int64.max
        }
        counter.wait(for: 100)
        thread.stop()
    }

    @Test func stopsWhenNobodyHoldsIt() throws {
        let counter = Counter()
        do {
            let thread = try BackgroundThread(name: "varve-test") {
                counter.add()
                return 0
            }
            counter.wait(for: 3)
            withExtendedLifetime(thread) {}
        }
        let count = counter.value
        sched_yield()
        #expect(counter.value == count)
    }

    @Test func mayStopItself() throws {
        let counter = Counter()
        let box = Box()
        let thread = try BackgroundThread(name: "varve-test") {
            counter.wait(for: 1)
            box.value.withLock { $0 }?.stop()
            counter.add()
            return 0
        }
        box.value.withLock { $0 = thread }
        counter.add()
        counter.wait(for: 2)
        box.value.withLock { $0 = nil }
    }

    private final class Box: Sendable {
        let value = Mutex<BackgroundThread?>(nil)
    }

    @Test func signalsAreBlockedInIt() throws {
        let counter = Counter()
        let result = Flag()
        let thread = try BackgroundThread(name: "varve-test") {
            var mask = sigset_t()
            pthread_sigmask(SIG_BLOCK, nil, &mask)
            result.isSet.store(sigismember(&mask, SIGTERM) == 1, ordering: .relaxed)
            counter.add()
            return nil
        }
        counter.wait(for: 1)
        thread.stop()
        let wasBlocked = result.isSet.load(ordering: .relaxed)
        #expect(wasBlocked)
    }

    private final class Flag: Sendable { let isSet = Atomic(false) }

    @Test func aForkChildKnowsItself() throws {
        let token = ForkGuard.token
        #expect(!token.isForked)
        #expect(!ForkGuard.rearm {})
        let child = varve_fork()
        if child == 0 {
            // A child of a process with threads: nothing here may allocate or lock; the answer goes by the exit status.
            guard token.isForked else { _exit(1) }
            var runs: Int32 = 0
            guard ForkGuard.rearm({ runs += 1 }), runs == 1 else { _exit(2) }
            let own = ForkGuard.token
            guard !own.isForked else { _exit(3) }
            // What was inherited stays foreign.
            guard token.isForked else { _exit(4) }
            guard !ForkGuard.rearm({ runs += 1 }), runs == 1 else { _exit(5) }
            let grandchild = varve_fork()
            if grandchild == 0 { _exit(own.isForked && token.isForked ? 0 : 6) }
            var status: Int32 = 0
            guard waitpid(grandchild, &status, 0) == grandchild, status == 0 else { _exit(7) }
            _exit(own.isForked ? 8 : 0)
        }
        try #require(child > 0)
        var status: Int32 = 0
        #expect(waitpid(child, &status, 0) == child)
        #expect(status == 0, "exit status \(status >> 8)")
        #expect(!token.isForked)
    }
}
