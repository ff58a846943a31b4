import ArgumentParser
import Varve
import VarveExport

struct TensorBoardExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tensorboard", abstract: "Event files, a folder for each run.",
        discussion: """
            A context is a folder in its run's: `val` for the subset val, else key=value. Values are rounded to 32 bits, as in \
            all event files, unless --doubles is given. Params go to the hparams plugin, histograms and text with a step to \
            theirs, matrices and class reports are tables among the texts, artifacts that are PNG are images.
            """)

    @Flag(
        help: """
            Write series that 32 bits can't hold as tensors of 64, which TensorBoard shows with --load_fast=false only.
            """)
    var doubles = false

    @OptionGroup var points: ExportSelection

    @Option(name: [.long, .short], help: "Write to this folder, which must be new or empty.")
    var output: String

    func run() throws {
        try ExportedFolder.write(points, output) { _, snapshot, query, progress throws(VarveError) in
            try snapshot.exportTensorBoard(
                query, to: output, numbers: doubles ? .exact : .float32, progress: progress)
        }
    }
}

struct MLflowExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mlflow", abstract: "A folder store (mlruns) of MLflow.",
        discussion: """
            A context goes before the metric's name for a subset (val/loss), else behind it (loss/key.value). Names that MLflow \
            refuses are changed and listed. Times are milliseconds there. Artifacts are copied, each proved by its hash; what \
            MLflow has no place for (records, console output, earlier versions of artifacts) is in the artifact folder `varve`.
            """)

    @Option(help: "The experiment that the runs are in (default: the repository's name).")
    var experiment: String?

    @Flag(help: "Leave out the contents of artifacts.")
    var noArtifacts = false

    @OptionGroup var points: ExportSelection

    @Option(name: [.long, .short], help: "Write to this folder, which must be new or empty.")
    var output: String

    func run() throws {
        try ExportedFolder.write(points, output) { repository, snapshot, query, progress throws(VarveError) in
            let name = experiment ?? (repository.name.isEmpty ? "varve" : repository.name)
            return try snapshot.exportMLflow(
                query, to: output, experiment: name, withArtifacts: !noArtifacts, progress: progress)
        }
    }
}

struct SQLiteExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sqlite", abstract: "A database of runs, properties, records and series.",
        discussion: """
            Tables runs, properties, attempts, artifacts (what is said of them), records with their classes, cells and bins, and \
            series (a row a series: count, smallest, largest and last value); views params, tags and confusion; with --points \
            the table points and the view long, with --text the table text.
            """)

    @Flag(name: .customLong("points"), help: "All points too.")
    var withPoints = false

    @Flag(name: .customLong("text"), help: "Console output and other text too.")
    var withText = false

    @OptionGroup var points: ExportSelection

    @Option(name: [.long, .short], help: "Write to this file, which must not exist yet.")
    var output: String

    func run() throws {
        try ExportedFolder.write(points, output) { _, snapshot, query, progress throws(VarveError) in
            try snapshot.exportSQLite(
                query, to: output, withPoints: withPoints, withText: withText, progress: progress)
        }
    }
}

/// What exports of more than a stream have in common.
private enum ExportedFolder {
    typealias Body = (Repository, Snapshot, Query, (Progress) throws(VarveError) -> Void) throws(VarveError) ->
        ExportReport

    /// As many changed names as are told.
    private static let mostNames = 20

    static func write(_ points: ExportSelection, _ output: String, _ body: Body) throws {
        let (repository, snapshot, query) = try points.open()
        let bar = ProgressBar("exporting")
        defer { bar.end() }
        let report = try Interruption.guarding(true) { interruption in
            try body(repository, snapshot, query) { progress throws(VarveError) in
                try interruption.check()
                bar.update(progress)
            }
        }
        bar.end()
        tell(report, output)
        // It is there, but for these.
        if !report.problems.isEmpty { throw ExitCode(1) }
    }

    private static func tell(_ report: ExportReport, _ output: String) {
        for renaming in report.renamings.prefix(mostNames) {
            let names = [renaming.name, renaming.becomes].map(HumanText.harmless)
            printNote("note: the \(renaming.kind.rawValue) '\(names[0])' is called '\(names[1])' there")
        }
        let more = report.renamings.count - mostNames
        if more > 0 { printNote("note: \(HumanText.plural(more, "more name")) had to be changed") }
        if report.rounded > 0 {
            printNote("note: \(HumanText.plural(report.rounded, "value")) can't be held exactly there")
        }
        for problem in report.problems.prefix(mostNames) { printError("warning: left out: \(problem)") }
        let left = report.problems.count - mostNames
        if left > 0 { printError("warning: \(HumanText.plural(left, "more artifact")) left out") }
        let parts = [
            (report.runs, "run"), (report.points, "point"), (report.artifacts, "artifact"), (report.records, "record"),
            (report.lines, "text"),
        ]
        let written = parts.filter { $0.0 > 0 || $0.1 == "run" }.map { HumanText.plural($0.0, $0.1) }
        printNote(
            "\(written.joined(separator: ", ")), \(HumanText.bytes(report.bytes)) in "
                + "\(HumanText.plural(report.files, "file")) in \(output)")
    }
}
