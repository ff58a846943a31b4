import ArgumentParser
import Varve

struct RemoveVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Move runs to the trash.",
        discussion: """
            Their files are moved to trash/ in the repository, from where `varve restore` brings them back until `varve gc` \
            frees their space. A run that is being written is refused. Interrupted, the same command goes on.
            """)

    @OptionGroup var selection: RunSelection

    @Flag(name: [.long, .customShort("n")], help: "Only tell which runs would go.")
    var dryRun = false

    @OptionGroup var common: CommonOptions

    func run() throws {
        let repository = try common.open()
        let choice = try RemovalChoice(selection, repository)
        let output = OutputStream()
        for name in choice.removedBefore { try output.line("removed before \(HumanText.harmless(name))") }
        let lines = RunLines(choice.snapshot)
        if dryRun {
            try lines.tell("would remove", choice.runs.map(\.id), to: output)
            return try output.flush()
        }
        if choice.runs.isEmpty, !choice.removedBefore.isEmpty { return try output.flush() }
        let report = try repository.remove(choice.runs.orRefusal().map(\.id))
        try lines.tell("removed", report.removed, to: output)
        try output.line(
            "\(HumanText.plural(report.files, "file")), \(HumanText.bytes(report.bytes)) moved to the trash")
        try output.flush()
        for id in report.dependents {
            printNote("note: \(lines[id]) is a fork of a removed run; its history is missing now")
        }
    }
}

/// The runs that are to be removed, seen also where they go: a removal that was interrupted has taken some of them to the trash, or
/// has left a part of one, which may lack the params and the name by which it is chosen.
private struct RemovalChoice {
    /// What is still here, a part of it at least.
    private(set) var runs: [RunInfo] = []
    /// The names of runs that are in the trash as a whole: of those that were named, or, where nothing else was chosen, of those for
    /// which the condition holds.
    private(set) var removedBefore: [String] = []
    /// What is here, with what the trash has of it.
    let snapshot: Snapshot

    init(_ selection: RunSelection, _ repository: Repository) throws {
        let here = try repository.snapshot()
        snapshot = try repository.snapshot(withRemoved: { here.run($0) != nil })
        var trashed: [TrashedRun]?
        for name in selection.wanted {
            do {
                runs.append(try snapshot.run(name))
            } catch let error as VarveError where error.code == .notFound {
                let all = try trashed ?? repository.trashedRuns()
                trashed = all
                guard let found = try? RestoreVerb.find(name, in: all) else { throw error }
                removedBefore.append(found.name)
            }
        }
        if let expression = selection.where {
            let filter = try Filter(parsing: expression)
            runs += try snapshot.runs(where: filter)
            if runs.isEmpty {
                let all = try repository.snapshot(withRemoved: { _ in true })
                removedBefore += try all.runs(where: filter).map(\.name)
            }
        }
        var seen: Set<RunID> = []
        runs = runs.filter { seen.insert($0.id).inserted }
    }
}
