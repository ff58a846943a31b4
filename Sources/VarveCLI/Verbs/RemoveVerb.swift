import ArgumentParser
import Varve

struct RemoveVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Move runs to the trash.",
        discussion: """
            Their files are moved to trash/ in the repository, from where they can be moved back by hand. A run that is being \
            written is refused.
            """)

    @Argument(help: ArgumentHelp("Runs: IDs, beginnings of IDs, or names.", valueName: "run"))
    var wanted: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp("All runs for which this holds, such as 'status == \"failed\"'.", valueName: "expr"))
    var `where`: String?

    @Flag(name: [.long, .customShort("n")], help: "Only tell which runs would go.")
    var dryRun = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard !wanted.isEmpty || `where` != nil else {
            throw ValidationError("name a run, or say which ones with --where")
        }
    }

    func run() throws {
        let filter = try `where`.map { text throws(VarveError) in try Filter(parsing: text) }
        let repository = try common.open()
        let snapshot = try repository.snapshot()
        var chosen = try wanted.map { try snapshot.run($0) }
        if let filter { chosen += try snapshot.runs(where: filter) }
        var seen: Set<RunID> = []
        chosen = chosen.filter { seen.insert($0.id).inserted }

        let output = OutputStream()
        let ids = ShortIDs(snapshot.runs.map(\.id))
        if dryRun {
            for run in chosen { try output.line("would remove \(ids[run.id])  \(HumanText.harmless(run.name))") }
            return try output.flush()
        }
        guard !chosen.isEmpty else { throw Refusal("no run matches") }
        let report = try repository.remove(chosen.map(\.id))
        let names = Dictionary(snapshot.runs.map { ($0.id, $0.name) }) { a, _ in a }
        for id in report.removed { try output.line("removed \(ids[id])  \(HumanText.harmless(names[id] ?? ""))") }
        try output.line(
            "\(HumanText.plural(report.files, "file")), \(HumanText.bytes(report.bytes)) moved to the trash")
        try output.flush()
        for id in report.dependents {
            printError("note: \(ids[id]) \(names[id] ?? "") is a fork of a removed run; its history is missing now")
        }
    }
}
