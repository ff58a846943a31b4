import Varve

/// The series of a plot, put together into the lines that are drawn.
struct SeriesGroups {
    /// What tells them apart, for the legend.
    var title: String
    var groups: [Group]
    /// Series are averaged.
    var isAveraged: Bool
    /// What was averaged over, in words.
    var averagedOver: [String] = []

    /// Series that make one line.
    struct Group {
        var name: String
        var entries: [SeriesTable.Entry]
    }

    init(_ table: SeriesTable, groupBy: [String], over: [String]) throws(VarveError) {
        isAveraged = !groupBy.isEmpty || !over.isEmpty
        var keys: [SeriesKey] = []
        let varying = table.varying
        if groupBy.isEmpty, !over.isEmpty {
            var ignored: Set<SeriesKey> = []
            for name in over { ignored.insert(try table.key(name)) }
            keys = varying.filter { !ignored.contains($0) }
            averagedOver = over
        } else {
            for name in groupBy { keys.append(try table.key(name)) }
            averagedOver = over.isEmpty ? varying.filter { !keys.contains($0) }.map(\.description) : over
        }
        guard isAveraged else {
            let names = RunNames(table)
            title = ""
            groups = table.entries.map { Group(name: names.name($0), entries: [$0]) }
            return
        }
        title = keys.map(\.description).joined(separator: ", ")
        var order: [[PropertyValue?]] = []
        var members: [[PropertyValue?]: [SeriesTable.Entry]] = [:]
        for entry in table.entries {
            let values = keys.map { $0.value(entry) }
            if members[values] == nil { order.append(values) }
            members[values, default: []].append(entry)
        }
        order.sort { a, b in
            for (x, y) in zip(a, b) {
                if SeriesKey.precedes(x, y) { return true }
                if SeriesKey.precedes(y, x) { return false }
            }
            return false
        }
        let runNames = keys == [.field(.run)] ? RunNames(table) : nil
        groups = order.map { values in
            let entries = members[values] ?? []
            let name = values.map { SeriesKey.text($0) }.joined(separator: ", ")
            return Group(name: entries.first.flatMap { runNames?.name($0) } ?? name, entries: entries)
        }
    }
}

/// What single runs are called: their name, with as much beside it as it takes to tell them apart.
struct RunNames {
    private var counts: [String: Int] = [:]
    private let contexts: Bool
    private let keys: [String]

    init(_ table: SeriesTable) {
        var runs: [RunID: String] = [:]
        for entry in table.entries { runs[entry.run.id] = entry.run.name }
        for name in runs.values { counts[name, default: 0] += 1 }
        let varying = table.varying.compactMap { key -> String? in
            if case .context(let name) = key { return name }
            return nil
        }
        keys = varying
        contexts = !varying.isEmpty
    }

    func name(_ entry: SeriesTable.Entry) -> String {
        var name = entry.run.name
        let id = entry.run.id.description
        // The end of an ID is random, its beginning a time that runs may share.
        if counts[name] ?? 0 > 1, !id.hasPrefix(name) { name += " \(id.suffix(6))" }
        let context = keys.compactMap { key in entry.metric[key].map { "\(key)=\($0)" } }
        return context.isEmpty ? name : "\(name) \(context.joined(separator: " "))"
    }
}
