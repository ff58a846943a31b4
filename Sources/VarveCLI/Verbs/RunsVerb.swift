import ArgumentParser
import Varve

struct RunsVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "List runs with their params, tags and single values.",
        discussion: """
            On a terminal only params that differ are shown; --format tsv has all.

            An expression compares params.x, values.x, properties.x, name, status, note, created, ended, duration \
            (seconds), points, … and metric.name, metric.context.x, metric.last, min, max, best_step, … by == != < <= > \
            >= in, texts also by contains, startswith, endswith and matches, asks for tags by "x" in tags, and joins \
            conditions by and, or, not and parentheses. Text and dates stand in quotes. Behind it may stand order by, \
            limit and group by. Docs/Query.md says all of it.

            Examples:
              varve runs --where 'params.lr > 0.01 and "baseline" in tags' --sort values.best
              varve runs --where 'status != "finished"' --format jsonl
              varve runs --curve loss
              varve runs --columns name,lr,host
              varve runs --where '0.001 < params.lr <= 0.1 and created > "2026-11-01"'
              varve runs --where 'metric.name == "loss" and metric.last < 0.1'
              varve runs --where 'order by metrics.acc.max desc limit 10'
              varve runs --where 'group by params.model, params.lr'
            """)

    @Option(
        name: .long,
        help: ArgumentHelp("Only runs for which this holds, such as 'params.lr > 0.01'.", valueName: "expr"))
    var `where`: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Sort by created, name, status, duration, host, a param or a single value; -KEY: the other way round.",
            valueName: "key"))
    var sort: String?

    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp("Show this metric's curve in a few characters; may be repeated.", valueName: "metric"))
    var curve: [String] = []

    @Option(
        help: ArgumentHelp(
            "Show these columns in this order, by the names that --format tsv has.", valueName: "names"))
    var columns: NameList?

    @Flag(help: "The archived runs, and only these.")
    var archived = false

    @OptionGroup var list: ListOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let search = try search()
        let snapshot = try common.open().snapshot()
        common.warn(snapshot)
        var runs = try snapshot.find(search).runs
        if runs.isEmpty { try search.hint(snapshot) }
        if !search.groups.isEmpty { return try listGroups(runs, search) }
        let order = sort.map { RunOrder($0, among: snapshot.runs) }
        if let order {
            if let complaint = order.complaint(snapshot.runs) { printNote(complaint) }
            runs = order.sorted(runs)
        }

        let output = OutputStream()
        let wanted = Set(search.keys + (order.map { [$0.key] } ?? []))
        let listing = RunListing(
            runs: runs, among: snapshot.runIDs, wanted: wanted, columns: knownColumns(snapshot), now: wallTime())
        let curves = try CurveColumns(curve, of: runs, in: snapshot)
        let choice = try ColumnChoice(columns?.names, among: listing.columns + curves.columns)
        let writer = try ListWriter(output, format: list.format, columns: choice.columns)
        let hasCurves = !curves.columns.isEmpty
        try writer.rows(runs) { run in
            let cells = listing.cells(of: run)
            return choice.cells(hasCurves ? cells + curves.cells(of: run) : cells)
        }
        try writer.end()
        if writer.isTable, output.terminal.isInteractive {
            try output.line(output.terminal.styled(listing.summary(hiddenColumns: writer.hiddenColumns), .dim))
            try output.flush()
        }
    }

    /// What is looked for, among the archived runs or all others; who asks for archived ones by an expression gets both.
    private func search() throws -> Search {
        let search = try `where`.map { text throws(VarveError) in try Search(parsing: text) } ?? Search()
        guard archived || !search.keys.contains("archived") else { return search }
        return search.among(try Filter(parsing: archived ? "archived" : "not archived"))
    }

    /// Properties that are meant by `--columns`, though perhaps none of the listed runs has them.
    private func knownColumns(_ snapshot: Snapshot) -> [String] {
        let keys = (columns?.names ?? []).flatMap { name in ["", "params.", "values."].map { $0 + name } }
        return keys.isEmpty ? [] : keys.filter { key in snapshot.runs.contains { $0.properties[key] != nil } }
    }

    /// A row a group: its values, how many runs it has, and how they stand.
    private func listGroups(_ runs: [RunInfo], _ search: Search) throws {
        guard search.groups.allSatisfy({ $0.property != nil }) else {
            throw VarveError(.invalid, "runs are grouped by what a run has, such as params.lr")
        }
        let groups = RunGroup.groups(of: runs, by: search.groups)
        let states = RunStatus.allCases.filter { status in runs.contains { $0.status == status } }
        let keys = search.groups.enumerated().map { index, key in
            let isNumeric = groups.allSatisfy { $0.values[index].isNumber }
            return Column(key.description, title: RunListing.title(key.description), numeric: isNumeric)
        }
        let counts = [Column("runs", numeric: true)] + states.map { Column($0.rawValue, numeric: true) }
        let writer = try ListWriter(OutputStream(), format: list.format, columns: keys + counts)
        for group in groups {
            let values = group.values.map { Cell.property($0) }
            let counts = states.map { status in Cell.count(group.runs.count { $0.status == status }) }
            try writer.row(values + [.count(group.runs.count)] + counts)
        }
        try writer.end()
    }
}

/// An order of runs by one of their properties.
struct RunOrder {
    /// The full key.
    let key: String
    private let isDescending: Bool
    private static let fields = [
        "name", "status", "created", "ended", "duration", "attempt", "points", "lost", "note", "id", "host",
    ]

    /// - Parameter text: a key, with `-` before it for the other way round; of a param or a single value its name is enough.
    init(_ text: String, among runs: [RunInfo]) {
        isDescending = text.hasPrefix("-")
        let key = isDescending ? String(text.dropFirst()) : text
        let full = [key, "params.\(key)", "values.\(key)"].first { key in
            Self.fields.contains(key) || runs.contains { $0.properties[key] != nil }
        }
        self.key = full ?? key
    }

    /// What to say if the order is by something that no run has.
    func complaint(_ runs: [RunInfo]) -> String? {
        guard !runs.isEmpty, !Self.fields.contains(key), !runs.contains(where: { $0.properties[key] != nil }) else {
            return nil
        }
        let keys = runs.reduce(into: Set(Self.fields)) { $0.formUnion($1.properties.keys) }
        let nearest = FilterNames.nearest(to: key, among: Set(keys.map(RunListing.title)).union(keys).sorted())
        return "note: no run has \(key)\(nearest.map { "; did you mean \($0)?" } ?? "")"
    }

    /// Runs that don't have the property stay at the end either way; equal ones keep their order.
    func sorted(_ runs: [RunInfo]) -> [RunInfo] {
        let values = runs.map { RunColumns.value(key, of: $0) }.map { $0 == .absent ? nil : $0 }
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
