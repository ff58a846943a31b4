import Varve

/// The series of a plot, and what tells them apart.
struct SeriesTable {
    let snapshot: Snapshot
    var entries: [Entry]

    /// One series.
    struct Entry {
        var run: RunInfo
        var statistics: SeriesStatistics
        /// Where it was logged.
        var hosts: [String]
        var metric: MetricKey { statistics.metric }
    }

    /// Names a series for a dictionary.
    struct Key: Hashable {
        var run: RunID
        var metric: MetricKey
    }

    init(_ snapshot: Snapshot, _ query: Query) throws(VarveError) {
        self.snapshot = snapshot
        // Few of many runs may be wanted.
        var runs: [RunID: RunInfo] = [:]
        entries = try snapshot.statistics(query).compactMap { statistics in
            guard let run = runs[statistics.run] ?? snapshot.run(statistics.run) else { return nil }
            runs[statistics.run] = run
            // Only where a run ran on several hosts does it take a look at which of them logged this.
            let hosts = run.hosts.count > 1 ? snapshot.hosts(of: statistics.metric, in: run.id) : run.hosts
            return Entry(run: run, statistics: statistics, hosts: hosts)
        }
    }

    /// The keys of params and contexts by which the series differ, contexts first. Params that only count runs aren't among them:
    /// they tell nothing of a curve.
    var varying: [SeriesKey] {
        var values: [SeriesKey: Set<PropertyValue?>] = [:]
        var owners: [SeriesKey: Int] = [:]
        // Params of each run once, though it may have many series.
        var seen: Set<RunID> = []
        let runs = entries.filter { seen.insert($0.run.id).inserted }
        for entry in runs {
            for (name, value) in entry.run.properties {
                guard let param = name.afterBytes(of: "params.") else { continue }
                let key = SeriesKey.param(param)
                if key.role == .counter { continue }
                owners[key, default: 0] += 1
                if values[key, default: []].count < 2 { values[key, default: []].insert(value) }
            }
        }
        for entry in entries {
            for pair in entry.metric.context {
                let key = SeriesKey.context(pair.key)
                owners[key, default: 0] += 1
                if values[key, default: []].count < 2 { values[key, default: []].insert(.string(pair.value)) }
            }
        }
        return values.keys.filter { key in
            let all = if case .context = key { entries.count } else { runs.count }
            return (values[key]?.count ?? 0) > 1 || (owners[key] ?? 0) < all
        }.sorted()
    }

    /// The key that a name means: one of a context where any series has it, else a param, else one of what every run has.
    func key(_ name: String) throws(VarveError) -> SeriesKey {
        if let key = name.afterBytes(of: "context.") { return .context(key) }
        for prefix in ["run.params.", "run.hparams.", "params.", "hparams."] {
            if let param = name.afterBytes(of: prefix) { return .param(param) }
        }
        if entries.contains(where: { $0.metric[name] != nil }) { return .context(name) }
        if entries.contains(where: { $0.run.properties["params.\(name)"] != nil }) { return .param(name) }
        if let field = SeriesKey.Field(rawValue: name) { return .field(field) }
        let known = varying.map(\.description)
        let nearest = nearestName(to: name, among: known + SeriesKey.Field.allCases.map(\.rawValue))
        let shown = known.prefix(12).joined(separator: ", ")
        throw VarveError(
            .invalid, "no run has a param '\(name)', and no series a context with it",
            remedy: nearest.map { "did you mean '\($0)'?" }
                ?? (known.isEmpty ? "run, name, status or host" : "those that differ are \(shown)"))
    }
}

/// Something by which series can be told apart.
enum SeriesKey: Hashable, Comparable, CustomStringConvertible {
    case context(String)
    case param(String)
    case field(Field)

    /// What every run has.
    enum Field: String, Hashable, CaseIterable, Comparable {
        case run, name, status, host

        static func < (a: Field, b: Field) -> Bool { a.rawValue < b.rawValue }
    }

    var description: String {
        switch self {
        case .context(let name), .param(let name): name
        case .field(let field): field.rawValue
        }
    }

    /// What becomes of series that differ in nothing else.
    var role: ParamRole { if case .param(let name) = self { ParamRole(of: name) } else { .setting } }

    /// The value of a series; nil if it has none.
    func value(_ entry: SeriesTable.Entry) -> PropertyValue? {
        switch self {
        case .context(let name):
            guard let text = entry.metric[name] else { return nil }
            // A rank is a number, though contexts are texts.
            return Int64(text).map { .int($0) } ?? .string(text)
        case .param(let name): return entry.run.properties["params.\(name)"]
        case .field(.run): return .string(entry.run.id.description)
        case .field(.name): return .string(entry.run.name)
        case .field(.status): return .string(entry.run.status.rawValue)
        case .field(.host): return RunColumns.hostText(entry.hosts).map { .string($0) }
        }
    }

    /// A value in words.
    static func text(_ value: PropertyValue?) -> String {
        switch value {
        case nil, .absent: "–"
        case .null: "none"
        case .bool(let flag): "\(flag)"
        case .int(let number): "\(number)"
        case .double(let number): NumberText.short(number, digits: 6)
        case .string(let text), .json(let text): text
        }
    }

    /// A value as a number.
    static func number(_ value: PropertyValue?) -> Double? {
        switch value {
        case .int(let number): Double(number)
        case .double(let number): number
        default: nil
        }
    }

    /// Numbers before texts, in their orders; what isn't there at the end.
    static func precedes(_ a: PropertyValue?, _ b: PropertyValue?) -> Bool {
        switch (number(a), number(b)) {
        case (let x?, let y?): return x < y || x.isFinite && y.isNaN
        case (.some, nil): return true
        case (nil, .some): return false
        case (nil, nil):
            guard let a else { return false }
            guard let b else { return true }
            return text(a).utf8.lexicographicallyPrecedes(text(b).utf8)
        }
    }
}
