import Synchronization
import VarveFiles
import VarveFormat

// Going on in the next file.

extension RunWriter {
    enum MoveReason {
        /// The journal lost its name: somebody sealed it, or deleted the run.
        case sealed
        /// The log could not be made durable.
        case failedSync
        /// The log has as many bytes as a file may have: a limit of the process (ulimit -f) or of the file system.
        case full
    }

    /// Goes on in the next file if this one can't be trusted with another point. Asked before each drain (DESIGN, section 2).
    ///
    /// - Returns: whether the file has changed.
    func moveIfNeeded(from file: WriterFile) throws(FileError) -> Bool {
        guard let reason = reasonToMove(from: file) else { return false }
        try move(from: file, because: reason)
        return true
    }

    /// Why a file can't be trusted with another point, if so.
    func reasonToMove(from file: WriterFile) -> MoveReason? {
        if file.syncHasFailed.load(ordering: .acquiring) { return .failedSync }
        if file.isFull.load(ordering: .acquiring) { return .full }
        guard let journal = file.journal, journal.slots > 0, !journal.isLinked(environment.fileSystem) else {
            return nil
        }
        return .sealed
    }

    /// Goes on in the next file. What the ring holds goes along, but for what a seal took. May be repeated after a failure.
    ///
    /// Threads that log meanwhile find the old ring closed, and wait no longer than for room.
    func move(from old: WriterFile, because reason: MoveReason) throws(FileError) {
        let hasMoved = try moving.withLock { () throws(FileError) in
            guard openFile === old else { return false }
            if reason != .sealed {
                // A full log is made durable first: its seal then has what is in the ring, and nothing twice.
                if reason == .full { try old.syncLog() }
                // What the page cache still has of the log goes into a seal, under its old sequences: if the disk kept
                // the first writing after all, nothing counts twice. If somebody else's seal was first, what that
                // lacks is carried on below.
                try Sealer(environment, facts.paths).sealOwn(old, rewritesUnsynced: reason == .failedSync)
                old.journal?.abandon(environment.fileSystem)
            }
            let next = try makeFile(
                first: try nextNumber(after: old), rewind: nil, fork: nil, properties: [])
            let carried: Int
            do throws(FileError) { carried = try carry(from: old, to: next) } catch {
                // The next attempt carries everything again.
                next.discard()
                throw error
            }
            state.withLock { state in
                state.loggedBefore += Int(clamping: old.ring.claimed) - carried
                state.file = next
            }
            return true
        }
        guard hasMoved, reason == .sealed, facts.options.sync != .none else { return }
        // The next file's syncs know nothing of what stands in this one.
        if environment.hasThreads { Housekeeping.shared().syncLater(old) } else { try old.syncLog() }
    }

    /// The lowest number that may be free, whatever was removed from `logs/` since the run began here.
    func nextNumber(after old: WriterFile?) throws(FileError) -> UInt32 {
        let names = try environment.fileSystem.list(facts.paths.logs)
        let lowest = max(facts.firstNumber, old.map { $0.begin.n &+ 1 } ?? 0)
        return max(lowest, try RunFiles.nextNumber(of: facts.run, in: names))
    }

    /// Copies what a sealed file's ring holds, and its seal doesn't, to the next file. Returns the number of points.
    private func carry(from old: WriterFile, to next: WriterFile) throws(FileError) -> Int {
        let rest = old.giveUp()
        let sealed = try Sealer(environment, facts.paths).sequences(ofSealOf: old)
        let keys = old.appender.withLock { $0.keys }
        var carried = 0
        for sequence in rest where !sealed.contains(sequence) {
            guard let record = old.ring.record(sequence), let key = keys[record.series] else { continue }
            let id = try next.appender.withLock { appender throws(FileError) in
                try appender.define(key.key, valueType: key.valueType, sequence: 0)
            }
            guard let id else { continue }
            while true {
                if let claimed = next.ring.hot.pointee.claim() {
                    next.ring.hot.pointee.store(
                        claimed, step: record.step, time: record.time, value: record.value, series: id)
                    break
                }
                try next.drain()
            }
            carried += 1
        }
        return carried
    }
}
