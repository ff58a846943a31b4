import ArgumentParser
import Varve

struct RemoveVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Move runs to the trash.",
        discussion: """
            Their files are moved to trash/ in the repository, from where `varve restore` brings them back until `varve gc` \
            frees their space. A run that is being written is refused.
            """)

    @OptionGroup var selection: RunSelection

    @Flag(name: [.long, .customShort("n")], help: "Only tell which runs would go.")
    var dryRun = false

    @OptionGroup var common: CommonOptions

    func run() throws {
        let repository = try common.open()
        let snapshot = try repository.snapshot()
        let chosen = try selection.runs(in: snapshot)

        let output = OutputStream()
        let lines = RunLines(snapshot)
        if dryRun {
            try lines.tell("would remove", chosen.map(\.id), to: output)
            return try output.flush()
        }
        guard !chosen.isEmpty else { throw Refusal("no run matches") }
        let report = try repository.remove(chosen.map(\.id))
        try lines.tell("removed", report.removed, to: output)
        try output.line(
            "\(HumanText.plural(report.files, "file")), \(HumanText.bytes(report.bytes)) moved to the trash")
        try output.flush()
        for id in report.dependents {
            printNote("note: \(lines[id]) is a fork of a removed run; its history is missing now")
        }
    }
}
