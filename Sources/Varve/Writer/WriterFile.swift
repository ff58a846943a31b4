import Synchronization
import VarveFiles
import VarveFormat

/// One log file that this process writes, with its ring and journal.
///
/// Lock order: drain, then append. The ring needs no lock.
final class WriterFile: Sendable {
    let environment: Environment
    let paths: RepositoryPaths
    let name: LogName
    let path: String
    let begin: BeginFrame
    let log: any OpenFile
    let ring: Ring
    let journal: JournalFile?
    let sync: SyncPolicy
    let appender: Guarded<LogAppender>
    let drain: Guarded<DrainState>
    /// Sequences below this were in the ring when a sync of the journal began: their slots are reused only once the log
    /// is durable too.
    let held = Atomic<UInt64>(0)
    /// The directory has names that a power cut could take.
    let directoryIsDirty = Atomic<Bool>(true)
    /// The pages of a failed sync may be gone, and a second sync would say that all is well: nothing is trusted to this
    /// file any more.
    let syncHasFailed = Atomic<Bool>(false)
    /// It has as many bytes as a file may have here: what comes next goes to another.
    let isFull = Atomic<Bool>(false)
    let lastTick = Guarded<TickState>(TickState())

    struct DrainState: Sendable {
        /// The sequence after the last point in the log.
        var drained: UInt64
        /// Slots below this may be claimed again.
        var freed: UInt64
        /// Drained sequences that were never published.
        var holes: [Range<UInt64>] = []
        /// Its writer goes on elsewhere: what is still in the ring is no longer this file's.
        var isGivenUp = false
        /// The series of the points at hand.
        var series: [UInt32] = []
        let codec = DrainCodec()
    }

    struct TickState {
        var claimed: UInt64 = 0
        var beats: UInt64 = 0
        /// When the oldest point that is not in the log was first seen, and the drained sequence then.
        var oldestSeen: Int64?
        var drainedThen: UInt64 = 0
        /// The journal was given back.
        var isRetired = false
    }

    init(
        environment: Environment, paths: RepositoryPaths, name: LogName, begin: BeginFrame, log: any OpenFile,
        appender: sending LogAppender, ring: Ring, journal: JournalFile?, sync: SyncPolicy, firstSequence: UInt64
    ) {
        self.environment = environment
        self.paths = paths
        self.name = name
        path = paths.log(name)
        self.begin = begin
        self.log = log
        self.appender = Guarded(appender)
        self.ring = ring
        self.journal = journal
        self.sync = sync
        drain = Guarded(DrainState(drained: firstSequence, freed: firstSequence))
    }

    /// Points that are in the ring and not yet in the log.
    var undrained: UInt64 {
        let claimed = ring.claimed
        return drain.withLock { claimed > $0.drained ? claimed - $0.drained : 0 }
    }

    /// The most points of one frame: half a ring, as long as that is no more than a page.
    private var framePoints: UInt64 { UInt64(min(ring.slots / 2, FormatConstants.axisPoints)) }

    /// Moves what was published from the ring to the log, in frames.
    ///
    /// - Parameters:
    ///   - waits: false gives up at once if another thread drains.
    ///   - wholly: false leaves what is less than a frame, after the first: a frame of a few points costs as much time as
    ///     one of many, and the next half of the ring will bring it.
    /// - Returns: the number of points moved.
    @discardableResult
    func drain(waits: Bool = true, wholly: Bool = true) throws(FileError) -> Int {
        let done: Drained?
        if waits {
            done = try drain.withLock { state throws(FileError) in try self.drain(&state, wholly) }
        } else {
            done = try drain.withLockIfAvailable { state throws(FileError) in try self.drain(&state, wholly) }
        }
        guard let done else { return 0 }
        if done.needsSync { try syncLog() }
        return done.points
    }

    /// Takes note of an error that says that the log may not grow.
    func noteFull(_ error: FileError) {
        if error.code == .fileTooLarge, error.path == path { isFull.store(true, ordering: .releasing) }
    }

    /// Whether no thread drains just now.
    var isIdle: Bool { drain.withLockIfAvailable { _ in true } ?? false }

    private struct Drained {
        var points = 0
        var needsSync = false
    }

    private func drain(_ state: inout DrainState, _ wholly: Bool) throws(FileError) -> Drained {
        var done = Drained()
        // What comes meanwhile is for the next drain: before each the caller looks whether this file may still have any.
        let end = ring.claimed
        while !state.isGivenUp, state.drained < end {
            let first = state.drained
            if !wholly, done.points > 0, end - first < framePoints { break }
            // The rows stay where they are while they are encoded: nobody else frees their slots.
            let rows = ring.hot.pointee.published(
                from: first, to: min(end, first + framePoints), series: &state.series)
            let count = state.series.count
            guard count > 0 else {
                guard ring.isAbandoned(first) else { return done }
                state.holes.append(first..<first + 1)
                state.drained = first + 1
                continue
            }
            let payload = state.codec.encode(rows, series: state.series)
            try appender.withLock { appender throws(FileError) in
                try appender.append(.points, payload: payload, count: count, sequence: first)
            }
            state.drained = first + UInt64(count)
            done.points += count
            done.needsSync = free(&state) || done.needsSync
        }
        return done
    }

    /// Frees drained slots, unless the journal is what makes them durable. Returns whether the log has to be synced
    /// first.
    private func free(_ state: inout DrainState) -> Bool {
        if sync == .everyDrain { return true }
        if sync != .none, state.freed < held.load(ordering: .acquiring) { return true }
        state.freed = state.drained
        ring.free(below: state.freed)
        return false
    }

    /// Makes everything that is in the log durable, then frees what is drained.
    func syncLog() throws(FileError) {
        let drained = drain.withLock { $0.drained }
        let (end, synced) = appender.withLock { ($0.end, $0.synced) }
        if sync != .none {
            if end > synced {
                try noting { () throws(FileError) in try log.sync() }
                appender.withLock { $0.noteSynced(end) }
            }
            if directoryIsDirty.exchange(false, ordering: .relaxed) {
                do throws(FileError) { try environment.fileSystem.syncDirectory(paths.logs) } catch {
                    directoryIsDirty.store(true, ordering: .relaxed)
                    throw error
                }
            }
        }
        drain.withLock { state in
            if drained > state.freed {
                state.freed = drained
                ring.free(below: drained)
            }
        }
    }

    private func noting(_ sync: () throws(FileError) -> Void) throws(FileError) {
        // The system tells of lost pages once; the next call would succeed and mean nothing.
        if syncHasFailed.load(ordering: .acquiring) { throw FileError("fdatasync", path, .io) }
        do throws(FileError) { try sync() } catch {
            syncHasFailed.store(true, ordering: .releasing)
            throw error
        }
    }

    /// What the housekeeping does about once a second (DESIGN, section 2): the log first, then the journal; nothing if
    /// nothing is new.
    ///
    /// - Parameter drainAge: nanoseconds after which the oldest point is moved to the log.
    func tick(now: Int64, drainAge: Int64) throws(FileError) {
        let claimed = ring.claimed
        let (logged, beats) = lastTick.withLock { tick in
            tick.beats += 1
            return (claimed - min(claimed, tick.claimed), tick.beats)
        }
        let isNew = logged > 0
        let drained = drain.withLock { $0.drained }
        try lastTick.withLock { tick throws(FileError) in
            if let journal, !tick.isRetired, journal.slots > 0 || beats % 30 == 1 { try journal.beat(beats) }
        }
        let unsynced = appender.withLock { $0.end > $0.synced }
        let undrained = claimed > drained ? claimed - drained : 0
        let isOld = lastTick.withLock { tick in
            if undrained == 0 {
                tick.oldestSeen = nil
                return false
            }
            if tick.oldestSeen == nil || tick.drainedThen != drained {
                tick.oldestSeen = now
                tick.drainedThen = drained
            }
            return now - (tick.oldestSeen ?? now) >= drainAge
        }
        if isNew || unsynced {
            if undrained >= 1024 || journal?.region == nil {
                try drain()
                try syncLog()
            } else {
                if sync != .none { held.store(claimed, ordering: .releasing) }
                try syncLog()
                if sync != .none { try noting { () throws(FileError) in try journal?.sync() } }
            }
        }
        if isOld { try drain() }
        let done = drain.withLock { $0.drained }
        lastTick.withLock { tick in
            // Only now: what a tick that failed didn't make safe is as new to the next one.
            tick.claimed = claimed
            if tick.isRetired { return }
            let claimed = ring.claimed
            journal?.hint(claimed: claimed, drained: done, synced: held.load(ordering: .relaxed))
            // As many as come before the next tick, if it goes on like this, and as many again.
            if isNew { journal?.prefault(from: claimed, points: max(128, 2 * logged)) }
        }
    }

    /// Gives the journal back. A tick that is under way leaves its pages alone from now on: they may be another run's.
    ///
    /// - Parameter reuses: false if a thread may still store a point.
    func retireJournal(reuses: Bool) {
        guard let journal else { return }
        lastTick.withLock { $0.isRetired = true }
        if reuses { journal.retire(environment, paths) } else { journal.abandon(environment.fileSystem) }
    }

    /// Closes the ring and ends all draining: what isn't in the log by now is for another file.
    ///
    /// - Returns: the sequences of the points that remain; each is published, or its thread didn't come to it in a second.
    func giveUp() -> Range<UInt64> {
        let final = ring.close() ?? ring.claimed
        let drained = drain.withLock { state in
            state.isGivenUp = true
            return state.drained
        }
        let rest = drained..<max(drained, final)
        let deadline = environment.host.monotonicTime() + 1_000_000_000
        for sequence in rest {
            // Claimed a moment ago and not published yet: its thread needs an instant, as a rule.
            while environment.hasThreads, ring.record(sequence) == nil, environment.host.monotonicTime() < deadline {
                Pause.short()
            }
        }
        return rest
    }

    var isGivenUp: Bool { drain.withLock { $0.isGivenUp } }

    /// Removes the file, from which nobody has read anything that counts.
    func discard() {
        _ = giveUp()
        journal?.abandon(environment.fileSystem)
        log.close()
        try? environment.fileSystem.unlink(path)
    }

    /// Closes the ring and moves everything that was claimed to the log.
    ///
    /// A thread that claimed and never published (stopped in a debugger, say) is waited for a second; then its
    /// sequences are holes.
    /// - Returns: the sequences that are holes.
    func drainForGood() throws(FileError) -> [Range<UInt64>] {
        let final = ring.close() ?? ring.claimed
        let deadline = environment.host.monotonicTime() + 1_000_000_000
        while true {
            try drain()
            let (drained, holes) = drain.withLock { ($0.drained, $0.holes) }
            if drained >= final { return holes }
            if environment.hasThreads, environment.host.monotonicTime() < deadline {
                Pause.short()
                continue
            }
            // Skip to the next record that was published.
            var next = drained + 1
            while next < final, ring.record(next) == nil { next += 1 }
            drain.withLock { state in
                state.holes.append(drained..<next)
                state.drained = next
            }
        }
    }
}

/// The encoders of a drain, kept from one frame to the next.
final class DrainCodec: @unchecked Sendable {
    // Only ever used under the drain lock.
    private let points = PointsCodec()

    func encode(_ rows: JournalRows, series: [UInt32]) -> [UInt8] { points.encode(rows, series: series) }
}
