import ArgumentParser
import Varve

struct MetricsVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics", abstract: "List metrics: name, context, how many runs have it, how many points.")

    @Option(name: .customLong("run"), help: ArgumentHelp("Only those of this run.", valueName: "run"))
    var wanted: String?

    @OptionGroup var list: ListOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let snapshot = try common.open().snapshot()
        common.warn(snapshot)
        let metrics = try wanted.map { try snapshot.metrics(of: snapshot.run($0).id) } ?? snapshot.metrics()
        let writer = try ListWriter(
            OutputStream(), format: list.format,
            columns: [
                Column("metric"), Column("context", machines: metrics.allSatisfy { $0.metric.context.isEmpty }),
                Column("runs", numeric: true), Column("points", numeric: true), Column("type", machines: true),
            ])
        for info in metrics {
            try writer.row([
                .text(info.metric.name), .context(info.metric), .count(info.runs), .count(info.points),
                .text("\(info.valueType)"),
            ])
        }
        try writer.end()
    }
}
