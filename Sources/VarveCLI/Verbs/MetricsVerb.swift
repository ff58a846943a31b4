import ArgumentParser
import Varve

struct MetricsVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics", abstract: "List metrics: name, context, how many runs have it, how many points.",
        discussion: """
            Example:
              varve metrics --where 'params.lr > 0.01 and metric.context.subset == "val"'
            """)

    @Option(name: .customLong("run"), help: ArgumentHelp("Only those of this run.", valueName: "run"))
    var wanted: String?

    @OptionGroup var condition: SearchOption

    @OptionGroup var list: ListOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let snapshot = try common.open().snapshot()
        common.warn(snapshot)
        let metrics = try metrics(of: snapshot)
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

    private func metrics(of snapshot: Snapshot) throws -> [MetricInfo] {
        let run = try wanted.map { try snapshot.run($0).id }
        guard let search = try condition.search() else {
            return try run.map { run throws(VarveError) in try snapshot.metrics(of: run) } ?? snapshot.metrics()
        }
        try search.refuseGroups()
        let found = try snapshot.find(search)
        if found.runs.isEmpty { try search.hint(snapshot) }
        return try snapshot.metrics(of: found, in: run)
    }
}
