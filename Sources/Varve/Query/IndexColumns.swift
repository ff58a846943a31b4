import VarveFormat

/// The properties of all runs of a snapshot as they stand in the index: choosing among runs makes no object for each.
struct IndexColumns: FilterColumns {
    private let content: SnapshotContent
    private let runs: [UniqueID]

    init(_ content: SnapshotContent) {
        self.content = content
        runs = content.runIDs
    }

    var rows: Int { runs.count }

    func column(_ key: String) -> FilterColumn? {
        switch key {
        case "id": return whole(runs.map { .string("\($0)") })
        case "name": return names()
        case _ where FilterNames.fields.contains(key) && key != "note" && key != "archived": return field(key)
        default: return content.propertyTable().column(key, of: runs)
        }
    }

    private func whole(_ values: [PropertyValue]) -> FilterColumn {
        FilterColumn(rows: Array(0..<rows), values: values)
    }

    /// What people call a run, as ``RunInfo/name`` has it.
    private func names() -> FilterColumn {
        var values: [PropertyValue?] = Array(repeating: nil, count: rows)
        let stated = content.propertyTable().column("name", of: runs) ?? FilterColumn()
        for (row, value) in zip(stated.rows, stated.values) { if case .string = value { values[row] = value } }
        return whole(values.indices.map { values[$0] ?? .string(String("\(runs[$0])".prefix(8))) })
    }

    /// What a run's files say, and a status that somebody set.
    private func field(_ key: String) -> FilterColumn? {
        var statuses: [Int: PropertyValue] = [:]
        if let stated = content.propertyTable().column("status", of: runs) {
            for (row, value) in zip(stated.rows, stated.values) { statuses[row] = value }
        }
        var column = FilterColumn()
        for (row, run) in runs.enumerated() {
            let info = content.info(of: run, statuses[row].map { ["status": $0] } ?? [:])
            column.append(RunColumns.values(key, of: info), row)
        }
        return column.rows.isEmpty ? nil : column
    }
}

extension PropertyTable {
    /// The newest values of one property; rows are places in `all`, which is ascending.
    func column(_ key: String, of all: [UniqueID]) -> FilterColumn? {
        // Where the newest setting of each run stands so far: a segment and a row of its column.
        var places: [(segment: Int32, row: Int32)] = Array(repeating: (-1, -1), count: all.count)
        for (number, segment) in segments.enumerated() {
            guard let column = segment.columns.firstIndex(where: { $0.key.hasSameBytes(as: key) }) else { continue }
            take(column, of: number, into: &places, all)
        }
        var outside: [Int: Setting] = [:]
        for (run, known) in settings {
            guard let setting = known[ExactText(key)], let row = Self.row(of: run, in: all) else { continue }
            if places[row].segment >= 0, !rank(places[row], key).givesWay(to: setting.rank) { continue }
            outside[row] = setting
        }
        var result = FilterColumn()
        for (row, place) in places.enumerated() {
            let value: PropertyValue
            if let setting = outside[row] {
                value = setting.value
            } else {
                guard place.segment >= 0, let column = self.column(key, place.segment) else { continue }
                value = column.value(at: Int(place.row))
            }
            guard value != .absent else { continue }
            result.rows.append(row)
            result.values.append(value)
        }
        return result.rows.isEmpty ? nil : result
    }

    private func take(
        _ column: Int, of number: Int, into places: inout [(segment: Int32, row: Int32)], _ all: [UniqueID]
    ) {
        let segment = segments[number]
        let stored = segment.columns[column]
        let runs = segment.reader.runs
        var row = 0
        for (place, run) in stored.runs.enumerated() {
            guard segment.trusted[Int(stored.files[place])] else { continue }
            let id = runs[Int(run)]
            // Both are ascending: mostly the next one is meant.
            if row < all.count, all[row] < id { row += 1 }
            if row >= all.count || all[row] != id { row = Self.row(of: id, in: all) ?? row }
            guard row < all.count, all[row] == id else { continue }
            let next = (segment: Int32(number), row: Int32(place))
            if places[row].segment >= 0,
                !rank(places[row], stored.key).givesWay(to: rank(next, stored.key))
            {
                continue
            }
            places[row] = next
        }
    }

    private func column(_ key: String, _ segment: Int32) -> StoredPropertyColumn? {
        segments[Int(segment)].columns.first { $0.key.hasSameBytes(as: key) }
    }

    private func rank(_ place: (segment: Int32, row: Int32), _ key: String) -> PropertyRank {
        let segment = segments[Int(place.segment)]
        guard let column = column(key, place.segment) else { return PropertyRank(revision: 0, fileName: "") }
        let row = Int(place.row)
        return PropertyRank(
            revision: column.revisions[row], fileName: segment.reader.coverage[Int(column.files[row])].rankName)
    }

    private static func row(of run: UniqueID, in all: [UniqueID]) -> Int? {
        var low = 0
        var high = all.count
        while low < high {
            let middle = (low + high) / 2
            if all[middle] < run { low = middle + 1 } else { high = middle }
        }
        return low < all.count && all[low] == run ? low : nil
    }
}

extension Snapshot {
    /// The runs that have all of these values, oldest first; 1 and 1.0 are one value, and so are all NaNs.
    ///
    /// - Parameter properties: by full key, such as `params.lr`.
    package func runs(having properties: [(key: String, value: PropertyValue)]) -> [RunInfo] {
        let content = content
        let columns = IndexColumns(content)
        var rows: Set<Int>?
        for (key, value) in properties {
            let wanted = PropertyIdentity(value)
            let column = columns.column(key) ?? FilterColumn()
            let having = zip(column.rows, column.values).filter { PropertyIdentity($1) == wanted }.map(\.0)
            rows = rows.map { $0.intersection(having) } ?? Set(having)
        }
        return content.infos(of: (rows ?? Set(content.runIDs.indices)).sorted().map { content.runIDs[$0] })
    }
}
