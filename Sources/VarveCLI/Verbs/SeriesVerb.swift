import ArgumentParser
import Varve

struct SeriesVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "series", abstract: "Print the points of a metric.",
        discussion: """
            All points of all runs and contexts, by context, then run, in the order in which they were logged.

            Examples:
              varve series loss --run baseline --context subset=val
              varve series loss --steps 1000..2000 --last-per-step --format jsonl
            """)

    @OptionGroup var selection: SelectionOptions

    @Argument(help: "The metric's name.")
    var metric: String

    @OptionGroup var list: ListOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let snapshot = try common.open().snapshot()
        common.warn(snapshot)
        let query = try selection.query(metric, in: snapshot)
        let reader = try snapshot.series(query)
        let output = OutputStream()
        let writer = try PointWriter(output, format: list.format, withAttempts: selection.all, runs: snapshot.runs)
        var isEmpty = true
        while let chunk = try reader.next() {
            isEmpty = false
            try writer.write(chunk)
        }
        try writer.end()
        guard isEmpty else { return }
        if try !snapshot.metrics().contains(where: { $0.metric.isNamed(metric) }) { throw snapshot.noMetric(metric) }
        throw Refusal("nothing of '\(metric)' matches")
    }
}
