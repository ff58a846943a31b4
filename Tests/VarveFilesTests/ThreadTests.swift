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

    /// A thread that works beside its maker begins elsewhere; that must not keep it from any processor later, and where there is
    /// but one it begins on that.
    @Test func mayGoWhereItsMakerMay() throws {
        for isPinned in [false, true] {
            let counter = Counter()
            let processors = Guarded<(maker: Int32, thread: Int32)>((0, 0))
            // A thread of its own is pinned, not one that runs other tests.
            let maker = try BackgroundThread(name: "varve-maker") {
                if isPinned { varve_stay() }
                let helper = try? BackgroundThread(name: "varve-helper", yields: false, elsewhere: true) {
                    processors.withLock { $0.thread = varve_processors() }
                    counter.add()
                    return nil
                }
                processors.withLock { $0.maker = varve_processors() }
                // Without one the test fails; it doesn't hang.
                if helper == nil { counter.add() }
                counter.wait(for: 1)
                helper?.stop()
                counter.add()
                return nil
            }
            counter.wait(for: 2)
            maker.stop()
            let seen = processors.withLock { $0 }
            #expect(seen.maker == seen.thread && seen.maker == (isPinned ? 1 : varve_processors()))
        }
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
        let fork = ForkGuard.shared
        let token = ForkGuard.token
        let generation = fork.generation()
        #expect(generation != 0 && fork.tokenPointer.pointee == generation && !token.isForked)
        let counter = Counter()
        let (thread, stranger) = (try BackgroundThread(name: "varve-test") { nil }, Flag())
        // Somebody holds the lock at the instant of the fork: the child must find it open.
        let holder = try BackgroundThread(name: "varve-test") {
            if !stranger.isSet.exchange(true, ordering: .relaxed) {
                fork.withLock {
                    counter.add()
                    counter.wait(for: 2)
                }
            }
            return nil
        }
        counter.wait(for: 1)
        let child = varve_fork()
        if child == 0 {
            // A child of a process with threads: nothing here may allocate or lock; the answer goes by the exit status.
            guard token.isForked, fork.tokenPointer.pointee == 0 else { _exit(1) }
            thread.wake()
            thread.stop()
            let own = fork.generation()
            guard own != 0, own != generation, fork.generation() == own else { _exit(2) }
            // What was inherited stays foreign.
            guard token.isForked, !ForkGuard.token.isForked else { _exit(3) }
            guard fork.withLock({ fork.generation() }) == own else { _exit(4) }
            let grandchild = varve_fork()
            if grandchild == 0 { _exit(fork.tokenPointer.pointee == 0 && fork.generation() != own ? 0 : 6) }
            var status: Int32 = 0
            guard waitpid(grandchild, &status, 0) == grandchild, status == 0 else { _exit(7) }
            _exit(fork.generation() == own ? 0 : 8)
        }
        counter.add()
        holder.stop()
        thread.stop()
        try #require(child > 0)
        var status: Int32 = 0
        #expect(waitpid(child, &status, 0) == child)
        #expect(status == 0, "exit status \(status >> 8)")
        #expect(!token.isForked && fork.generation() == generation)
    }

    @Test func threadsThatNeverEnd() {
        let counter = Counter()
        let isStarted = BackgroundThread.start(name: "varve-test") {
            counter.add()
            while true { pause() }
        }
        #expect(isStarted)
        counter.wait(for: 1)
    }
}
