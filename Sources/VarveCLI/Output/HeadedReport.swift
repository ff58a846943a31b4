import Varve
import VarveCampaign

/// A report on a terminal that is too narrow for a column of each value that makes groups: they stand in lines above the rows of
/// their group.
struct HeadedReport {
    private let report: Report
    private let groups: [Column]
    private let columns: [Column]
    private let rows: [[Cell]]

    private static let counts: Set = ["runs", "nan", "infinite", "missing", "unfinished"]

    /// - Parameters:
    ///   - columns: those of the groups first.
    ///   - rows: a cell for each column, a row for each of the report.
    init(_ report: Report, columns: [Column], rows: [[Cell]]) {
        self.report = report
        let count = report.groupBy.count
        groups = Array(columns.prefix(count))
        // The figures first; what is counted beside them comes next, and last what can do without.
        self.columns = columns.dropFirst(count).map { column in
            var column = column
            column.isSpare = column.isOptional
            column.isOptional = Self.counts.contains(column.key)
            return column
        }
        self.rows = rows
    }

    /// - Returns: how many columns there was no room for.
    func write(to output: OutputStream) throws -> Int {
        let bodies = rows.map { Array($0.dropFirst(groups.count)) }
        let layout = TableLayout(columns: columns, rows: bodies, terminal: output.terminal)
        try output.line(layout.header)
        var last: [PropertyIdentity]?
        for (place, row) in report.rows.enumerated() {
            let group = row.group.map { PropertyIdentity($0) }
            if group != last {
                try output.line()
                for line in heading(rows[place], width: output.terminal.width ?? .max) {
                    try output.line(output.terminal.styled(line, .bold))
                }
            }
            last = group
            try output.line(layout.line(bodies[place]))
        }
        try output.flush()
        return layout.hidden + groups.count(where: \.isSpare)
    }

    /// What makes a group, in as many lines as it takes; what follows from the rest and what isn't set is left out.
    private func heading(_ cells: [Cell], width: Int) -> [String] {
        let pairs = zip(groups, cells).compactMap { column, cell -> String? in
            guard !column.isSpare, !cell.shown.isEmpty else { return nil }
            let value = HumanText.clipped(HumanText.harmless(cell.shown), to: column.maxWidth)
            return HumanText.clipped("\(HumanText.harmless(column.title))=\(value)", to: width)
        }
        var lines: [String] = []
        for pair in pairs {
            let longer = lines.last.map { "\($0)  \(pair)" }
            if let longer, HumanText.width(longer) <= width {
                lines[lines.count - 1] = longer
            } else {
                lines.append(pair)
            }
        }
        return lines.isEmpty ? ["(none of them set)"] : lines
    }
}
