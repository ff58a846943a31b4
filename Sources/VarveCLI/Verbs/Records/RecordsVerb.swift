import ArgumentParser
import Varve

struct RecordsVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "records",
        abstract: "List what runs have logged beside numbers: matrices, histograms, reports.",
        discussion: """
            A line for each run, kind, name and context. `varve confusion` and `varve histogram` show them.
            """)

    @Argument(help: ArgumentHelp("Runs: IDs, beginnings of IDs, or names (default: all).", valueName: "run"))
    var wanted: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp("All runs for which this holds, such as 'params.lr > 0.01'.", valueName: "expr"))
    var `where`: String?

    @OptionGroup var list: ListOptions
    @OptionGroup var common: CommonOptions

    private struct Group {
        var records = 0
        var steps: ClosedRange<Int>?
    }

    func run() throws {
        let snapshot = try common.open().snapshot()
        let isAll = wanted.isEmpty && `where` == nil
        let runs = isAll ? snapshot.runs : try snapshot.runs(named: wanted, where: `where`).orRefusal()
        let ids = ShortIDs(snapshot.runIDs)
        let output = OutputStream()
        let writer = try ListWriter(
            output, format: list.format,
            columns: [
                Column("run", machines: true), Column("id", title: "RUN"), Column("name"), Column("kind"),
                Column("record"), Column("context"), Column("records", numeric: true),
                Column("first_step", title: "FROM", numeric: true), Column("last_step", title: "TO", numeric: true),
            ])
        var isEmpty = true
        for run in runs {
            var groups: [Record.Kind: [MetricKey: Group]] = [:]
            for kind in Record.Kind.allCases {
                // Nothing is decoded: their heads say it all.
                try snapshot.forEachRecord(of: run.id, kinds: [kind]) { metric, step in
                    var group = groups[kind, default: [:]][metric] ?? Group()
                    group.records += 1
                    if let step {
                        group.steps =
                            min(group.steps?.lowerBound ?? step, step)...max(group.steps?.upperBound ?? step, step)
                    }
                    groups[kind, default: [:]][metric] = group
                    return false
                } _: { _ in
                }
            }
            for kind in Record.Kind.allCases {
                for (metric, group) in (groups[kind] ?? [:]).sorted(by: { $0.key < $1.key }) {
                    isEmpty = false
                    try writer.row([
                        .text(run.id.description), .text(ids[run.id]), .text(run.name), .text(kind.rawValue),
                        .text(metric.name), .context(metric), .count(group.records),
                        group.steps.map { .step($0.lowerBound) } ?? .missing,
                        group.steps.map { .step($0.upperBound) } ?? .missing,
                    ])
                }
            }
        }
        try writer.end()
        common.warn(snapshot)
        if isEmpty, writer.isTable { printNote("no records were logged") }
        if isEmpty, !isAll { throw Refusal() }
    }
}
