import ArgumentParser
import VarveBenchmarks
import VarveFiles

/// Draws what `measure --filter scaling --json` has measured, and puts its tables into a document.
struct ScalingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scaling", abstract: "Make the tables and curves of scaling from measurements.",
        discussion: """
            Measure first: bench --filter scaling --scale 1 --json scaling.json (about a minute). Then this puts the tables \
            between the document's two marks and writes the curves.
            """)

    @Argument(help: "What --json has written.")
    var measurements: String

    @Option(name: .long, help: "The document.")
    var document = "Benchmarks/Scaling.md"

    @Option(name: .long, help: "The curves.")
    var chart = "Benchmarks/scaling.svg"

    func run() throws {
        let figures = ScalingFigures(try MeasurementFile.read(measurements))
        try MeasurementFile.replace(chart, with: ScalingChart(figures).text)
        let bytes = try RealFileSystem().readAll(document, cap: 1 << 20)
        let text = String(decoding: bytes, as: UTF8.self)
        guard let marked = MarkedText(text) else {
            throw ValidationError("\(document) lacks the marks \(MarkedText.begin) and \(MarkedText.end).")
        }
        try MeasurementFile.replace(document, with: marked.replacing(with: figures.lines))
    }
}
