import ArgumentParser
import Varve

struct BackupVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy the repository while it is written to.",
        discussion: """
            The copy has everything that was logged before the command began, once, and opens like any repository. What is \
            logged meanwhile may be in it or not. Nothing has to be stopped.
            """)

    @Argument(help: "The directory to copy into: a new one, or an empty one.")
    var destination: String

    @OptionGroup var common: CommonOptions

    func run() throws {
        let repository = try common.open()
        let bar = ProgressBar("copying")
        let report = try repository.backup(to: destination) { bar.update($0) }
        bar.end()
        let output = OutputStream()
        try output.line("copied \(HumanText.plural(report.files, "file")), \(HumanText.bytes(report.bytes))")
        try output.flush()
    }
}
