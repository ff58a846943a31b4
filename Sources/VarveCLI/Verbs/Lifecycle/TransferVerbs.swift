import ArgumentParser
import Varve

struct CopyVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cp", abstract: "Copy runs into another repository.",
        discussion: """
            Logs go byte for byte, with artifacts and with what was set later. What is there already is left; a run of which \
            a file is there with other bytes is refused. Nothing in the source changes. Interrupted, the same command goes on.
            """)

    @OptionGroup var transfer: TransferOptions

    func run() throws {
        let repository = try transfer.common.open()
        let snapshot = try repository.snapshot()
        let runs = try transfer.selection.someRuns(in: snapshot).map(\.id)
        let target = try Repository.openOrCreate(at: transfer.target)
        let report = try transfer.watching("copying") { progress in
            try repository.copy(runs, to: target, progress: progress)
        }
        try TransferLines(report, snapshot).tell("copied")
    }
}

struct MoveVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mv", abstract: "Move runs into another repository.",
        discussion: """
            As cp; what has arrived goes to the trash of the source, from where `varve restore` brings it back. Interrupted, the \
            same command goes on.
            """)

    @OptionGroup var transfer: TransferOptions

    func run() throws {
        let repository = try transfer.common.open()
        let there = try? Repository.open(transfer.target).snapshot()
        let choice = try LeavingRuns(transfer.selection, repository) { there?.run($0) != nil }
        guard try choice.tell("moved", to: OutputStream()) else { return }
        let runs = try choice.runs.orRefusal().map(\.id)
        let target = try Repository.openOrCreate(at: transfer.target)
        let report = try transfer.watching("moving") { progress in
            try repository.move(runs, to: target, progress: progress)
        }
        try TransferLines(report, choice.snapshot).tell("moved")
    }
}

/// Which runs go into which other repository.
struct TransferOptions: ParsableArguments {
    @OptionGroup var selection: RunSelection

    @Option(name: .long, help: ArgumentHelp("The other repository; it is made if there is none.", valueName: "dir"))
    var to: String

    @OptionGroup var common: CommonOptions

    /// The path of the other repository.
    var target: String { RepositoryLocator(option: to).path }

    /// Tells how far a transfer is, and lets a signal end it between two files.
    func watching(
        _ doing: String, _ transfer: ((Progress) throws(VarveError) -> Void) throws -> TransferReport
    ) throws -> TransferReport {
        let bar = ProgressBar(doing)
        defer { bar.end() }
        return try Interruption.guarding(true) { interruption in
            try transfer { progress throws(VarveError) in
                bar.update(progress)
                try interruption.check()
            }
        }
    }
}

struct MergeVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge", abstract: "Bring all runs of other repositories into this one.",
        discussion: """
            The others stay as they are. A run that is in several is taken once; one that differs between two is refused, and \
            the rest goes on. Interrupted, the same command goes on.
            """)

    @Argument(help: ArgumentHelp("Repositories to take runs from.", valueName: "dir"))
    var sources: [String]

    @OptionGroup var common: CommonOptions

    func run() throws {
        let target = try common.openOrCreate()
        var refused = 0
        for path in sources {
            let source = try Repository.open(RepositoryLocator(option: path).path)
            let snapshot = try source.snapshot()
            let bar = ProgressBar("merging \(path)")
            defer { bar.end() }
            let report = try Interruption.guarding(true) { interruption in
                try source.copy(snapshot.runIDs, to: target) { progress throws(VarveError) in
                    bar.update(progress)
                    try interruption.check()
                }
            }
            bar.end()
            let output = OutputStream()
            try output.line("from \(HumanText.harmless(path)):")
            try output.flush()
            refused += report.refused.count
            try TransferLines(report, snapshot).tell("copied", throwsWhenRefused: false)
        }
        guard refused == 0 else {
            throw Refusal("\(HumanText.plural(refused, "run")) could not be taken; the others are there")
        }
    }
}

struct BundleVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bundle", abstract: "Put runs into one file that opens as it is.",
        discussion: """
            The file holds the runs' logs and properties, without artifacts. Every verb that reads takes it as a repository: \
            varve runs --repo FILE; varve cp --repo FILE --to DIR takes runs out of it.
            """)

    @OptionGroup var selection: RunSelection

    @Option(name: [.long, .customShort("o")], help: ArgumentHelp("The file to make.", valueName: "file"))
    var output: String

    @OptionGroup var common: CommonOptions

    func run() throws {
        let repository = try common.open()
        let runs = try selection.someRuns(in: repository.snapshot())
        let bar = ProgressBar("bundling")
        let report = try Interruption.guarding(true) { interruption in
            try repository.bundle(runs.map(\.id), to: output) { progress throws(VarveError) in
                bar.update(progress)
                try interruption.check()
            }
        }
        bar.end()
        let stream = OutputStream()
        try stream.line(
            "\(HumanText.plural(report.runs, "run")), \(HumanText.bytes(report.bytes)) in \(HumanText.harmless(output))"
        )
        try stream.flush()
    }
}

struct PackVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pack", abstract: "Put the log files of finished runs into few large ones.",
        discussion: """
            For file systems that don't like many files. The same bytes, and every verb works as before; what is running stays \
            as it is. Without a run or --where: all that are finished.
            """)

    @Argument(help: ArgumentHelp("Runs: IDs, beginnings of IDs, or names (default: all).", valueName: "run"))
    var wanted: [String] = []

    @Option(
        name: .long, help: ArgumentHelp("Runs for which this holds, such as 'created < now - 30d'.", valueName: "expr"))
    var `where`: String?

    @OptionGroup var common: CommonOptions

    func run() throws {
        let repository = try common.open()
        var runs: [RunID]?
        if !wanted.isEmpty || `where` != nil {
            runs = try repository.snapshot().runs(named: wanted, where: `where`).orRefusal().map(\.id)
        }
        let bar = ProgressBar("packing")
        let report = try repository.pack(runs) { bar.update($0) }
        bar.end()
        let output = OutputStream()
        if report.files == 0 {
            try output.line("nothing to pack")
        } else {
            try output.line(
                "\(HumanText.plural(report.files, "file")) in \(HumanText.plural(report.packs, "pack")), \(HumanText.bytes(report.bytes))"
            )
        }
        if report.skipped > 0 {
            try output.line("\(HumanText.plural(report.skipped, "file")) left: being written, or damaged")
        }
        try output.flush()
        for problem in report.problems { printError("warning: \(problem)") }
    }
}

/// Says what a transfer did.
struct TransferLines {
    private let report: TransferReport
    private let lines: RunLines

    init(_ report: TransferReport, _ snapshot: Snapshot) {
        self.report = report
        lines = RunLines(snapshot)
    }

    /// - Throws: a refusal if runs were refused, after everything was told.
    func tell(_ what: String, throwsWhenRefused: Bool = true) throws {
        let output = OutputStream()
        try lines.tell(what, report.copied, to: output)
        try lines.tell("there already:", report.present, to: output)
        var parts = ["\(HumanText.plural(report.files, "log file")), \(HumanText.bytes(report.bytes))"]
        if report.artifacts > 0 { parts.append(HumanText.plural(report.artifacts, "artifact")) }
        if report.edits > 0 { parts.append(HumanText.plural(report.edits, "later edit")) }
        try output.line(parts.joined(separator: ", "))
        try output.flush()
        if report.missingArtifacts > 0 {
            printError("warning: \(HumanText.plural(report.missingArtifacts, "artifact")) is missing in the source")
        }
        for refused in report.refused { printError("refused \(lines[refused.run]): \(refused.error)") }
        guard report.refused.isEmpty || !throwsWhenRefused else {
            throw Refusal("\(HumanText.plural(report.refused.count, "run")) could not be \(what)")
        }
    }
}
