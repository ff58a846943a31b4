import Varve
import VarveCampaign

/// The columns of a report, and its cells.
struct ReportListing {
    let report: Report
    let rounding: Rounding
    /// Metrics are columns, and not rows.
    var isWide = false
    /// A person chose what makes groups: each of these has a column, whatever room there is.
    var areGroupsChosen = false

    private static let otherStatuses: [RunStatus] = [.failed, .killed, .running, .silent]

    /// The columns of the values that make groups.
    var groupColumns: [Column] {
        let decided = areGroupsChosen ? [] : decidedGroups
        return report.groupBy.enumerated().map { place, name in
            let isNumeric = report.rows.allSatisfy { $0.group[place].isNumber }
            let isParam = report.runs.contains { $0.properties["params.\(name)"] != nil }
            return Column(
                isParam ? "params.\(name)" : name, title: name, numeric: isNumeric, maxWidth: isParam ? 24 : 48,
                spare: decided.contains(place))
        }
    }

    /// The places of values that follow from those before them, as a model's width does from its name.
    private var decidedGroups: Set<Int> {
        struct Part: Hashable {
            var group: Int
            var value: PropertyIdentity
        }
        var decided: Set<Int> = []
        var groups = [Int](repeating: 0, count: report.rows.count)
        var count = min(1, groups.count)
        for place in report.groupBy.indices {
            var parts: [Part: Int] = [:]
            let finer = report.rows.indices.map { row in
                let part = Part(group: groups[row], value: PropertyIdentity(report.rows[row].group[place]))
                let number = parts[part] ?? parts.count
                parts[part] = number
                return number
            }
            if parts.count == count { decided.insert(place) } else { (groups, count) = (finer, parts.count) }
        }
        return decided
    }

    private var columns: [Column] {
        let rows = report.rows
        func isUnused(_ count: (Report.Row) -> Int) -> Bool { rows.allSatisfy { count($0) == 0 } }
        let columns =
            groupColumns + [
                Column("metric", name: true),
                Column("context", name: true, machines: rows.allSatisfy { $0.metric.context.isEmpty }),
                Column("runs", numeric: true, machines: rows.allSatisfy { $0.runs == $0.sample.count }),
                Column("n", numeric: true), Column("mean", numeric: true), Column("std", numeric: true),
                Column("ci95", numeric: true), Column("min", numeric: true, optional: true),
                Column("median", numeric: true, optional: true), Column("max", numeric: true, optional: true),
                Column("nan", numeric: true, machines: isUnused { $0.sample.nan }),
                Column("infinite", title: "INF", numeric: true, machines: isUnused { $0.sample.infinite }),
                Column("missing", numeric: true, machines: isUnused { $0.missing }),
                Column("unfinished", numeric: true, machines: isUnused { $0.unfinished }),
            ]
        return columns + Self.otherStatuses.map { Column($0.rawValue, numeric: true, machines: true) }
    }

    private func cells(_ row: Report.Row) -> [Cell] {
        let sample = row.sample
        let figures = [
            sample.mean, sample.standardDeviation, sample.ci95, sample.min, sample.median, sample.max,
        ].map { rounding.cell($0) }
        return row.group.map { Cell.property($0) }
            + [.text(row.metric.name), .context(row.metric), .count(row.runs), .count(sample.count)] + figures
            + [sample.nan, sample.infinite, row.missing, row.unfinished].map { Cell.count($0) }
            + Self.otherStatuses.map { .count(row.statuses[$0] ?? 0) }
    }

    /// - Returns: how many columns there was no room for.
    @discardableResult func write(to output: OutputStream, _ format: ListFormat?) throws -> Int {
        if isWide { return try WideReport(self).write(to: output, format) }
        let (columns, rows) = (columns, report.rows.map(cells))
        if (format ?? .standard(for: output.terminal)) == .table, !report.groupBy.isEmpty,
            TableLayout(columns: columns, rows: rows, terminal: output.terminal).isTooWide
        {
            return try HeadedReport(report, columns: columns, rows: rows).write(to: output)
        }
        let writer = try ListWriter(output, format: format, columns: columns)
        for row in rows { try writer.row(row) }
        try writer.end()
        return writer.hiddenColumns
    }

    /// The value of each run, so that every figure can be checked.
    func writeValues(to output: OutputStream, _ format: ListFormat) throws {
        if isWide { return try WideValues(report).write(to: output, format) }
        let names = Set(report.runs.flatMap { $0.params.keys }).sorted()
        var runs: [RunID: RunInfo] = [:]
        for run in report.runs { runs[run.id] = run }
        let writer = try ListWriter(
            output, format: format,
            columns: [Column("run"), Column("name"), Column("status")] + names.map { Column("params.\($0)") }
                + [Column("run_duration"), Column("metric"), Column("context"), Column("value")])
        for value in report.values {
            guard let run = runs[value.run] else { continue }
            try writer.row(
                [.text(run.id.description), .text(run.name), .text(run.status.rawValue)]
                    + names.map { .property(run.params[$0]) }
                    + [
                        RunListing.duration(run, now: run.created), .text(value.metric.name), .context(value.metric),
                        .number(value.value),
                    ])
        }
        try writer.end()
    }

    // MARK: Below a table

    /// What is left to say: which runs, averaged over what, and which cells of the grid are missing.
    func notes(hiddenColumns: Int) -> [String] {
        var notes = [RunListing.summary(of: report.runs, hiddenColumns: hiddenColumns)]
        if !report.over.isEmpty { notes.append("averaged over \(report.over.joined(separator: ", "))") }
        if let grid = report.grid { notes += Self.words(grid) }
        let isAlone = report.rows.allSatisfy { $0.runs == 1 } && report.runs.count > 3
        if isAlone, let name = report.groupBy.max(by: { values($0) < values($1) }), values(name) == report.runs.count {
            notes.append("each run is a group of its own: --over \(name) averages over it")
        }
        return notes
    }

    private func values(_ name: String) -> Int {
        guard let place = report.groupBy.firstIndex(of: name) else { return 0 }
        return Set(report.rows.map { PropertyIdentity($0.group[place]) }).count
    }

    private static func words(_ grid: Grid) -> [String] {
        let product = grid.axes.map { "\($0.values.count) \($0.name)" }.joined(separator: " × ")
        var line = "grid \(product): \(HumanText.count(grid.done)) of \(HumanText.plural(grid.cells, "cell")) done"
        if grid.duplicated > 0 { line += ", \(HumanText.count(grid.duplicated)) more than once" }
        let shown = grid.missing.prefix(10).map { cell in
            let pairs = zip(grid.axes, cell).map { "\($0.name)=\(words($1))" }
            return "missing " + pairs.joined(separator: " ")
        }
        let left = grid.cells - grid.done - shown.count
        return [line] + shown + (left > 0 ? ["… and \(HumanText.count(left)) more missing"] : [])
    }

    static func words(_ value: PropertyValue) -> String {
        let text = Cell.property(value).shown
        return text.isEmpty ? "(not set)" : text
    }
}

/// The columns of comparisons, and their cells.
struct ComparisonListing {
    let comparisons: [Comparison]
    let rounding: Rounding

    func write(to output: OutputStream, _ format: ListFormat?) throws {
        let hasContexts = comparisons.contains { !$0.metric.context.isEmpty }
        let writer = try ListWriter(
            output, format: format,
            columns: [
                Column("param"), Column("first"), Column("second"), Column("metric"),
                Column("context", machines: !hasContexts), Column("pairs", numeric: true),
                Column("unpaired", numeric: true, machines: comparisons.allSatisfy { $0.unpaired == 0 }),
                Column("difference", title: "DIFF", numeric: true), Column("ci95", numeric: true),
                Column("t", numeric: true, optional: true), Column("t_p", title: "P(T)", numeric: true),
                Column("cohens_d", title: "D", numeric: true),
                Column("wilcoxon", title: "W", numeric: true, optional: true),
                Column("wilcoxon_p", title: "P(W)", numeric: true), Column("rank_biserial", title: "R", numeric: true),
            ])
        for comparison in comparisons {
            let (test, ranks) = (comparison.test, comparison.test.signedRanks)
            // A p of 0.00 says nothing: probabilities keep their digits.
            let exact = Rounding(decimals: nil)
            try writer.row([
                .text(comparison.name), .property(comparison.first), .property(comparison.second),
                .text(comparison.metric.name), .context(comparison.metric), .count(test.count),
                .count(comparison.unpaired), rounding.cell(test.sample.mean), rounding.cell(test.sample.ci95),
                exact.cell(test.t), exact.cell(test.tProbability), exact.cell(test.cohensD),
                exact.cell(ranks?.statistic), exact.cell(ranks?.probability), exact.cell(ranks?.rankBiserial),
            ])
        }
        try writer.end()
    }
}
