import ArgumentParser
import Varve

struct RunsVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "List runs with their params, tags and single values.",
        discussion: """
            On a terminal only params that differ are shown; --format tsv has everything.

            Examples:
              varve runs --where 'params.lr > 0.01 and "baseline" in tags' --sort values.best
              varve runs --where 'status != "finished"' --format jsonl
            """)

    @Option(
        name: .long,
        help: ArgumentHelp("Only runs for which this holds, such as 'params.lr > 0.01'.", valueName: "expr"))
    var `where`: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Sort by created, name, status, duration, params.x, …; -KEY: the other way round.", valueName: "key"))
    var sort: String?

    @OptionGroup var list: ListOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let filter = try `where`.map { text throws(VarveError) in try Filter(parsing: text) }
        let snapshot = try common.open().snapshot()
        common.warn(snapshot)
        var runs = try filter.map { filter throws(VarveError) in try snapshot.runs(where: filter) } ?? snapshot.runs
        if runs.isEmpty, let filter { hint(filter, snapshot) }
        if let sort { runs = RunOrder(sort).sorted(runs) }

        let output = OutputStream()
        let wanted = Set((filter?.keys ?? []) + (sort.map { [RunOrder($0).key] } ?? []))
        let listing = RunListing(runs: runs, among: snapshot.runs, wanted: wanted, now: wallTime())
        let writer = try ListWriter(output, format: list.format, columns: listing.columns)
        for run in runs { try writer.row(listing.cells(of: run)) }
        try writer.end()
        if writer.isTable, output.terminal.isInteractive {
            try output.line(output.terminal.styled(listing.summary(hiddenColumns: writer.hiddenColumns), .dim))
            try output.flush()
        }
    }

    private func hint(_ filter: Filter, _ snapshot: Snapshot) {
        for (key, nearest) in filter.unknownKeys(in: snapshot.runs) {
            printError("note: no run has \(key)\(nearest.map { "; did you mean \($0)?" } ?? "")")
        }
    }
}

/// An order of runs by one of their properties.
struct RunOrder {
    let key: String
    private let isDescending: Bool

    init(_ text: String) {
        isDescending = text.hasPrefix("-")
        key = isDescending ? String(text.dropFirst()) : text
    }

    /// Runs that don't have the property stay at the end either way; equal ones keep their order.
    func sorted(_ runs: [RunInfo]) -> [RunInfo] {
        let column = RunColumns(runs).column(key) ?? FilterColumn()
        let values = Dictionary(uniqueKeysWithValues: zip(column.rows, column.values))
        let order = runs.indices.sorted { a, b in
            guard let x = values[a], let y = values[b] else {
                return values[a] != nil || (values[b] == nil && a < b)
            }
            if x.precedes(y) { return !isDescending }
            if y.precedes(x) { return isDescending }
            return a < b
        }
        return order.map { runs[$0] }
    }
}
