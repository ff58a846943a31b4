import VarveFiles
import VarveFormat

extension Repository {
    /// Starts a run, or joins one if `options.id`, or VARVE_RUN_ID in the environment, names a run that is there: several
    /// processes and ranks may write to one at a time.
    ///
    /// - Parameters:
    ///   - name: for people; need not be unique.
    ///   - params: hyper-parameters by dotted name.
    ///   - tags: labels.
    /// - Returns: the run, its properties already in its log.
    public func startRun(
        name: String? = nil, params: [String: PropertyValue] = [:], tags: [String] = [],
        options: RunOptions = RunOptions()
    ) throws(VarveError) -> Run {
        try startRun(name: name, params: Properties(params), tags: tags, options: options)
    }

    /// The same for params some of whose keys look the same and are not.
    public func startRun(
        name: String? = nil, params: Properties, tags: [String] = [], options: RunOptions = RunOptions()
    ) throws(VarveError) -> Run {
        try demandNoBundle()
        var options = options
        options.rank = options.rank ?? environmentRank
        var properties = Properties()
        if let name { properties["name"] = .string(name) }
        for (key, value) in params { properties["params.\(key)"] = value }
        for tag in tags { properties["tags.\(tag)"] = true }
        for (key, value) in properties { try Limits.check(property: key, value) }
        var wanted = options.id
        if wanted == nil { wanted = try environmentRun() }
        guard let id = wanted else {
            return try write(
                environment.host.newID(), attempt: UInt32(clamping: options.attempt ?? environmentAttempt ?? 0),
                options, history: RunHistory(), rewind: nil, properties)
        }
        let history = try RunHistory(of: id.id, paths, environment)
        return try write(
            id.id, attempt: attempt(options, history), options, history: history, rewind: nil, properties)
    }

    /// Goes on with a run: a new attempt.
    ///
    /// - Parameter step: the first step that is logged again, such as the checkpoint's: what earlier attempts logged
    ///   from it on is superseded,
    ///   in all ranks. Nil: nothing is.
    /// - Throws: `notFound` if there is no such run.
    public func resumeRun(
        _ id: RunID, from step: Int? = nil, options: RunOptions = RunOptions()
    ) throws(VarveError) -> Run {
        try demandNoBundle()
        var options = options
        options.rank = options.rank ?? environmentRank
        let history = try RunHistory(of: id.id, paths, environment)
        guard !history.files.isEmpty else {
            throw VarveError(.notFound, "no run \(id)", file: paths.logs, remedy: "`varve runs` lists them")
        }
        return try write(
            id.id, attempt: attempt(options, history), options, history: history,
            rewind: step.map { .step(Int64($0)) }, [:])
    }

    /// Starts a run that is known by these properties from its file's first bytes on, whatever the environment says of this
    /// process: for who writes down the runs of others.
    package func startRun(properties: Properties, options: RunOptions) throws(VarveError) -> Run {
        try demandNoBundle()
        for (key, value) in properties { try Limits.check(property: key, value) }
        return try write(
            environment.host.newID(), attempt: 0, options, history: RunHistory(), rewind: nil, properties)
    }

    private func write(
        _ id: UniqueID, attempt: UInt32, _ options: RunOptions, history: RunHistory, rewind: BeginFrame.Rewind?,
        _ properties: Properties
    ) throws(VarveError) -> Run {
        var fork: BeginFrame.ForkSource?
        if let source = options.forkOf {
            let sourceHistory = try RunHistory(of: source.run.id, paths, environment)
            fork = BeginFrame.ForkSource(
                run: source.run.id, attempt: sourceHistory.files.map(\.attempt).max() ?? 0, step: Int64(source.step))
        }
        // Importers state every step, and may go on with thousands of runs: each of them would look at all files.
        let countsSteps = !history.files.isEmpty && options.isLocal
        let nextSteps = countsSteps ? try nextAutomaticSteps(of: RunID(id), history) : [:]
        let facts = RunFacts(
            environment: environment, paths: paths, repository: self.id, run: id, attempt: attempt, options: options,
            firstNumber: history.nextNumber, nextSteps: nextSteps)
        let shared = RunShared(facts)
        try shared.writer().open(
            revision: history.revision, rewind: rewind, fork: fork, properties: properties)
        AfterClose.shared().opened(facts)
        return Run(shared: shared)
    }

    private func nextAutomaticSteps(
        of run: RunID, _ history: RunHistory
    ) throws(VarveError) -> [MetricKey: Int64] {
        // A fork's series go on from those of its source.
        let isForked = history.files.contains { $0.fork != nil }
        return try (isForked ? snapshot() : snapshot(of: run)).nextAutomaticSteps(of: run)
    }

    /// The attempt: the caller's word, the launcher's, else one more than the highest that has a file of this rank.
    private func attempt(_ options: RunOptions, _ history: RunHistory) -> UInt32 {
        if let stated = options.attempt ?? environmentAttempt { return UInt32(clamping: stated) }
        let rank = options.rank.map { UInt32(clamping: $0) }
        let mine = history.files.filter { $0.rank == rank }.map(\.attempt)
        return mine.max().map { $0 == .max ? $0 : $0 + 1 } ?? 0
    }

    /// The run that whoever started this process made for it.
    private func environmentRun() throws(VarveError) -> RunID? {
        guard let text = environment.host.environment("VARVE_RUN_ID"), !text.isEmpty else { return nil }
        guard let id = RunID(text) else {
            throw VarveError(.invalid, "VARVE_RUN_ID names no run", expected: "a UUID", found: text)
        }
        return id
    }

    /// The rank that the launcher gave this process among several; nil if it is alone, or was started without one.
    ///
    /// VARVE_RANK is believed as it stands. The launchers' own are believed only where they say that there is more than one
    /// process: torchrun sets RANK for a single one, too, and a batch script of Slurm has an ID without being a task.
    private var environmentRank: Int? {
        func number(_ name: String) -> Int? {
            environment.host.environment(name).flatMap { Int($0) }.flatMap {
                $0 >= 0 && $0 < Int(UInt32.max) ? $0 : nil
            }
        }
        if let rank = number("VARVE_RANK") { return rank }
        let launchers = [
            ("RANK", "WORLD_SIZE"), ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
            ("SLURM_PROCID", "SLURM_STEP_NUM_TASKS"), ("LOCAL_RANK", "LOCAL_WORLD_SIZE"),
        ]
        for (rank, size) in launchers {
            if let rank = number(rank), let size = number(size), size > 1 { return rank }
        }
        return nil
    }

    private var environmentAttempt: Int? {
        for name in ["VARVE_ATTEMPT", "TORCHELASTIC_RESTART_COUNT", "SLURM_RESTART_COUNT"] {
            if let text = environment.host.environment(name), let number = Int(text), number >= 0 { return number }
        }
        return nil
    }

    /// Sets properties of runs, whether they are open, closed or long over. `absent` deletes.
    ///
    /// - Throws: `notFound` if one of the runs isn't there; then nothing is set.
    public func set(_ properties: [String: PropertyValue], of runs: [RunID]) throws(VarveError) {
        try set(Properties(properties), of: runs)
    }

    /// The same for properties some of whose keys look the same and are not.
    public func set(_ properties: Properties, of runs: [RunID]) throws(VarveError) {
        guard !properties.isEmpty, !runs.isEmpty else { return }
        try demandNoBundle()
        for (key, value) in properties { try Limits.check(property: key, value) }
        let writer = EditWriter(environment, paths, repository: id)
        func missing(_ run: RunID) -> VarveError {
            VarveError(.notFound, "no run \(run)", file: paths.logs, remedy: "`varve runs` lists them")
        }
        let distinct = Set(runs.map(\.id)).sorted()
        if distinct.count == 1, let run = distinct.first {
            let history = try RunHistory(of: run, paths, environment)
            guard !history.files.isEmpty else { throw missing(RunID(run)) }
            return try writer.write(properties, of: run, history)
        }
        // One look at everything: ten thousand runs are edited at once.
        let content = try SnapshotContent(environment, paths, repository: id)
        var edited: [(run: UniqueID, revision: UInt64)] = []
        for run in distinct {
            guard content.has(run) else { throw missing(RunID(run)) }
            edited.append((run, content.revision(of: run)))
        }
        try writer.write(properties, of: edited)
    }
}
