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
        let choice = try LeavingRuns(selection, repository)
        let output = OutputStream()
        let isLeft = try choice.tell("removed", to: output)
        guard isLeft else { return }
        let runs = try choice.runs.orRefusal().map(\.id)
        let lines = RunLines(choice.snapshot)
        if dryRun {
            try lines.tell("would remove", runs, to: output)
            return try output.flush()
        }
        let report = try repository.remove(runs)
        try lines.tell("removed", report.removed, to: output)
        try output.line(
            "\(HumanText.plural(report.files, "file")), \(HumanText.bytes(report.bytes)) moved to the trash")
        try output.flush()
        for id in report.dependents {
            printNote("note: \(lines[id]) is a fork of a removed run; its history is missing now")
        }
    }
}
