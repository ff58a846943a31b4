import Logging
import VarveFiles

/// The two threads of a process that write runs: one drains, one syncs, so that a slow disk doesn't stall the other.
///
/// They sleep while nothing is open. A forked child has none of its parent's threads and makes its own.
final class Housekeeping: Sendable {
    private let generation: UInt64
    private let state = Guarded(State())
    private let threads = Guarded(Threads())
    private static let second: Int64 = 1_000_000_000
    private static let calibrationPause: Int64 = 6_000_000
    /// Where the counter can't be used, no number of attempts will do.
    private static let firstCalibrations = 4

    private struct State {
        var writers: [RunWriter] = []
        var closed: [WriterFile] = []
        /// A tick is due this long after the last one, nanoseconds: the shortest that a writer's policy asks for.
        var interval = Housekeeping.second
        /// Monotonic nanoseconds; nil: there is nothing to do.
        var nextTick: Int64?
        var calibrations = 0
    }

    private struct Threads {
        var drain: BackgroundThread?
        var sync: BackgroundThread?
    }

    /// Only touched under the fork guard's lock.
    nonisolated(unsafe) private static var current: Housekeeping?

    private init(generation: UInt64) { self.generation = generation }

    /// The housekeeping of this process.
    static func shared() -> Housekeeping {
        let generation = ForkGuard.generation
        return ForkGuard.shared.withLock {
            if let current, current.generation == generation { return current }
            let fresh = Housekeeping(generation: generation)
            current = fresh
            return fresh
        }
    }

    /// Looks after a writer from now on.
    func add(_ writer: RunWriter) {
        let isEarlier = state.withLock { state in
            state.writers.append(writer)
            let interval = state.interval
            if case .interval(let seconds) = writer.facts.options.sync {
                state.interval = min(interval, max(1_000_000, Int64(min(seconds.isNaN ? 1 : seconds, 1e6) * 1e9)))
            }
            return state.nextTick == nil || state.interval < interval
        }
        start(wakes: isEarlier)
    }

    /// Forgets a writer. A drain or sync of it that is under way goes on to its end.
    func remove(_ writer: RunWriter) {
        state.withLock { state in
            state.writers.removeAll { $0 === writer }
            if state.writers.isEmpty { state.interval = Self.second }
        }
    }

    /// Makes a closed file durable at the next tick, and closes its descriptor then.
    func syncLater(_ file: WriterFile) {
        let sleeps = state.withLock { state in
            state.closed.append(file)
            return state.nextTick == nil
        }
        start(wakes: sleeps)
    }

    /// Whether there is a thread that drains.
    var drains: Bool { threads.withLock { $0.drain != nil } }

    /// Wakes the thread that drains.
    func wake() { threads.withLock { $0.drain }?.wake() }

    /// Sees to it that both threads are there.
    ///
    /// - Parameter wakes: whether the one that syncs has to look when its next tick is. Woken for each run that is
    ///   opened or closed it would cost more than the rest of the opening.
    private func start(wakes: Bool) {
        threads.withLock { threads in
            // Without threads (there is no room for one) the ring still drains: whoever finds it full does it.
            do throws(FileError) {
                if threads.drain == nil {
                    threads.drain = try BackgroundThread(name: "varve-drain") { [self] in drain() }
                }
                if threads.sync == nil { threads.sync = try BackgroundThread(name: "varve-sync") { [self] in sync() } }
            } catch {
                Diagnostics.logger.warning("no thread for housekeeping", metadata: ["error": "\(error)"])
            }
            if wakes { threads.sync?.wake() }
        }
    }

    private func drain() -> Int64? {
        for writer in state.withLock({ $0.writers }) where writer.takesDrainRequest() { writer.drainNow(waits: true) }
        return nil
    }

    /// One tick, if one is due. Returns when the next one is; nil: when there is something to do again.
    private func sync() -> Int64? {
        let now = RealHost.monotonicTime()
        let (isDue, writers, closed) = state.withLock { state in
            guard !state.writers.isEmpty || !state.closed.isEmpty else {
                state.nextTick = nil
                return (false, [RunWriter](), [WriterFile]())
            }
            guard let next = state.nextTick, next <= now else {
                state.nextTick = min(state.nextTick ?? .max, now + state.interval)
                return (false, [], [])
            }
            state.nextTick = now + state.interval
            defer { state.closed = [] }
            return (true, state.writers, state.closed)
        }
        if isDue {
            CounterClock.shared.recalibrate()
            for writer in writers { writer.tick() }
            for file in closed {
                // The run is closed and its journal gone: nobody is left to tell but the next verify.
                do throws(FileError) { try file.syncLog() } catch  where error.code != .notFound {
                    Diagnostics.logger.warning("a closed log is not durable", metadata: ["error": "\(error)"])
                } catch {
                    // The repository is gone, and with it everybody who could miss the log.
                }
                file.log.close()
            }
        }
        let (next, calibrates) = state.withLock { state in
            defer { state.calibrations += 1 }
            return (state.nextTick, state.calibrations < Self.firstCalibrations)
        }
        guard let next, calibrates, !CounterClock.shared.usesCounter else { return next }
        // Until the counter is calibrated each stamp costs a system call; two readings some milliseconds apart suffice.
        CounterClock.shared.recalibrate()
        return min(next, now + Self.calibrationPause)
    }
}
