import ArgumentParser
import Varve

struct RunsVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "List runs with their params, tags and single values.",
        discussion: """
            On a terminal only params that differ are shown; --format tsv has all.

            An expression compares params.x, values.x, properties.x, name, status, note, created, ended, duration \
            (seconds), points, … by == != < <= > >= in, texts also by contains, startswith and endswith, asks for tags \
            by "x" in tags, and joins conditions by and, or, not and parentheses. Text and dates stand in quotes.

            Examples:
              varve runs --where 'params.lr > 0.01 and "baseline" in tags' --sort values.best
              varve runs --where 'status != "finished"' --format jsonl
              varve runs --where '0.001 < params.lr <= 0.1 and created > "2026-11-01"'
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
        if let sort {
            let order = RunOrder(sort)
            if let complaint = order.complaint(snapshot.runs) { printError(complaint) }
            runs = order.sorted(runs)
        }

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

    /// What to say if the order is by something that no run has.
    func complaint(_ runs: [RunInfo]) -> String? {
        guard !runs.isEmpty, RunColumns(runs).column(key) == nil, !["ended", "duration", "note"].contains(key) else {
            return nil
        }
        let fields = ["name", "status", "created", "ended", "duration", "attempt", "points", "lost", "note", "id"]
        let keys = runs.reduce(into: Set(fields)) { $0.formUnion($1.properties.keys) }
        let full = ["params.\(key)", "values.\(key)"].first(where: keys.contains)
        let nearest = full ?? FilterNames.nearest(to: key, among: keys.sorted())
        return "note: no run has \(key)\(nearest.map { "; did you mean \($0)?" } ?? "")"
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
