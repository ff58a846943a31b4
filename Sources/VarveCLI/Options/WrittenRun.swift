import ArgumentParser
import Varve

/// What is said of a run that is written.
struct RunDescription: ParsableArguments {
    @Option(name: .customLong("run"), help: ArgumentHelp("What the run is called.", valueName: "name"))
    var name: String?

    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp(
            "A param of the run, typed as it looks: 3, 0.1, true, text; may be repeated.", valueName: "key=value"))
    var param: [KeyValue] = []

    @Option(
        name: .long, parsing: .singleValue, help: ArgumentHelp("A tag of the run; may be repeated.", valueName: "tag"))
    var tag: [String] = []
}

/// Whether a run goes on, or begins where another one was, and from which step.
struct Resumption: ParsableArguments {
    @Option(help: ArgumentHelp("Go on with this run instead of starting one.", valueName: "run"))
    var resume: String?

    @Option(
        help: ArgumentHelp(
            "Start a run that has this one's history below the step of --from, without a copy.", valueName: "run"))
    var fork: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "With --resume: the first step that is logged again; what was logged from it on is taken back.",
            valueName: "step"))
    var from: Int?

    func validate() throws {
        if resume != nil, fork != nil { throw ValidationError("--resume and --fork exclude each other") }
        if from != nil, resume == nil, fork == nil { throw ValidationError("--from goes with --resume or --fork") }
        if fork != nil, from == nil { throw ValidationError("--fork takes the first step of its own with --from") }
    }

    /// The repository of the run, which is made for a new one.
    func repository(_ common: CommonOptions) throws -> Repository {
        try resume == nil && fork == nil ? common.openOrCreate() : common.open()
    }

    /// Starts the run, or goes on with it, as `description` says.
    ///
    /// - Parameter name: what a new run is called if nobody says so.
    /// - Returns: the run, and what there was before, if it goes on.
    func start(
        _ description: RunDescription, in repository: Repository, options: RunOptions, name: String? = nil
    ) throws -> (run: Run, earlier: Snapshot?) {
        var options = options
        options.onProblem = { printError("warning: \($0)") }
        if let fork, let from {
            options.forkOf = RunOptions.Fork(run: try repository.snapshot().run(fork).id, step: from)
        }
        guard let resume else {
            let params = Properties(description.param.map { ($0.key, $0.typed) })
            let run = try repository.startRun(
                name: description.name ?? name, params: params, tags: description.tag, options: options)
            return (run, nil)
        }
        let snapshot = try repository.snapshot()
        let run = try repository.resumeRun(snapshot.run(resume).id, from: from, options: options)
        var properties = Properties(description.param.map { ("params.\($0.key)", $0.typed) })
        if let name = description.name { properties["name"] = .string(name) }
        for tag in description.tag { properties["tags.\(tag)"] = true }
        if !properties.isEmpty { try run.set(properties) }
        return (run, snapshot)
    }
}
