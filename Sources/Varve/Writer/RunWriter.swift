import Synchronization
import VarveFiles
import VarveFormat

/// One process's writing of one run: the current file, and what happens when it can't go on in it.
///
/// Lock order: moving, bind, state, then those of ``WriterFile``. A thread that logs takes none that is held while the disk
/// is waited for.
final class RunWriter: Sendable {
    let facts: RunFacts
    /// The process's token; another one in a forked child.
    let generation: UInt64
    /// Held for the whole of a move to the next file.
    let moving = Lock()
    let bindLock = Lock()
    let state = Guarded<State>(State())
    let dropped = Atomic<Int>(0)
    let rounded = Atomic<Int>(0)
    let waits = Atomic<Int>(0)
    let longestWait = Atomic<Int>(0)
    /// A point waited in vain: until there is room again, the others don't wait.
    let isDropping = Atomic<Bool>(false)
    let drainWanted = Atomic<Bool>(false)
    /// After a drain that failed, callers that find no room don't repeat its work before this monotonic time.
    let nextAttempt = Atomic<Int64>(.min)
    static let pauseAfterFailure: Int64 = 100_000_000

    struct State {
        var file: WriterFile?
        /// Points in the files before the current one.
        var loggedBefore = 0
        var isClosed = false
        var revision: UInt64 = 0
        var dropsReported = 0
        var problem: VarveError?
        var toldOf: Set<VarveError.Code> = []
        var handles: [MetricKey: Series] = [:]
        /// What there was to tell of the file, once it is closed and gone.
        var last: RunHealth?
    }

    /// Whether a forked child's file is still to be made; and the lock of those who wait for it.
    let opensInChild: Atomic<Bool>
    let opening = Lock()

    init(_ facts: RunFacts, generation: UInt64, isChild: Bool) {
        self.facts = facts
        self.generation = generation
        opensInChild = Atomic(isChild)
    }

    var environment: Environment { facts.environment }

    /// The file that takes points now; nil once the run is closed, or if none could be made.
    var openFile: WriterFile? { state.withLock { $0.isClosed ? nil : $0.file } }

    /// The same, once a move that is under way is over: for what would be lost if it were still put into the old file.
    var settledFile: WriterFile? { moving.withLock { openFile } }

    /// Lets go of what a closed run doesn't need: buffers, descriptors, and the handles, which hold on to us. A late
    /// `log` through one of them finds its ring closed.
    func release() {
        let health = health
        state.withLock { state in
            state.last = health
            state.file = nil
            state.handles = [:]
        }
    }

    var health: RunHealth {
        var health = RunHealth()
        health.dropped = dropped.load(ordering: .relaxed)
        health.rounded = rounded.load(ordering: .relaxed)
        health.waits = waits.load(ordering: .relaxed)
        health.longestWait = Int64(longestWait.load(ordering: .relaxed))
        let (file, before, problem, last) = state.withLock { ($0.file, $0.loggedBefore, $0.problem, $0.last) }
        health.problem = problem
        if let last {
            health.logged = last.logged
            health.durability = last.durability
            health.series = last.series
            health.file = last.file
        } else if let file {
            health.logged = before + Int(clamping: file.ring.claimed)
            health.pending = Int(clamping: file.undrained)
            health.durability = file.begin.durability
            health.series = file.appender.withLock { $0.seriesCount }
            health.file = Int(file.begin.n)
        }
        return health
    }
}
