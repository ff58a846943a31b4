/// How a run is written.
public struct RunOptions: Sendable {
    /// The run's ID; nil takes it from VARVE_RUN_ID, else makes a new one.
    public var id: RunID?
    /// The attempt's number; nil takes it from VARVE_ATTEMPT, TORCHELASTIC_RESTART_COUNT or SLURM_RESTART_COUNT, else 1
    /// + the highest of this rank.
    public var attempt: Int?
    /// The rank of this process in a distributed run; it becomes a part of every context. Nil: VARVE_RANK, or what torchrun (RANK,
    /// LOCAL_RANK), Open MPI or Slurm (SLURM_PROCID) say, where they say that there are several.
    public var rank: Int?
    /// Bytes of the ring that holds the newest points: a power of two from 64 KiB to 64 MiB.
    public var journalBytes = 1 << 20
    /// When points are made safe from a power cut. A kill loses nothing under any policy.
    public var sync = SyncPolicy.interval(seconds: 1)
    /// Who builds the index, and when.
    public var compaction = CompactionPolicy.afterClose
    /// What stamps points that come without a time.
    public var clock = LogClock.counter
    /// The run whose history below `step` this one inherits.
    public var forkOf: Fork?
    /// Importers, which can begin again, write without a journal: every flush is one frame.
    public var useJournal = true
    /// Of importers: when what they write happened, nanoseconds since 1970; nil: now.
    package var created: Int64?
    /// Whether the run runs here, so that its files state this host; not so of importers.
    package var isLocal = true
    /// Called once for each kind of problem, from a background thread.
    public var onProblem: (@Sendable (VarveError) -> Void)?

    /// The point at which a run's history forks.
    public struct Fork: Hashable, Sendable {
        /// The run that is continued.
        public var run: RunID
        /// Its steps below this one are inherited.
        public var step: Int

        /// A fork of `run` before `step`.
        public init(run: RunID, step: Int) {
            self.run = run
            self.step = step
        }
    }

    /// The defaults.
    public init() {}
}

/// When what was logged is forced to the disk.
public enum SyncPolicy: Hashable, Sendable {
    /// At most this long after it was logged.
    case interval(seconds: Double)
    /// With every frame that is appended to the log.
    case everyDrain
    /// When the operating system likes.
    case none
}

/// Who builds the index.
public enum CompactionPolicy: Hashable, Sendable {
    /// The writer, after a close, once 64 closed files are not in the index, for at most about a second.
    case afterClose
    /// A thread of this process, while the run is open.
    case background
    /// Nobody here: `varve compact`, or nobody at all.
    case never
}

/// What stamps a point.
public enum LogClock: Hashable, Sendable {
    /// The processor's time-stamp counter, calibrated every second; microseconds.
    case counter
    /// CLOCK_REALTIME; nanoseconds.
    case system
}
