import VarveFormat

/// Collects properties and keeps the newest of each (run, key), by ``PropertyRank``.
struct NewestProperties {
    private struct Entry {
        var rank: PropertyRank
        var time: Int64
        var file: Int
        var value: PropertyValue
    }

    /// The names by which files are ranked, by row of the coverage.
    private let names: [String]
    private var keys: [ExactText: [UniqueID: Entry]] = [:]

    init(_ coverage: [CoverageRow]) { self.init(names: coverage.map(\.rankName)) }

    init(names: [String]) { self.names = names }

    /// Adds a value; those of one file come in the order of the file.
    mutating func add(
        run: UniqueID, key: String, revision: UInt64, time: Int64, file: Int, value: PropertyValue
    ) {
        let key = ExactText(key)
        let rank = PropertyRank(revision: revision, fileName: names[file])
        if let known = keys[key]?[run], !known.rank.givesWay(to: rank) { return }
        keys[key, default: [:]][run] = Entry(rank: rank, time: time, file: file, value: value)
    }

    /// The runs that have properties.
    var runs: Set<UniqueID> { keys.values.reduce(into: []) { $0.formUnion($1.keys) } }

    /// The columns of a segment whose runs are these.
    func columns(rowsOfRuns rows: [UniqueID: Int]) -> [StoredPropertyColumn] {
        keys.keys.sorted().map { key in
            var column = StoredPropertyColumn(key: key.text)
            let entries = keys[key, default: [:]].compactMap { run, entry in rows[run].map { ($0, entry) } }
            for (row, entry) in entries.sorted(by: { $0.0 < $1.0 }) {
                column.append(
                    run: UInt32(row), revision: entry.rank.revision, time: entry.time, file: UInt32(entry.file),
                    value: entry.value)
            }
            return column
        }
    }
}
