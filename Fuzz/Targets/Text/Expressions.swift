import Varve
import VarveFormat

/// Expressions of `--where`: each is understood or refused, says which properties it needs, and is true or false of each of a
/// few runs; `not` turns every answer about what a run has round.
struct Expressions: FuzzTarget {
    private let columns = Columns()

    static var words: [String] {
        [
            "params.lr", "values.x", "tags", "name", "status", "created", "duration", " and ", " or ", "not ", " in ",
            " contains ", " startswith ", " endswith ", "\"baseline\"", "<=", ">=", "==", "!=", "(", ")", "1e-3", "NaN",
            "Infinity", "true", "null", "2026-11-23T10:00:00Z", "7d", "-", "metric.last", "metric.name",
            "metric.context.subset", "metrics[\"loss\", {\"subset\": \"val\"}].min", " matches ", "(a|b)*", "x{2,3}",
            "[^a-z]",
            "\\d+", "(?i)", " order by ", " desc", " limit 3", " group by ", "datetime(2026, 11, 23)", "run.active",
        ]
    }

    static func seeds() -> [[UInt8]] {
        [
            "params.lr > 0.01", "0.001 < params.lr <= 0.1 and \"baseline\" in tags",
            "not (name == 'a' or status != \"failed\")",
            "name contains \"x\" and note startswith 'é'", "created > 2026-11-23 or duration < 90",
            "params.lr in (0.1, 0.2, \"three\", true, null)", "params.`odd key` == -1e300",
            "name matches \"^(a|[^b]+){2}$\" and metric.last < 3",
            "metrics[\"loss\", {\"subset\": \"val\"}].min > 1 or active",
            "metric.context.subset == 'val' order by metric.best_step desc, name limit 3 group by params.lr",
        ].map { Array($0.utf8) }
    }

    func feed(_ input: [UInt8]) throws {
        let text = String(decoding: input, as: UTF8.self)
        // A whole search is understood or refused as well, and what is a condition alone is one.
        let search = try? Search(parsing: text)
        let filter: Filter
        do { filter = try Filter(parsing: text) } catch {
            // It is printed below the expression: making it must not trap either.
            _ = "\(error)"
            return
        }
        try demand(search?.filter == filter, "'\(text)' is a filter, but not the same search")
        let holds = filter.matches(columns)
        try demand(holds.count == columns.rows, "\(holds.count) answers for \(columns.rows) runs")
        try demand(filter.matches(columns) == holds, "two answers to '\(text)'")
        if let not = try? Filter(parsing: "not (\(text))") {
            let turned = not.matches(columns)
            try demand(zip(holds, turned).allSatisfy { $0 != $1 }, "'\(text)' and its negation both hold, or neither")
        }
    }

    private struct Columns: FilterColumns {
        let rows = 4

        func column(_ key: String) -> FilterColumn? {
            switch key {
            case "params.lr": FilterColumn(rows: [0, 1, 3], values: [0.1, .double(.nan), .int(.max)])
            case "name": FilterColumn(rows: [0, 1, 2, 3], values: ["a", "", "é", "x\"y"])
            case "tags.baseline": FilterColumn(rows: [2], values: [true])
            case "status": FilterColumn(rows: [0, 1, 2, 3], values: ["failed", "running", "killed", "finished"])
            case "created": FilterColumn(rows: [0, 1], values: [.int(.min), .int(1_700_000_000_000_000_000)])
            case "note": FilterColumn(rows: [1, 2, 3], values: [.null, .json("[1]"), .string("note")])
            default: nil
            }
        }

        func column(_ part: MetricPart) -> FilterColumn? {
            part == .name ? nil : FilterColumn(rows: [0, 2], values: [.double(-0.0), "val"])
        }

        func column(_ metric: MetricSelector, _ figure: MetricFigure) -> FilterColumn? {
            FilterColumn(rows: [1, 3], values: [.double(.nan), .int(7)])
        }
    }
}
