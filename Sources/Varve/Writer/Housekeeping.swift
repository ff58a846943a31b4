import Glibc
import VarveFiles

/// The two threads of a process that write runs: one drains, one syncs, so that a slow disk doesn't stall the other.
///
/// They sleep while nothing is open. A forked child has none of its parent's threads and makes its own.
final class Housekeeping: @unchecked Sendable {
    private let gate = ConditionGate()
    private let generation: UInt64
    // All under the gate.
    private var writers: [RunWriter] = []
    private var closed: [WriterFile] = []
    private var isDrainWanted = false
    private var isStarted = false

    /// A tick is due this long after the last one, nanoseconds; tests and policies with another interval make it shorter.
    private var interval: Int64 = 1_000_000_000

    /// Only touched under the fork guard's lock.
    nonisolated(unsafe) private static var current: Housekeeping?

    private init(generation: UInt64) { self.generation = generation }

    /// The housekeeping of this process.
    static func shared() -> Housekeeping {
        let generation = ForkGuard.shared.generation()
        return ForkGuard.shared.withLock {
            if let current, current.generation == generation { return current }
            let fresh = Housekeeping(generation: generation)
            current = fresh
            return fresh
        }
    }

    /// Looks after a writer from now on.
    func add(_ writer: RunWriter) {
        gate.locked {
            writers.append(writer)
            if case .interval(let seconds) = writer.shared.options.sync {
                interval = min(interval, max(1_000_000, Int64(seconds * 1e9)))
            }
            start()
            gate.broadcast()
        }
    }

    /// Forgets a writer. A drain or sync of it that is under way goes on to its end.
    func remove(_ writer: RunWriter) {
        gate.locked { writers.removeAll { $0 === writer } }
    }

    /// Makes a closed file durable at the next tick, and closes its descriptor then.
    func syncLater(_ file: WriterFile) {
        gate.locked {
            closed.append(file)
            start()
            gate.broadcast()
        }
    }

    /// Wakes the thread that drains.
    func wake() {
        gate.locked {
            isDrainWanted = true
            gate.broadcast()
        }
    }

    private func start() {
        guard !isStarted else { return }
        isStarted = true
        BackgroundThread.start(name: "varve-drain") { [self] in drainLoop() }
        BackgroundThread.start(name: "varve-sync") { [self] in syncLoop() }
    }

    private func drainLoop() -> Never {
        while true {
            let all = gate.locked {
                while !isDrainWanted { gate.wait() }
                isDrainWanted = false
                return writers
            }
            for writer in all where writer.takesDrainRequest() { writer.drainNow(waits: true) }
        }
    }

    private func syncLoop() -> Never {
        while true {
            gate.locked { while writers.isEmpty && closed.isEmpty { gate.wait() } }
            let deadline = monotonicNow() + gate.locked { interval }
            let (all, done) = gate.locked {
                while gate.wait(until: deadline), monotonicNow() < deadline {}
                defer { closed = [] }
                return (writers, closed)
            }
            CounterClock.shared.recalibrate()
            for writer in all { writer.tick() }
            for file in done {
                // The run is closed and its journal gone: nobody is left to tell but the next verify.
                try? file.syncLog()
                file.log.close()
            }
        }
    }

    private func monotonicNow() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
