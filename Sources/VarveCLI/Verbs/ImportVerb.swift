import ArgumentParser
import Varve
import VarveImport

struct ImportVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Bring in what other tools logged.",
        discussion: """
            Importing the same directory again adds what is new, and nothing twice. What Varve doesn't keep (images, \
            histograms, …) is counted and named.
            """,
        subcommands: [TensorBoardImport.self, CSVImportVerb.self, JSONLinesImportVerb.self])
}

/// What all importers take.
struct ImportArguments: ParsableArguments {
    @Argument(help: "A directory of any depth, or one file.")
    var path: String

    @Flag(
        help:
            "Keep the names of runs and metrics as they are: without it 'train', 'val' and 'test' in them become the context 'subset'."
    )
    var keepNames = false

    @Flag(help: "Import runs anew whose files were replaced since; what there is of them goes to the trash.")
    var replaceChanged = false

    @OptionGroup var common: CommonOptions

    func run(_ format: ImportFormat, _ change: (inout ImportOptions) -> Void = { _ in }) throws {
        let repository = try common.openOrCreate()
        let bar = ProgressBar("importing")
        var options = ImportOptions()
        options.keepNames = keepNames
        options.replaceChanged = replaceChanged
        options.progress = { bar.update($0) }
        change(&options)
        let start = monotonicTime()
        defer { bar.end() }
        let report = try repository.importLogs(format, from: path, options: options)
        bar.end()
        let output = OutputStream()
        for line in ImportSummary(report, path: path, seconds: Double(monotonicTime() - start) / 1e9).lines {
            try output.line(line)
        }
        try output.flush()
        for problem in report.problems.prefix(20) { printError("warning: \(problem)") }
        if report.problemCount > 20 {
            printError("warning: … and \(HumanText.plural(report.problemCount - 20, "problem")) more")
        }
        for run in report.refused { printError("warning: left as it is: \(run); --replace-changed imports it anew") }
        if report.files == 0 { throw Refusal("there are no \(format.rawValue) files in \(path)") }
        if report.problemCount > 0 || !report.refused.isEmpty { throw Refusal() }
    }
}

/// What an import did, in a few lines.
struct ImportSummary {
    let lines: [String]

    init(_ report: ImportReport, path: String, seconds: Double) {
        var parts: [String] = []
        if report.newRuns > 0 { parts.append("\(HumanText.count(report.newRuns)) new") }
        if report.grownRuns > 0 { parts.append("\(HumanText.count(report.grownRuns)) grown") }
        if report.unchangedRuns > 0 { parts.append("\(HumanText.count(report.unchangedRuns)) there already") }
        let details = parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))"
        var lines = [
            "\(HumanText.plural(report.runs, "run"))\(details), \(HumanText.plural(report.pointsStored, "point")) added"
                + " from \(HumanText.plural(report.files, "file")), \(HumanText.bytes(report.bytes)),"
                + " in \(HumanText.duration(seconds: seconds))"
        ]
        if report.textsStored > 0 { lines.append("\(HumanText.plural(report.textsStored, "text")) added") }
        if report.emptyRuns > 0 {
            lines.append("\(HumanText.plural(report.emptyRuns, "group")) of files with nothing in them")
        }
        if report.roundedIntegers > 0 {
            lines.append("\(HumanText.plural(report.roundedIntegers, "integer")) beyond 2⁵³ rounded")
        }
        let skipped = report.skipped.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        if !skipped.isEmpty {
            lines.append(
                "not kept: \(skipped.map { "\($0.key) (\(HumanText.count($0.value)))" }.joined(separator: ", "))")
        }
        self.lines = lines
    }
}

/// What the importers of tables take.
struct TableArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The column or key that holds the step (default: recognised, else rows are counted).", valueName: "name"))
    var step: String?

    @Option(help: ArgumentHelp("The column or key that holds the time (default: recognised).", valueName: "name"))
    var time: String?

    @Option(
        name: .customLong("run"),
        help: ArgumentHelp("The column or key that names the run (default: a file is a run).", valueName: "name"))
    var runName: String?

    func apply(to options: inout ImportOptions) {
        options.step = step
        options.time = time
        options.run = runName
    }
}

struct TensorBoardImport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tensorboard", abstract: "Import TensorBoard event files; a directory of them is a run.")

    @OptionGroup var arguments: ImportArguments

    func run() throws { try arguments.run(.tensorboard) }
}

struct CSVImportVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "csv", abstract: "Import tables with a header: .csv, and .tsv with tabs.")

    @OptionGroup var arguments: ImportArguments
    @OptionGroup var table: TableArguments

    @Option(
        help: ArgumentHelp("What separates cells (default: a tab in .tsv files, else a comma).", valueName: "character")
    )
    var separator: String?

    func validate() throws {
        if let separator, separator.utf8.count != 1 { throw ValidationError("a separator is one character") }
    }

    func run() throws {
        try arguments.run(.csv) { options in
            table.apply(to: &options)
            options.separator = separator?.unicodeScalars.first
        }
    }
}

struct JSONLinesImportVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jsonl", abstract: "Import JSON Lines, an object a step; nested objects become dotted names.")

    @OptionGroup var arguments: ImportArguments
    @OptionGroup var table: TableArguments

    func run() throws { try arguments.run(.jsonl) { table.apply(to: &$0) } }
}
