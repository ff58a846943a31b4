import VarveFiles
import VarveFormat

/// Keeps the columns that were asked for, and adds the figures of metrics to the properties of runs: a search asks for the
/// same columns once a metric.
final class ColumnShelf: FilterColumns {
    private let base: any FilterColumns
    private var columns: [ExactText: FilterColumn?] = [:]
    private var figures: [FilterOperand: FilterColumn] = [:]
    /// The metrics that were looked up: their statistics by row.
    private var series: [MetricSelector: [(row: Int, statistics: SeriesStatistics)]] = [:]

    init(_ base: any FilterColumns) { self.base = base }

    var rows: Int { base.rows }

    /// Takes what is known of a metric, rows ascending.
    func put(_ selector: MetricSelector, _ statistics: [(row: Int, statistics: SeriesStatistics)]) {
        series[selector] = statistics
    }

    func column(_ key: String) -> FilterColumn? {
        if let known = columns[ExactText(key)] { return known }
        let column = base.column(key)
        columns[ExactText(key)] = .some(column)
        return column
    }

    func column(_ metric: MetricSelector, _ figure: MetricFigure) -> FilterColumn? {
        let operand = FilterOperand.series(metric, figure)
        if let known = figures[operand] { return known }
        var column = FilterColumn()
        for (row, statistics) in series[metric] ?? [] {
            guard let value = figure.value(of: statistics) else { continue }
            column.rows.append(row)
            column.values.append(value)
        }
        figures[operand] = column
        return column
    }
}

/// The runs that have one metric, a row each: columns of pairs of a run and that metric.
struct PairColumns: FilterColumns {
    let metric: MetricKey
    /// Rows of the runs, ascending, and what is known of the metric there.
    let pairs: [(row: Int, statistics: SeriesStatistics)]
    let runs: ColumnShelf
    let hosts: HostShelf

    var rows: Int { pairs.count }

    func column(_ key: String) -> FilterColumn? { runs.column(key).map(picked) }

    func column(_ metric: MetricSelector, _ figure: MetricFigure) -> FilterColumn? {
        runs.column(metric, figure).map(picked)
    }

    func column(_ part: MetricPart) -> FilterColumn? {
        var column = FilterColumn()
        if part == .host {
            for (row, pair) in pairs.enumerated() {
                column.append(hosts.hosts(of: metric, inRow: pair.row).map { .string($0) }, row)
            }
            return column
        }
        guard case .figure(let figure) = part else { return part.value(of: metric).map(same) }
        for (row, pair) in pairs.enumerated() {
            guard let value = figure.value(of: pair.statistics) else { continue }
            column.rows.append(row)
            column.values.append(value)
        }
        return column
    }

    private func same(_ value: PropertyValue) -> FilterColumn {
        FilterColumn(rows: Array(0..<rows), values: Array(repeating: value, count: rows))
    }

    /// A column of runs as one of pairs.
    private func picked(_ column: FilterColumn) -> FilterColumn {
        var result = FilterColumn()
        var next = 0
        for (row, pair) in pairs.enumerated() {
            while next < column.rows.count, column.rows[next] < pair.row { next += 1 }
            while next < column.rows.count, column.rows[next] == pair.row {
                result.append([column.values[next]], row)
                next += 1
            }
        }
        return result
    }
}
