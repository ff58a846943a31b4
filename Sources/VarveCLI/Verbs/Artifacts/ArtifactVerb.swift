import ArgumentParser
import Varve

struct ArtifactVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "artifact", abstract: "Keep files with runs: models, figures, predictions.",
        discussion: """
            A content is stored once, whatever runs and names it has, and its hash is checked whenever it is read. A name's \
            versions are told apart by a colon: model.pt:v2; model.pt and model.pt:latest are the last one.
            """,
        subcommands: [
            AddArtifact.self, ListArtifacts.self, GetArtifact.self, RemoveArtifact.self, VerifyArtifacts.self,
        ])
}

/// The run that artifacts belong to.
struct ArtifactRun: ParsableArguments {
    @Argument(help: ArgumentHelp("A run: its ID, the beginning of it, or its name.", valueName: "run"))
    var wanted: String
}

struct ListArtifacts: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "List artifacts: of a run, of several, or of all.",
        discussion: "Without runs: all artifacts of the repository. Missing ones were left behind by a copy.")

    @Argument(help: ArgumentHelp("Runs: IDs, beginnings of IDs, or names (default: all).", valueName: "run"))
    var wanted: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp("All runs for which this holds, such as 'params.lr > 0.01'.", valueName: "expr"))
    var `where`: String?

    @Flag(help: "Of each name only the last version.")
    var latest = false

    @OptionGroup var list: ListOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let snapshot = try common.open().snapshot()
        let isAll = wanted.isEmpty && `where` == nil
        let runs = isAll ? snapshot.runs : try snapshot.runs(named: wanted, where: `where`).orRefusal()
        let ids = ShortIDs(snapshot.runIDs)
        let output = OutputStream()
        let writer = try ListWriter(
            output, format: list.format,
            columns: [
                Column("run", machines: true), Column("id", title: "RUN"), Column("run_name", title: "NAME"),
                Column("artifact"), Column("version"), Column("step", numeric: true), Column("context", optional: true),
                Column("bytes", title: "SIZE", numeric: true), Column("time", title: "ADDED", optional: true),
                Column("media_type", title: "TYPE", optional: true), Column("sha256", machines: true),
                Column("present", machines: true),
            ])
        let now = wallTime()
        var isEmpty = true
        for run in runs {
            let artifacts = try snapshot.artifacts(of: run.id)
            for artifact in latest ? artifacts.latest : artifacts {
                isEmpty = false
                try writer.row([
                    .text(run.id.description), .text(ids[run.id]), .text(run.name),
                    .text(
                        artifact.name, shown: artifact.path == nil ? "\(artifact.name) (missing)" : nil,
                        style: artifact.path == nil ? .red : .plain), .text(artifact.version),
                    artifact.step.map { .step($0) } ?? .missing,
                    .context(MetricKey("", context: artifact.context.dictionary)), .bytes(artifact.size),
                    .time(artifact.time, now: now), .text(artifact.mediaType), .text(artifact.sha256),
                    Cell(value: .bool(artifact.path != nil)),
                ])
            }
        }
        try writer.end()
        common.warn(snapshot)
        if isEmpty, writer.isTable { printNote("there are no artifacts") }
        if isEmpty, !isAll { throw Refusal() }
    }
}

extension [MetricKey.ContextPair] {
    /// As a dictionary.
    var dictionary: [String: String] { Dictionary(map { ($0.key, $0.value) }) { $1 } }
}

struct RemoveArtifact: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Take artifacts out of a run.",
        discussion: """
            NAME means all versions of it, NAME:v2 one, FOLDER/ all that is below. Contents that nothing else has are freed by \
            `varve gc`, a day later at the earliest.
            """)

    @OptionGroup var of: ArtifactRun

    @Argument(help: ArgumentHelp("What to remove: NAME, NAME:VERSION or FOLDER/.", valueName: "name"))
    var names: [String]

    @Flag(help: "Only tell what would be removed.")
    var dryRun = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard !names.isEmpty else { throw ValidationError("say what to remove: a name, or name:version") }
    }

    func run() throws {
        let repository = try common.open()
        let snapshot = try repository.snapshot()
        let run = try snapshot.run(of.wanted)
        let artifacts = try snapshot.artifacts(of: run.id)
        var chosen: [Artifact] = []
        for name in names {
            let found = artifacts.all(name)
            guard !found.isEmpty else { throw artifacts.nothing(name) }
            chosen += found.filter { !chosen.contains($0) }
        }
        if !dryRun { try repository.removeArtifacts(chosen, of: run.id) }
        let output = OutputStream()
        for artifact in chosen {
            let version = artifact.version.isEmpty ? "" : ":\(artifact.version)"
            try output.line(
                "\(dryRun ? "would remove" : "removed") \(HumanText.harmless(artifact.name + version)), "
                    + HumanText.bytes(artifact.size))
        }
        try output.flush()
    }
}

extension [Artifact] {
    /// All that a word means: a name with all its versions, one version, or what is below a folder.
    func all(_ word: String) -> [Artifact] {
        let named = filter { $0.name == word }
        if !named.isEmpty { return named }
        if word.hasSuffix("/") { return filter { $0.name.beginsWithBytes(of: word) } }
        return self.named(word).map { [$0] } ?? []
    }

    /// The error for a word that means nothing.
    func nothing(_ word: String) -> VarveError {
        let nearest = FilterNames.nearest(to: word, among: Set(map(\.name)).sorted())
        return VarveError(
            .notFound, "the run has no artifact '\(word)'",
            remedy: nearest.map { "did you mean '\($0)'?" } ?? "varve artifact ls lists what there is")
    }
}

struct VerifyArtifacts: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Read artifacts and check that each is what was added.",
        discussion: "Of the runs that are named, or of all. Exit code 1: some are damaged or missing.")

    @Argument(help: ArgumentHelp("Runs: IDs, beginnings of IDs, or names (default: all).", valueName: "run"))
    var wanted: [String] = []

    @OptionGroup var common: CommonOptions

    func run() throws {
        let repository = try common.open()
        let snapshot = try repository.snapshot()
        common.warn(snapshot)
        let runs = wanted.isEmpty ? snapshot.runs : try snapshot.runs(named: wanted, where: nil)
        var contents: [String: (artifact: Artifact, run: RunInfo)] = [:]
        var count = 0
        for run in runs {
            for artifact in try snapshot.artifacts(of: run.id) {
                count += 1
                if contents[artifact.sha256] == nil { contents[artifact.sha256] = (artifact, run) }
            }
        }
        let bar = ProgressBar("verifying")
        defer { bar.end() }
        var done = 0
        let total = contents.values.reduce(0) { $0 + $1.artifact.size }
        var problems: [String] = []
        try Interruption.guarding(true) { interruption in
            for (_, found) in contents.sorted(by: { $0.key < $1.key }) {
                do throws(VarveError) {
                    try repository.verifyArtifact(found.artifact) { bytes throws(VarveError) in
                        done += bytes
                        bar.update(Progress(unit: "bytes", done: done, total: total))
                        try interruption.check()
                    }
                } catch {
                    if error.code == .state { throw error }
                    problems.append("\(found.run.name): \(found.artifact.name): \(error)")
                }
            }
        }
        bar.end()
        let output = OutputStream()
        for problem in problems.sorted() { try output.line(HumanText.harmless(problem)) }
        try output.line(
            "\(HumanText.plural(count, "artifact")) with \(HumanText.plural(contents.count, "content")), "
                + "\(HumanText.bytes(done)) read, \(problems.isEmpty ? "all as added" : "\(problems.count) not as added")"
        )
        try output.flush()
        if !problems.isEmpty { throw Refusal() }
    }
}
