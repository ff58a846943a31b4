import Varve
import VarveCampaign

/// The metrics of a table that has a column for each, and the contexts that are its rows.
///
/// A metric that has no context, such as `run_duration`, stands in every row of its group.
private struct WideLayout {
    /// The names, in order.
    let names: [String]
    /// The contexts, one without any only if no metric has one.
    let contexts: [MetricKey]

    init(_ metrics: some Sequence<MetricKey>) {
        let all = Set(metrics)
        names = Set(all.map(\.name)).sorted()
        let contexts = Set(all.map { Self.context(of: $0) }).sorted()
        self.contexts = contexts.count > 1 ? contexts.filter { !$0.context.isEmpty } : contexts
    }

    /// A context, as a metric without a name.
    static func context(of metric: MetricKey) -> MetricKey { MetricKey(name: "", sortedContext: metric.context) }

    /// What a row has of each metric, by name.
    func values<Value>(_ context: MetricKey, of known: [MetricKey: [String: Value]]) -> [Value?] {
        let (own, common) = (known[context] ?? [:], known[MetricKey("")] ?? [:])
        return names.map { own[$0] ?? common[$0] }
    }
}

/// A report with metrics as columns: a row for each group and context.
struct WideReport {
    private let listing: ReportListing
    private let layout: WideLayout

    init(_ listing: ReportListing) {
        self.listing = listing
        layout = WideLayout(listing.report.rows.map(\.metric))
    }

    private var columns: [Column] {
        let hasContexts = layout.contexts.contains { !$0.context.isEmpty }
        var columns = listing.groupColumns
        columns += [Column("context", machines: !hasContexts), Column("runs", numeric: true)]
        for name in layout.names {
            // What a person reads off first stays where there is little room.
            columns += [
                Column("\(name).mean", title: name, numeric: true),
                Column("\(name).std", title: "STD", numeric: true),
                Column("\(name).ci95", title: "CI95", numeric: true),
                Column("\(name).n", title: "N", numeric: true, optional: true),
            ]
            columns += ["min", "median", "max", "nan", "infinite", "missing"].map {
                Column("\(name).\($0)", numeric: true, machines: true)
            }
        }
        return columns
    }

    /// - Returns: how many columns there was no room for.
    func write(to output: OutputStream, _ format: ListFormat?) throws -> Int {
        let writer = try ListWriter(output, format: format, columns: columns)
        // Rows of a group stand together.
        var rest = listing.report.rows[...]
        while let first = rest.first {
            let identity = first.group.map { PropertyIdentity($0) }
            let group = rest.prefix { $0.group.map { PropertyIdentity($0) } == identity }
            rest = rest.dropFirst(group.count)
            var known: [MetricKey: [String: Report.Row]] = [:]
            for row in group { known[WideLayout.context(of: row.metric), default: [:]][row.metric.name] = row }
            for context in layout.contexts where known[context] != nil || layout.contexts.count == 1 {
                let figures = layout.values(context, of: known).flatMap(cells)
                try writer.row(
                    first.group.map { Cell.property($0) } + [.context(context), .count(first.runs)] + figures)
            }
        }
        try writer.end()
        return writer.hiddenColumns
    }

    private func cells(_ row: Report.Row?) -> [Cell] {
        guard let row else { return Array(repeating: .missing, count: 10) }
        let sample = row.sample
        let rounding = listing.rounding
        return [sample.mean, sample.standardDeviation, sample.ci95].map { rounding.cell($0) } + [.count(sample.count)]
            + [sample.min, sample.median, sample.max].map { rounding.cell($0) }
            + [sample.nan, sample.infinite, row.missing].map { .count($0) }
    }
}

/// The values behind a report with metrics as columns: a row for each run and context, as a data frame has them.
struct WideValues {
    private let report: Report
    private let layout: WideLayout

    init(_ report: Report) {
        self.report = report
        layout = WideLayout(report.values.map(\.metric))
    }

    func write(to output: OutputStream, _ format: ListFormat) throws {
        let params = Set(report.runs.flatMap { $0.params.keys }).sorted()
        let writer = try ListWriter(
            output, format: format,
            columns: [Column("run"), Column("name"), Column("status")] + params.map { Column("params.\($0)") }
                + [Column("context")] + layout.names.map { Column($0) })
        var known: [RunID: [MetricKey: [String: Double]]] = [:]
        for value in report.values {
            known[value.run, default: [:]][WideLayout.context(of: value.metric), default: [:]][value.metric.name] =
                value.value
        }
        for run in report.runs {
            guard let values = known[run.id] else { continue }
            let own = run.params
            for context in layout.contexts where values[context] != nil || layout.contexts.count == 1 {
                try writer.row(
                    [.text(run.id.description), .text(run.name), .text(run.status.rawValue)]
                        + params.map { .property(own[$0]) }
                        + [.context(context)]
                        + layout.values(context, of: values).map { $0.map { .number($0) } ?? .missing })
            }
        }
        try writer.end()
    }
}
