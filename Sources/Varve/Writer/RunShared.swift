import VarveFiles
import VarveFormat

/// What a run is, whichever process writes it; and the writer of this one.
final class RunShared: @unchecked Sendable {
    let environment: Environment
    let paths: RepositoryPaths
    let repository: UniqueID
    let run: UniqueID
    let attempt: UInt32
    let options: RunOptions
    let clock: PointClock
    /// Where automatic steps go on, for the series that a resumed run has already.
    let nextSteps: [MetricKey: Int64]
    /// Only touched under the fork guard's lock, the one lock that a fork leaves open in the child.
    private var current: RunWriter?

    init(
        environment: Environment, paths: RepositoryPaths, repository: UniqueID, run: UniqueID, attempt: UInt32,
        options: RunOptions, nextSteps: [MetricKey: Int64]
    ) {
        self.environment = environment
        self.paths = paths
        self.repository = repository
        self.run = run
        self.attempt = attempt
        self.options = options
        self.nextSteps = nextSteps
        clock = PointClock(options.clock, environment)
    }

    /// The writer of this process. In a forked child this makes one of its own, with a log file of its own: the
    /// parent's is
    /// left alone, and so are its locks, which a vanished thread may hold.
    func writer() -> RunWriter {
        let generation = ForkGuard.generation
        let writer = ForkGuard.shared.withLock {
            if let current, current.generation == generation { return current }
            let fresh = RunWriter(shared: self, generation: generation, isChild: current != nil)
            current = fresh
            return fresh
        }
        // Outside the lock, which must not be held for long, nor twice.
        writer.openInChild()
        return writer
    }
}
