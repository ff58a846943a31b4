import Synchronization
import VarveFiles
import VarveFormat

/// One process's writing of one run: the current file, and what happens when it can't go on in it.
///
/// Lock order: bind, state, then those of ``WriterFile``.
final class RunWriter: Sendable {
    let shared: RunShared
    /// The process's token; another one in a forked child.
    let generation: UInt64
    let bindLock = Guarded<Void>(())
    private let state = Guarded<State>(State())
    private let dropped = Atomic<Int>(0)
    private let rounded = Atomic<Int>(0)
    private let waits = Atomic<Int>(0)
    private let longestWait = Atomic<Int>(0)
    /// A point waited in vain: until there is room again, the others don't wait.
    private let isDropping = Atomic<Bool>(false)
    private let drainWanted = Atomic<Bool>(false)
    /// After a drain that failed, callers that find no room don't repeat its work before this monotonic time.
    private let nextAttempt = Atomic<Int64>(.min)
    private static let pauseAfterFailure: Int64 = 100_000_000

    private struct State {
        var file: WriterFile?
        /// Points in the files before the current one.
        var loggedBefore = 0
        var isClosed = false
        var revision: UInt64 = 0
        var dropsReported = 0
        var problem: VarveError?
        var toldOf: Set<VarveError.Code> = []
        var handles: [MetricKey: Series] = [:]
        var warnedOfSeries = false
    }

    /// Whether a forked child's file is still to be made; and the lock of those who wait for it.
    private let opensInChild: Atomic<Bool>
    private let opening = Guarded<Void>(())

    init(shared: RunShared, generation: UInt64, isChild: Bool) {
        self.shared = shared
        self.generation = generation
        opensInChild = Atomic(isChild)
    }

    private var environment: Environment { shared.environment }

    /// The file that takes points now; nil once the run is closed, or if none could be made.
    var openFile: WriterFile? { state.withLock { $0.isClosed ? nil : $0.file } }

    // MARK: Opening

    /// Makes the run's first file in this process.
    ///
    /// - Parameter first: the lowest number that may be free.
    func open(
        first: UInt32, revision: UInt64, rewind: BeginFrame.Rewind?, fork: BeginFrame.ForkSource?,
        properties: [String: PropertyValue]
    ) throws(VarveError) {
        let time = environment.host.wallTime()
        let entries = properties.sorted { $0.key < $1.key }.enumerated().map { index, property in
            PropertyEntry(
                run: nil, key: property.key, revision: revision + 1 + UInt64(index), time: time, value: property.value)
        }
        do throws(FileError) {
            let file = try makeFile(first: first, rewind: rewind, fork: fork, properties: entries)
            state.withLock {
                $0.file = file
                $0.revision = revision + UInt64(entries.count)
            }
        } catch {
            throw VarveError(error)
        }
        if environment.hasThreads, shared.options.useJournal { Housekeeping.shared().add(self) }
    }

    /// A forked child's own file: same run, same attempt. If it can't be made, the child's points are dropped and
    /// counted.
    func openInChild() {
        guard opensInChild.load(ordering: .acquiring) else { return }
        opening.withLock { _ in
            guard opensInChild.load(ordering: .relaxed) else { return }
            makeChildFile()
            opensInChild.store(false, ordering: .releasing)
        }
    }

    private func makeChildFile() {
        do throws(FileError) {
            let names = try environment.fileSystem.list(shared.paths.logs)
            let file = try makeFile(
                first: RunFiles.nextNumber(of: shared.run, in: names), rewind: nil, fork: nil, properties: [])
            state.withLock { $0.file = file }
            if environment.hasThreads, shared.options.useJournal { Housekeeping.shared().add(self) }
        } catch {
            note(VarveError(error))
        }
    }

    private func makeFile(
        first: UInt32, rewind: BeginFrame.Rewind?, fork: BeginFrame.ForkSource?, properties: [PropertyEntry]
    ) throws(FileError) -> WriterFile {
        let fileSystem = environment.fileSystem
        let host = environment.host
        let identity = host.identity()
        var n = first
        var log: (any OpenFile)?
        while log == nil {
            do throws(FileError) {
                log = try fileSystem.open(shared.paths.log(.log(run: shared.run, n: n)), .createNew)
            } catch  where error.code == .exists {
                n += 1
            }
        }
        guard let log else { throw FileError("open", shared.paths.logs, .exists) }
        let name = LogName.log(run: shared.run, n: n)
        var begin = BeginFrame()
        begin.repository = shared.repository
        begin.run = shared.run
        begin.n = n
        begin.salt = host.random()
        begin.attempt = shared.attempt
        begin.rank = shared.options.rank.map { UInt32(clamping: $0) }
        begin.rewind = rewind
        begin.fork = fork
        begin.created = host.wallTime()
        begin.host = identity.hostName
        var journal: JournalFile?
        var ring: Ring?
        let slots = max(2048, min(shared.options.journalBytes, 64 << 20) / FormatConstants.journalRecordBytes)
        let ringSlots = 1 << (Int.bitWidth - 1 - slots.leadingZeroBitCount)
        do throws(FileError) {
            if shared.options.useJournal {
                var header = JournalHeader()
                header.run = shared.run
                header.n = n
                header.salt = begin.salt
                header.boot = identity.boot
                header.namespace = identity.namespace
                header.pid = identity.pid
                header.processStarted = identity.started
                header.created = begin.created
                header.repository = shared.repository
                header.host = identity.hostName
                let isMapped = try fileSystem.volume(shared.paths.logs).mapsSafely
                header.slots = isMapped ? UInt32(ringSlots) : 0
                let made = try JournalFile.make(
                    environment, shared.paths, header: header, slots: Int(header.slots))
                journal = made
                if let region = made.region {
                    ring = Ring(memory: .mapped(region), slots: ringSlots, salt: begin.salt)
                }
                begin.durability = isMapped ? .mapped : .buffered
            }
            var appender = LogAppender(file: log, salt: begin.salt)
            try appender.begin(begin, properties: properties)
            return WriterFile(
                environment: environment, paths: shared.paths, name: name, begin: begin, log: log, appender: appender,
                ring: ring ?? .heap(slots: ringSlots, salt: begin.salt), journal: journal, sync: shared.options.sync,
                firstSequence: 0)
        } catch {
            // Nothing was acknowledged from this file yet: it may go without a trace.
            journal?.abandon(fileSystem)
            log.close()
            try? fileSystem.unlink(shared.paths.log(name))
            throw error
        }
    }

    // MARK: Series

    /// The handle of a metric; the same one for the same metric.
    func series(_ metric: MetricKey, valueType: ValueType) -> Series {
        if let known = state.withLock({ $0.handles[metric] }) { return known }
        func core(_ automatic: Bool) -> SeriesCore {
            SeriesCore(
                key: LogAppender.SeriesKey(metric: metric, automaticSteps: automatic), valueType: valueType,
                shared: shared, nextStep: shared.nextSteps[metric] ?? 0)
        }
        let made = Series(core: core(false), counted: core(true))
        let kept = state.withLock { state in
            if let known = state.handles[metric] { return known }
            state.handles[metric] = made
            return made
        }
        _ = kept.core.bind(to: self)
        return kept
    }

    /// The number of a series in `file`; nil if it could not be written down: then its points are dropped, and counted.
    func define(_ key: LogAppender.SeriesKey, valueType: ValueType, in file: WriterFile) -> UInt32? {
        do throws(FileError) {
            let (id, count) = try file.appender.withLock { appender throws(FileError) in
                let id = try appender.define(key, valueType: valueType, sequence: file.ring.claimed)
                return (id, appender.seriesCount)
            }
            guard let id else {
                note(
                    VarveError(
                        .limit, "too many series in one run", file: file.path,
                        expected: "at most \(FormatConstants.maxSeries)",
                        remedy: "take what changes from step to step out of the metric's name"))
                return nil
            }
            if count == 10_000 {
                note(
                    VarveError(
                        .limit, "this run has 10,000 series", file: file.path,
                        remedy: "take what changes from step to step out of the metric's name"))
            }
            return id
        } catch {
            note(VarveError(error))
            return nil
        }
    }

    // MARK: What isn't points

    /// Appends a frame that isn't of points, before the call returns.
    func append(_ body: (inout LogAppender, UInt64) throws(FileError) -> Void) throws(VarveError) {
        guard let file = openFile else { throw Self.closedError(shared.run) }
        do throws(FileError) {
            let claimed = file.ring.claimed
            try file.appender.withLock { appender throws(FileError) in
                guard !appender.isEnded else { throw FileError("write", file.path, .badDescriptor) }
                try body(&appender, claimed)
            }
        } catch {
            note(VarveError(error))
            throw VarveError(error)
        }
    }

    static func closedError(_ run: UniqueID) -> VarveError {
        VarveError(.state, "run \(run) is closed here", remedy: "resume it, or set properties through the repository")
    }

    /// The revisions that the next `count` properties get.
    func nextRevisions(_ count: Int) -> UInt64 {
        state.withLock { state in
            defer { state.revision += UInt64(count) }
            return state.revision + 1
        }
    }

    // MARK: Room, drains and losses

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
            if ring.hot.pointee.hasRoom(points) || ring.isClosed {
                let waited = Int(environment.host.monotonicTime() - start)
                longestWait.max(waited, ordering: .relaxed)
                return true
            }
            if environment.host.monotonicTime() - start >= patience || !environment.hasThreads {
                if !isDropping.exchange(true, ordering: .relaxed) {
                    note(
                        VarveError(
                            .noRoom, "points of run \(shared.run) are dropped: the log can't be written",
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
        guard environment.hasThreads, shared.options.useJournal else {
            drainNow(waits: false)
            return
        }
        if !drainWanted.exchange(true, ordering: .relaxed) { Housekeeping.shared().wake() }
    }

    /// Whether a drain was asked for since the last call.
    func takesDrainRequest() -> Bool { drainWanted.exchange(false, ordering: .relaxed) }

    /// Drains; a failure is noted, and told once.
    func drainNow(waits: Bool) {
        guard let file = openFile else { return }
        do throws(FileError) {
            if let journal = file.journal, journal.slots > 0, !journal.isLinked(environment.fileSystem) {
                try move(from: file, because: .sealed)
                return
            }
            let moved = try file.drain(waits: waits)
            if moved > 0 { hasRoomAgain() }
            try reportDrops(in: file)
        } catch {
            fail(error, in: file)
        }
    }

    /// About once a second.
    func tick() {
        guard let file = openFile else { return }
        do throws(FileError) {
            if let journal = file.journal, journal.slots > 0, !journal.isLinked(environment.fileSystem) {
                try move(from: file, because: .sealed)
                return
            }
            try file.tick(now: environment.host.monotonicTime(), drainAge: 60_000_000_000)
            if file.undrained == 0 { hasRoomAgain() }
            try reportDrops(in: file)
        } catch {
            fail(error, in: file)
        }
    }

    private func hasRoomAgain() {
        isDropping.store(false, ordering: .relaxed)
        nextAttempt.store(.min, ordering: .relaxed)
    }

    private func fail(_ error: FileError, in file: WriterFile) {
        note(VarveError(error))
        nextAttempt.store(environment.host.monotonicTime() + Self.pauseAfterFailure, ordering: .relaxed)
        if file.syncHasFailed.load(ordering: .acquiring) {
            do throws(FileError) { try move(from: file, because: .failedSync) } catch { note(VarveError(error)) }
        }
    }

    /// Writes down what was dropped, as soon as anything can be written.
    private func reportDrops(in file: WriterFile) throws(FileError) {
        let total = dropped.load(ordering: .relaxed)
        let fresh = state.withLock { total - $0.dropsReported }
        guard fresh > 0 else { return }
        let claimed = file.ring.claimed
        let entry = LossEntry(
            reason: .noRoom, firstSequence: claimed, points: UInt64(fresh), time: environment.host.wallTime(),
            detail: state.withLock { $0.problem?.message ?? "" })
        try file.appender.withLock { appender throws(FileError) in
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
        if isNew { shared.options.onProblem?(problem) }
    }

    // MARK: Moving on

    enum MoveReason {
        /// The journal lost its name: somebody sealed it, or deleted the run.
        case sealed
        /// The log could not be made durable.
        case failedSync
    }

    /// Goes on in the next file. What the ring holds goes along, but for what a seal took.
    func move(from old: WriterFile, because reason: MoveReason) throws(FileError) {
        try state.withLock { state throws(FileError) in
            guard state.file === old, !state.isClosed else { return }
            let fileSystem = environment.fileSystem
            if reason == .failedSync {
                // What the page cache still has of the log goes into a seal, under its old sequences: if the disk kept
                // the first writing after all, nothing counts twice.
                _ = old.ring.close()
                try Sealer(environment, shared.paths).sealOwn(old)
                old.journal?.abandon(fileSystem)
            }
            let names = try fileSystem.list(shared.paths.logs)
            let next = try makeFile(
                first: RunFiles.nextNumber(of: shared.run, in: names), rewind: nil, fork: nil, properties: [])
            if reason == .sealed {
                try carry(from: old, to: next)
            }
            state.loggedBefore += Int(clamping: old.ring.claimed)
            state.file = next
        }
    }

    /// Copies what a sealed file's ring holds, and its seal doesn't, to the next file.
    private func carry(from old: WriterFile, to next: WriterFile) throws(FileError) {
        let final = old.ring.close() ?? old.ring.claimed
        let sealed = Sealer(environment, shared.paths).sequences(ofSealOf: old)
        let drained = old.drain.withLock { $0.drained }
        let keys = old.appender.withLock { $0.keys }
        var sequence = drained
        while sequence < final {
            // Claimed a moment ago and not published yet: its thread needs an instant, not more.
            var patience = 1000
            while old.ring.record(sequence) == nil, patience > 0, environment.hasThreads {
                Pause.short()
                patience -= 1
            }
            if let record = old.ring.record(sequence), !sealed.contains(sequence), let key = keys[record.series] {
                let id = try next.appender.withLock { appender throws(FileError) in
                    try appender.define(key.key, valueType: key.valueType, sequence: 0)
                }
                if let id {
                    while true {
                        if let claimed = next.ring.hot.pointee.claim() {
                            next.ring.hot.pointee.store(
                                claimed, step: record.step, time: record.time, value: record.value, series: id)
                            break
                        }
                        try next.drain()
                    }
                }
            }
            sequence += 1
        }
        try next.drain()
    }

    // MARK: Ending

    /// Drains, writes `end`, gives the journal back. Points that come later are dropped and counted.
    func close(_ end: EndFrame.State, message: String) throws(VarveError) {
        let file = bindLock.withLock { _ in
            state.withLock { state in
                defer { state.isClosed = true }
                return state.isClosed ? nil : state.file
            }
        }
        guard let file else { throw Self.closedError(shared.run) }
        if environment.hasThreads, shared.options.useJournal { Housekeeping.shared().remove(self) }
        do throws(FileError) {
            try finish(file, end, message)
        } catch {
            note(VarveError(error))
            // Its journal keeps what could not be written; the next reader finds a run that was killed.
            throw VarveError(error)
        }
    }

    private func finish(_ file: WriterFile, _ end: EndFrame.State, _ message: String) throws(FileError) {
        let holes = try file.drainForGood()
        let time = environment.host.wallTime()
        try reportDrops(in: file)
        let points = file.ring.claimed
        try file.appender.withLock { appender throws(FileError) in
            if !holes.isEmpty {
                let entries = holes.map {
                    LossEntry(
                        reason: .hole, firstSequence: $0.lowerBound, points: $0.upperBound - $0.lowerBound, time: time,
                        detail: "claimed and never published")
                }
                try appender.append(
                    .loss, payload: LossEntry.payload(entries), count: entries.count, sequence: points)
            }
            let frame = EndFrame(state: end, points: points, time: time, message: message)
            try appender.append(.end, payload: frame.payload(), count: 1, sequence: points)
        }
        // A journal that made points durable may only go once the log does.
        let journalWasSynced = file.held.load(ordering: .acquiring) > 0
        if shared.options.sync != .none, journalWasSynced || shared.options.sync == .everyDrain {
            do throws(FileError) { try file.syncLog() } catch {
                // Everything after the last good sync is written anew, in a file that no failed sync has touched.
                note(VarveError(error))
                try Sealer(environment, shared.paths).sealOwn(file, end: end)
            }
        }
        file.journal?.retire(environment, shared.paths)
        if shared.options.sync != .none, environment.hasThreads, shared.options.useJournal {
            Housekeeping.shared().syncLater(file)
        } else {
            if shared.options.sync != .none { try file.syncLog() }
            file.log.close()
        }
    }

    // MARK: Telling

    var health: RunHealth {
        var health = RunHealth()
        health.dropped = dropped.load(ordering: .relaxed)
        health.rounded = rounded.load(ordering: .relaxed)
        health.waits = waits.load(ordering: .relaxed)
        health.longestWait = Int64(longestWait.load(ordering: .relaxed))
        let (file, before, problem) = state.withLock { ($0.file, $0.loggedBefore, $0.problem) }
        health.problem = problem
        if let file {
            health.logged = before + Int(clamping: file.ring.claimed)
            health.pending = Int(clamping: file.undrained)
            health.durability = file.begin.durability
            health.series = file.appender.withLock { $0.seriesCount }
            health.file = Int(file.begin.n)
        }
        return health
    }
}
