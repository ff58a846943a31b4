import ArgumentParser
import Glibc
import Varve
import VarveExport

struct ExportVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write points so that other tools can read them.",
        discussion: """
            Both formats hold every point exactly; `varve import` brings them back. JSONL begins with a line for each run, \
            with its properties.
            """,
        subcommands: [CSVExport.self, JSONLinesExport.self])
}

/// What all exporters take.
struct ExportArguments: ParsableArguments {
    @OptionGroup var selection: SelectionOptions

    @Option(help: ArgumentHelp("Only this metric.", valueName: "metric"))
    var metric: String?

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

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if let pixels, !(1...Curve.mostPixels).contains(pixels) {
            throw ValidationError("--pixels must be 1 to \(Curve.mostPixels)")
        }
    }

    func run(_ format: ExportFormat) throws {
        let snapshot = try common.open().snapshot()
        common.warn(snapshot)
        let query = try selection.query(metric, in: snapshot)
        if let metric, try !snapshot.metrics().contains(where: { $0.metric.isNamed(metric) }) {
            throw snapshot.noMetric(metric)
        }
        let sink = try output.map { try Sink(creating: $0) } ?? Sink(OutputStream())
        let bar = ProgressBar("exporting")
        defer { bar.end() }
        var failure: (any Error)?
        var bytesWritten = 0
        do {
            let points = try snapshot.export(query, as: format, pixels: pixels) { bytes throws(VarveError) in
                do {
                    try sink.stream.append(bytes)
                } catch {
                    failure = error
                    throw VarveError(.system, "\(error)")
                }
                bytesWritten += bytes.count
                bar.update(Progress(unit: "bytes", done: bytesWritten, total: nil))
            }
            try sink.close()
            bar.end()
            if let output {
                printNote("\(HumanText.plural(points, "point")), \(HumanText.bytes(bytesWritten)) in \(output)")
            }
        } catch {
            throw failure ?? error
        }
    }

    /// Standard output, or a file that is made for the export.
    private struct Sink {
        let stream: OutputStream
        private var descriptor: Int32?

        init(_ stream: OutputStream) { self.stream = stream }

        init(creating path: String) throws {
            let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            guard descriptor >= 0 else {
                let isThere = errno == EEXIST
                throw VarveError(
                    isThere ? .exists : .system, "can't write \(path): \(String(cString: strerror(errno)))",
                    remedy: isThere ? "another name, or remove it first" : nil)
            }
            self.descriptor = descriptor
            stream = OutputStream(descriptor: descriptor)
        }

        func close() throws {
            try stream.flush()
            if let descriptor, Glibc.close(descriptor) != 0 {
                throw OutputFailed(reason: String(cString: strerror(errno)))
            }
        }
    }
}

struct CSVExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "csv", abstract: "A row a point: run,metric,context,step,time,value.")

    @OptionGroup var arguments: ExportArguments

    func run() throws { try arguments.run(.csv) }
}

struct JSONLinesExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jsonl", abstract: "An object a point, runs with their properties first.")

    @OptionGroup var arguments: ExportArguments

    func run() throws { try arguments.run(.jsonl) }
}
