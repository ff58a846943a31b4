import ArgumentParser
import Varve
import VarveExport

struct ExportVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write points so that other tools can read them.",
        discussion: """
            CSV, JSONL, Arrow and Parquet hold every point exactly; `varve import` brings the first two back. JSONL begins with \
            a line for each run, with its properties. Docs/Export.md says what each format holds, and what it can't.

            Nothing stands under the name that is given until it is whole.
            """,
        subcommands: [
            CSVExport.self, JSONLinesExport.self, ArrowExport.self, ParquetExport.self, TensorBoardExport.self,
            MLflowExport.self, SQLiteExport.self,
        ])
}

/// Which points all exporters take.
struct ExportSelection: ParsableArguments {
    @OptionGroup var selection: SelectionOptions

    @Option(help: ArgumentHelp("Only this metric.", valueName: "metric"))
    var metric: String?

    @OptionGroup var common: CommonOptions

    func open() throws -> (repository: Repository, snapshot: Snapshot, query: Query) {
        let repository = try common.open()
        let snapshot = try repository.snapshot()
        common.warn(snapshot)
        let query = try selection.query(metric, in: snapshot)
        if let metric, try !snapshot.metrics().contains(where: { $0.metric.isNamed(metric) }) {
            throw snapshot.noMetric(metric)
        }
        return (repository, snapshot, query)
    }
}

/// What exporters of one stream take.
struct ExportArguments: ParsableArguments {
    @OptionGroup var points: ExportSelection

    @Option(
        help: ArgumentHelp(
            "Of each series only what is seen of it on so many pixels: the first, smallest, largest and last points.",
            valueName: "n"))
    var pixels: Int?

    @Option(
        name: [.long, .short],
        help: ArgumentHelp(
            "Write to this file, which must not exist yet (default: standard output).", valueName: "file"))
    var output: String?

    func validate() throws {
        if let pixels, !(1...Curve.mostPixels).contains(pixels) {
            throw ValidationError("--pixels must be 1 to \(Curve.mostPixels)")
        }
    }

    func run(_ format: ExportFormat, isWide: Bool = false, compression: ExportCompression? = nil) throws {
        if isWide, pixels != nil { throw ValidationError("--wide and --pixels exclude each other") }
        if isWide, points.selection.all {
            throw ValidationError("--wide and --all exclude each other: a row has the last point of its step")
        }
        if format.isBinary, output == nil, Terminal(descriptor: 1).isInteractive {
            throw ValidationError("this is nothing for a terminal: name a file with --output, or lead it into a pipe")
        }
        let (_, snapshot, query) = try points.open()
        let sink = try ExportSink(output)
        let bar = ProgressBar("exporting")
        defer { bar.end() }
        var written = 0
        let count = try sink.guarding { interruption in
            try snapshot.export(query, as: format, pixels: pixels, isWide: isWide, compression: compression) {
                bytes throws(VarveError) in
                try sink.append(bytes)
                try interruption.check()
                written += bytes.count
                bar.update(Progress(unit: "bytes", done: written, total: nil))
            }
        }
        try sink.publish()
        bar.end()
        if let output {
            printNote("\(HumanText.plural(count, "point")), \(HumanText.bytes(written)) in \(output)")
        }
    }
}

struct CSVExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "csv", abstract: "A row a point: run,metric,context,step,time,value; with --all also attempt.")

    @Flag(help: WideForm.help)
    var wide = false

    @OptionGroup var arguments: ExportArguments

    func run() throws { try arguments.run(.csv, isWide: wide) }
}

struct JSONLinesExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jsonl", abstract: "An object a point, runs with their properties first.")

    @OptionGroup var arguments: ExportArguments

    func run() throws { try arguments.run(.jsonl) }
}

struct ArrowExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "arrow", abstract: "Apache Arrow: a file (Feather) or a stream.",
        discussion: """
            Columns run, name, metric, context (a JSON object), step, time (nanoseconds in UTC, or null) and value, with --all also \
            attempt. A name that ends in .arrows, and standard output, get the stream format; any other name gets the file format.
            """)

    @Flag(help: WideForm.help)
    var wide = false

    @Option(help: "zstd or none: whether columns are compressed (uncompressed ones can be mapped).")
    var compression = ExportCompression.none

    @OptionGroup var arguments: ExportArguments

    func run() throws {
        let isStream = arguments.output.map { $0.hasSuffix(".arrows") } ?? true
        try arguments.run(isStream ? .arrowStream : .arrow, isWide: wide, compression: compression)
    }
}

struct ParquetExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parquet", abstract: "Apache Parquet, for DuckDB, Spark, pandas and polars.",
        discussion: """
            Columns run, name, metric, context (a JSON object), step, time (nanoseconds in UTC, or null) and value; with --all \
            also attempt.
            """)

    @Flag(help: WideForm.help)
    var wide = false

    @Option(help: "zstd or none: whether pages are compressed.")
    var compression = ExportCompression.zstd

    @OptionGroup var arguments: ExportArguments

    func run() throws { try arguments.run(.parquet, isWide: wide, compression: compression) }
}

private enum WideForm {
    static let help: ArgumentHelp =
        "A row for each run, context and step, a column for each metric; of a step that comes twice the last point."
}

extension ExportCompression: ExpressibleByArgument {}

extension ExportFormat {
    fileprivate var isBinary: Bool { self != .csv && self != .jsonl }
}
