import Varve
import VarveCampaign

/// The columns of a list of runs, and their cells.
struct RunListing {
    let columns: [Column]
    private let runs: [RunInfo]
    private let ids: ShortIDs
    private let now: Int64
    private let propertyKeys: [String]

    /// - Parameters:
    ///   - runs: Those that are listed.
    ///   - all: All runs of the repository: a short ID names one among them.
    ///   - wanted: Properties that were asked for by name: they are shown first, and in any case.
    ///   - columns: Properties that have a column, whether or not one of the runs has them.
    init(runs: [RunInfo], among all: [RunID], wanted: Set<String> = [], columns: [String] = [], now: Int64) {
        self.runs = runs
        self.now = now
        ids = ShortIDs(all)
        let known = KnownProperties(runs)
        let isColumn = { (key: String) in !Self.isOwnColumn(key) && !key.beginsWithBytes(of: "tags.") }
        var keys = Set(columns.lazy.filter(isColumn).map { ExactText($0) })
        for key in known.keys where isColumn(key.text) {
            if wanted.contains(key.text) || !key.text.beginsWithBytes(of: Self.importKeys) { keys.insert(key) }
        }
        func rank(_ key: String) -> Int { wanted.contains(key) ? 0 : Self.rank(key) }
        propertyKeys = keys.sorted { (rank($0.text), $0) < (rank($1.text), $1) }.map(\.text)
        let hasTags = known.keys.contains { $0.text.beginsWithBytes(of: "tags.") }
        let span = runs.span
        let hasLost = span.indices.contains { span[$0].lostPoints > 0 }
        let hasHosts = span.indices.contains { span[$0].hosts != span[0].hosts }
        var shown = [
            Column("id", title: "RUN"), Column("name"), Column("status"),
            Column("created", title: "STARTED", optional: true), Column("ended", machines: true),
            Column("duration", title: "TOOK", numeric: true, optional: true), Column("attempt", machines: true),
            Column("points", numeric: true),
            Column("lost", numeric: true, machines: !hasLost),
            Column("tags", optional: true, machines: !hasTags),
            // Where all ran on one host, nobody asks.
            Column(
                "host", maxWidth: 24, optional: !wanted.contains("host"),
                machines: !wanted.contains("host") && !hasHosts),
        ]
        // Of what differs, as much as may keep its place on a narrow terminal.
        var kept = Self.keptColumns
        for key in propertyKeys {
            let isShown = key.beginsWithBytes(of: "params.") || key.beginsWithBytes(of: "values.")
            let values = known[ExactText(key)]
            let differs = values.distinct.count > 1 || values.owners < runs.count || runs.count == 1
            let isNumeric = values.distinct.allSatisfy(\.isNumber)
            let isWanted = wanted.contains(key)
            let isKept = isWanted || isShown && differs && kept > 0
            if isKept { kept -= 1 }
            shown.append(
                Column(
                    key, title: Self.title(key), numeric: isNumeric, maxWidth: 24, optional: !isKept,
                    machines: !(isWanted || isShown && differs)))
        }
        let hasNotes = known[ExactText("note")].owners > 0
        shown.append(Column("note", maxWidth: 32, optional: true, machines: !hasNotes))
        self.columns = shown
    }

    /// Whether a property has a column of its own, or is shown as one.
    private static func isOwnColumn(_ key: String) -> Bool { ownColumns.contains { $0.hasSameBytes(as: key) } }

    private static let ownColumns = ["name", "status", "note"]

    /// What importers note for themselves: on a run's page, not among the columns.
    static let importKeys = "import."

    func cells(of run: RunInfo) -> [Cell] {
        var cells: [Cell] = []
        cells.reserveCapacity(columns.count)
        cells.append(.id(run.id, ids))
        cells.append(.text(run.name))
        cells.append(Self.status(run.status))
        cells.append(.time(run.created, now: now))
        cells.append(run.ended.map { .time($0) } ?? .missing)
        cells.append(Self.duration(run, now: now))
        cells.append(Cell(value: .int(Int64(run.attempt))))
        cells.append(.count(run.points))
        cells.append(.count(run.lostPoints))
        cells.append(.list(run.tags))
        cells.append(RunColumns.hostText(run.hosts).map { .text($0) } ?? .missing)
        for key in propertyKeys { cells.append(.property(run.properties[key])) }
        cells.append(.property(run.properties["note"]))
        return cells
    }

    /// `12 runs: 11 finished, 1 killed`.
    func summary(hiddenColumns: Int) -> String { Self.summary(of: runs, hiddenColumns: hiddenColumns) }

    static func summary(of runs: [RunInfo], hiddenColumns: Int) -> String {
        var parts: [String] = []
        for status in RunStatus.allCases {
            let count = runs.count { $0.status == status }
            if count > 0 { parts.append("\(HumanText.count(count)) \(status.rawValue)") }
        }
        let list = parts.isEmpty ? "" : ": " + parts.joined(separator: ", ")
        let hidden = hiddenColumns > 0 ? " · \(HumanText.plural(hiddenColumns, "column")) more in --format tsv" : ""
        return HumanText.plural(runs.count, "run") + list + hidden
    }

    static func status(_ status: RunStatus) -> Cell {
        let style: TextStyle =
            switch status {
            case .running: .blue
            case .finished: .green
            case .failed, .killed: .red
            case .silent: .yellow
            }
        return .text(status.rawValue, style: style)
    }

    /// From the start to the end, or until now while it runs.
    static func duration(_ run: RunInfo, now: Int64) -> Cell {
        guard let end = run.ended ?? (run.status == .running ? now : nil) else { return .missing }
        return .duration(seconds: max(0, (Double(end) - Double(run.created)) / 1e9))
    }

    private static let keptColumns = 2

    /// Settings first, then what repeats or counts, then single values.
    private static func rank(_ key: String) -> Int {
        guard let param = key.afterBytes(of: "params.") else { return key.beginsWithBytes(of: "values.") ? 4 : 5 }
        if param == ParamAxis.campaign { return 3 }
        return switch ParamRole(of: param) {
        case .setting: 1
        case .repetition: 2
        case .counter: 3
        }
    }

    static func title(_ key: String) -> String {
        key.afterBytes(of: "params.") ?? key.afterBytes(of: "values.") ?? key
    }
}

extension PropertyValue {
    /// Whether it stands on the right in a column: a number, or none.
    var isNumber: Bool {
        switch self {
        case .int, .double, .null, .absent: true
        default: false
        }
    }
}
