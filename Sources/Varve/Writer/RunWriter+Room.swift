import Synchronization
import VarveFiles
import VarveFormat

// Room in the ring, drains, and what is dropped when there is none.

extension RunWriter {
    func countDropped(_ points: Int) { dropped.add(points, ordering: .relaxed) }
    func countRounded() { rounded.add(1, ordering: .relaxed) }

    /// Waits until the ring has room, for at most a second. False: the points have to be dropped.
    func waitForRoom(in ring: Ring, points: UInt64) -> Bool {
        let start = environment.host.monotonicTime()
        let patience: Int64 = isDropping.load(ordering: .relaxed) ? 0 : 1_000_000_000
        waits.add(1, ordering: .relaxed)
        while true {
            if environment.host.monotonicTime() >= nextAttempt.load(ordering: .relaxed) {
                if environment.hasThreads { requestDrain() }
                // The thread that waits may as well do the work.
                drainNow(waits: false)
            }
            // A ring that is closed has none; there is some in the next file's, once that is made.
            if ring.hot.pointee.hasRoom(points) || openFile?.ring !== ring {
                let waited = Int(environment.host.monotonicTime() - start)
                longestWait.max(waited, ordering: .relaxed)
                return true
            }
            if environment.host.monotonicTime() - start >= patience || !environment.hasThreads {
                if !isDropping.exchange(true, ordering: .relaxed) {
                    note(
                        VarveError(
                            .noRoom, "points of run \(facts.run) are dropped: the log can't be written",
                            remedy: "free some space; logging goes on by itself"))
                }
                longestWait.max(Int(environment.host.monotonicTime() - start), ordering: .relaxed)
                return false
            }
            Pause.short()
        }
    }

    /// Asks for a drain soon: of the housekeeping, or at once where there is none.
    func requestDrain() {
        guard environment.hasThreads, facts.options.useJournal else {
            drainNow(waits: false)
            return
        }
        if !drainWanted.exchange(true, ordering: .relaxed) { Housekeeping.shared().wake() }
    }

    /// Whether a drain was asked for since the last call.
    func takesDrainRequest() -> Bool { drainWanted.exchange(false, ordering: .relaxed) }

    /// Drains; a failure is noted, and told once.
    ///
    /// - Parameter waits: false for a thread that logs: it does nothing while another is at it, and leaves the move to
    ///   the next file, which waits for the disk, to the housekeeping.
    func drainNow(waits: Bool) {
        guard let file = openFile, waits || file.isIdle else { return }
        do throws(FileError) {
            if let reason = reasonToMove(from: file) {
                if !waits, environment.hasThreads, facts.options.useJournal, Housekeeping.shared().drains { return }
                try move(from: file, because: reason)
                return hasRoomAgain()
            }
            let moved = try file.drain(waits: waits, wholly: false)
            if moved > 0 { hasRoomAgain() }
            try reportDrops(in: file)
        } catch {
            fail(error, in: file)
        }
    }

    /// Drains because the caller asked for it, who also hears of a failure.
    func drain(syncs: Bool) throws(VarveError) {
        guard let first = openFile else { throw Self.closedError(facts.run) }
        do throws(FileError) {
            _ = try moveIfNeeded(from: first)
            guard let file = openFile else { throw FileError("write", first.path, .badDescriptor) }
            try file.drain()
            if syncs { try file.syncLog() }
        } catch {
            fail(error, in: first)
            throw VarveError(error)
        }
    }

    /// About once a second.
    func tick() {
        guard let file = openFile else { return }
        do throws(FileError) {
            if try moveIfNeeded(from: file) { return hasRoomAgain() }
            try file.tick(now: environment.host.monotonicTime(), drainAge: 60_000_000_000)
            if file.undrained == 0 { hasRoomAgain() }
            try reportDrops(in: file)
        } catch {
            fail(error, in: file)
        }
    }

    func hasRoomAgain() {
        isDropping.store(false, ordering: .relaxed)
        nextAttempt.store(.min, ordering: .relaxed)
    }

    func fail(_ error: FileError, in file: WriterFile) {
        note(VarveError(error))
        nextAttempt.store(environment.host.monotonicTime() + Self.pauseAfterFailure, ordering: .relaxed)
        file.noteFull(error)
        guard file.syncHasFailed.load(ordering: .acquiring) || file.isFull.load(ordering: .acquiring) else { return }
        do throws(FileError) { if try moveIfNeeded(from: file) { hasRoomAgain() } } catch { note(VarveError(error)) }
    }

    /// Writes down what was dropped, as soon as anything can be written.
    func reportDrops(in file: WriterFile) throws(FileError) {
        let total = dropped.load(ordering: .relaxed)
        let fresh = state.withLock { total - $0.dropsReported }
        guard fresh > 0 else { return }
        let claimed = file.ring.claimed
        let entry = LossEntry(
            reason: .noRoom, firstSequence: claimed, points: UInt64(fresh), time: environment.host.wallTime(),
            detail: state.withLock { $0.problem?.message ?? "" })
        try file.appender.withLock { appender throws(FileError) in
            // Nothing may follow the end. What is dropped after it is in ``Run/health`` only.
            if appender.isEnded { return }
            try appender.append(.loss, payload: LossEntry.payload([entry]), count: 1, sequence: claimed)
        }
        state.withLock { $0.dropsReported = total }
    }

    /// Keeps a problem for ``Run/health``, and tells the handler once of each kind.
    func note(_ problem: VarveError) {
        let isNew = state.withLock { state in
            state.problem = problem
            return state.toldOf.insert(problem.code).inserted
        }
        if isNew { facts.options.onProblem?(problem) }
    }
}
