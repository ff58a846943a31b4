import ArgumentParser
import Glibc
import Varve

/// The program `varve`.
@main
struct VarveProgram: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "varve",
        abstract: "Log the metrics of trainings, keep them for ever, read them back at once.",
        discussion: """
            A repository is one directory. Start with `varve demo`, or pipe points into `varve log`.
            """,
        version: "varve 0.1.0 (format version 1)",
        groupedSubcommands: [
            CommandGroup(name: "Write", subcommands: [InitVerb.self, LogVerb.self, ExecVerb.self, ImportVerb.self]),
            CommandGroup(
                name: "Read",
                subcommands: [
                    RunsVerb.self, ShowVerb.self, MetricsVerb.self, SeriesVerb.self, LogsVerb.self, TailVerb.self,
                    ExportVerb.self,
                ]),
            CommandGroup(
                name: "Compare", subcommands: [ReportVerb.self, PropertiesVerb.self, DiffVerb.self, CampaignVerb.self]),
            CommandGroup(
                name: "Records",
                subcommands: [RecordsVerb.self, ConfusionVerb.self, HistogramVerb.self, ArtifactVerb.self]),
            CommandGroup(name: "Look", subcommands: [PlotVerb.self, TopVerb.self, TopGuardVerb.self]),
            CommandGroup(
                name: "Change",
                subcommands: [
                    RenameVerb.self, TagVerb.self, NoteVerb.self, SetVerb.self, ArchiveVerb.self, RemoveVerb.self,
                    RestoreVerb.self, CollectVerb.self,
                ]),
            CommandGroup(
                name: "Move",
                subcommands: [
                    CopyVerb.self, MoveVerb.self, MergeVerb.self, BundleVerb.self, PackVerb.self, BackupVerb.self,
                ]),
            CommandGroup(
                name: "Keep", subcommands: [CompactVerb.self, VerifyVerb.self, RepairVerb.self, DiskUseVerb.self]),
            CommandGroup(name: "Try", subcommands: [DemoVerb.self, DemoTraining.self]),
        ])

    /// Runs the program; exit codes are 0 (fine), 1 (data damaged, or nothing found where something was named, or the system
    /// refused) and 2 (used wrongly).
    static func main() async {
        // A reader that goes away must not kill us between two writes: it shows as EPIPE.
        signal(SIGPIPE, SIG_IGN)
        do {
            let (repository, arguments) = RepositoryLocator.split(Array(CommandLine.arguments.dropFirst()))
            if let repository { setenv("VARVE_REPO", repository, 1) }
            try refuseUnknownVerb(arguments.first)
            var command = try parseAsRoot(arguments)
            if var asynchronous = command as? AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            Glibc.exit(ErrorReport(error).tell())
        }
    }

    /// The library would only call it an unexpected argument.
    private static func refuseUnknownVerb(_ word: String?) throws {
        guard let word, !word.hasPrefix("-") else { return }
        let verbs = configuration.groupedSubcommands.flatMap(\.subcommands).map { $0._commandName } + ["help"]
        guard !verbs.contains(word) else { return }
        let nearest = FilterNames.nearest(to: word, among: verbs).map { "; did you mean '\($0)'?" } ?? ""
        throw Refusal("error: there is no verb '\(word)'\(nearest)\n  try       varve --help", code: 2)
    }
}
