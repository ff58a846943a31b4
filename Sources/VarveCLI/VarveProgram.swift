import ArgumentParser
import Glibc
import Synchronization
import Varve

/// The program `varve`.
@main
struct VarveProgram: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        var configuration = all
        configuration._superCommandName = skipsCompletions.load(ordering: .relaxed) ? "" : nil
        return configuration
    }

    /// Whether the library doesn't ask the arguments for a completion script: it doesn't for a program that is a part of another
    /// one, and asking takes 7 % of a start.
    private static let skipsCompletions = Atomic(false)

    private static let all = CommandConfiguration(
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
            let leading = LeadingOptions(Array(CommandLine.arguments.dropFirst()))
            if let repository = leading.repository { setenv("VARVE_REPO", repository, 1) }
            (Wordiness.isQuiet, Wordiness.isVerbose) = (leading.isQuiet, leading.isVerbose)
            let verb = try verb(named: leading.rest)
            var command = try parsed(leading.rest)
            do {
                if var asynchronous = command as? AsyncParsableCommand {
                    try await asynchronous.run()
                } else {
                    try command.run()
                }
            } catch let error as ValidationError {
                // The library would show how the program itself is used.
                throw Refusal("error: \(error.message)\n  try       \(verb) --help", code: 2)
            }
        } catch {
            Glibc.exit(ErrorReport(error).tell())
        }
    }

    private static func parsed(_ arguments: [String]) throws -> ParsableCommand {
        let asks = arguments.contains { $0.hasPrefix("--generate-completion-script") }
        skipsCompletions.store(!asks, ordering: .relaxed)
        // What is said of errors, and how the program is used, names it as it is.
        defer { skipsCompletions.store(false, ordering: .relaxed) }
        return try parseAsRoot(arguments)
    }

    /// The verb that the arguments begin with, as it is typed: `varve export csv`.
    ///
    /// - Throws: `Refusal` if there is none of that name; the library would only call it an unexpected argument.
    private static func verb(named words: [String]) throws -> String {
        var command: any ParsableCommand.Type = Self.self
        var path: [String] = []
        for word in words {
            let verbs = command.configuration.subcommands
            guard !verbs.isEmpty, !word.hasPrefix("-"), word != "help" else { break }
            guard let next = verbs.first(where: { $0._commandName == word }) else {
                let nearest = FilterNames.nearest(to: word, among: verbs.map { $0._commandName })
                let hint = nearest.map { "; did you mean '\((path + [$0]).joined(separator: " "))'?" } ?? ""
                let help = (["varve"] + path + ["--help"]).joined(separator: " ")
                throw Refusal(
                    "error: there is no verb '\((path + [word]).joined(separator: " "))'\(hint)\n  try       \(help)",
                    code: 2)
            }
            command = next
            path.append(word)
        }
        return (["varve"] + path).joined(separator: " ")
    }
}
