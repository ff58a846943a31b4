import VarveFormat

/// What a run is, whichever process writes it.
final class RunFacts: Sendable {
    let environment: Environment
    let paths: RepositoryPaths
    let repository: UniqueID
    let run: UniqueID
    let attempt: UInt32
    let options: RunOptions
    /// Lower numbers are taken, by files that are in `logs/`, in the trash or in the index.
    let firstNumber: UInt32
    let clock: PointClock
    /// Where automatic steps go on, for the series that a resumed run has already.
    let nextSteps: [MetricKey: Int64]

    init(
        environment: Environment, paths: RepositoryPaths, repository: UniqueID, run: UniqueID, attempt: UInt32,
        options: RunOptions, firstNumber: UInt32, nextSteps: [MetricKey: Int64]
    ) {
        self.environment = environment
        self.paths = paths
        self.repository = repository
        self.run = run
        self.attempt = attempt
        self.options = options
        self.firstNumber = firstNumber
        self.nextSteps = nextSteps
        clock = PointClock(options.clock, environment)
    }
}
