import ArgumentParser
import Varve
import VarveCampaign

struct PropertiesVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "properties",
        abstract: "Show what there is: runs, durations, metrics, contexts, tags, and each param with its values.",
        discussion: """
            Examples:
              varve properties
              varve properties --where 'status == "finished"' --format json
            """)

    @OptionGroup var condition: SearchOption

    @OptionGroup var list: ListOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let search = try condition.search() ?? Search()
        try search.refuseGroups()
        let snapshot = try common.open().snapshot()
        common.warn(snapshot)
        let summary = try RepositorySummary(of: snapshot, search)
        if summary.runs.isEmpty { try search.hint(snapshot) }
        let writer = try ListWriter(
            OutputStream(), format: list.format,
            columns: [
                Column("kind", machines: true), Column("name"), Column("unique", numeric: true),
                Column("values", maxWidth: 4096),
            ])
        let statuses = RunStatus.allCases.compactMap { status -> String? in
            let count = summary.runs.count { $0.status == status }
            return count > 0 ? "\(count) \(status.rawValue)" : nil
        }
        try writer.row([.text("runs"), .text("runs"), .count(summary.runs.count), .list(statuses)])
        try writer.row([.text("duration"), .text("run duration"), .missing, Self.duration(summary.durations)])
        for (name, values) in [
            ("metrics", summary.metrics), ("contexts", summary.contexts), ("tags", summary.tags),
        ] where name != "tags" || !values.isEmpty {
            try writer.row([.text(name), .text(name), .count(values.count), .list(values)])
        }
        for axis in summary.params {
            let cells = axis.values.map { Cell.property($0) }
            let unset = axis.missing > 0 ? " (\(HumanText.plural(axis.missing, "run")) without)" : ""
            let values = Cell(
                value: .array(cells.map(\.value)),
                wording: .text(cells.map(\.shown).joined(separator: ", ") + unset))
            try writer.row([.text("param"), .text(axis.name), .count(axis.values.count), values])
        }
        try writer.end()
    }

    /// Mean and standard deviation; machines get both as numbers of seconds.
    private static func duration(_ sample: Sample) -> Cell {
        guard let mean = sample.mean else { return .missing }
        let deviation = sample.standardDeviation
        let spread = deviation.map { " ± \(HumanText.duration(seconds: $0))" } ?? ""
        return Cell(
            value: ["mean": .double(mean), "std": deviation.map { .double($0) } ?? .null],
            wording: .text("\(HumanText.duration(seconds: mean))\(spread)"))
    }
}
