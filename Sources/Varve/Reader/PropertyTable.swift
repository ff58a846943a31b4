import VarveFormat

/// The newest properties of all runs, from the index and from what it doesn't cover (Format.md, section 3.4).
///
/// What the index holds stays in its columns: a run's properties are put together when they are asked for.
struct PropertyTable: Sendable {
    private(set) var segments: [Segment] = []
    /// What files outside the index set.
    private(set) var settings: [UniqueID: [ExactText: Setting]] = [:]

    struct Segment {
        var reader: SegmentReader
        var columns: [StoredPropertyColumn]
        /// Rows of its coverage that count.
        var trusted: [Bool]
    }

    struct Setting {
        var rank: PropertyRank
        var value: PropertyValue
    }

    /// Takes what a segment holds, but for rows of files that don't count.
    mutating func add(_ columns: [StoredPropertyColumn], of reader: SegmentReader, trusted: [Bool]) {
        segments.append(Segment(reader: reader, columns: columns, trusted: trusted))
    }

    /// Takes a setting, unless a newer one is known; those of one file come in the order of the file.
    mutating func set(
        _ key: String, of run: UniqueID, revision: UInt64, rankName: String, value: PropertyValue
    ) {
        let setting = Setting(rank: PropertyRank(revision: revision, fileName: rankName), value: value)
        Self.put(setting, ExactText(key), into: &settings[run, default: [:]])
    }

    private static func put(_ setting: Setting, _ key: ExactText, into known: inout [ExactText: Setting]) {
        if let earlier = known[key], !earlier.rank.givesWay(to: setting.rank) { return }
        known[key] = setting
    }

    /// The properties of many runs that aren't deleted, in the order of the runs.
    ///
    /// Of a run that a single segment has each key is there once, and nothing is ranked: those are filled column by column.
    func properties(of runs: some Collection<UniqueID>) -> [Properties] {
        let rows = segments.map { segment in
            runs.enumerated().compactMap { place, run in
                segment.reader.row(of: run).map { (place: place, run: UInt32($0)) }
            }
        }
        // How many hold some of a run's: a setting is ranked against whatever there is.
        var owners = runs.map { settings[$0] == nil ? 0 : 2 }
        for row in rows.joined() { owners[row.place] += 1 }
        var result = zip(runs, owners).map { run, owners in owners > 1 ? properties(of: run) : Properties() }
        for (segment, rows) in zip(segments, rows) {
            for column in segment.columns {
                for (place, run) in rows where owners[place] == 1 {
                    guard let row = segment.row(of: run, in: column) else { continue }
                    let value = column.value(at: row)
                    if value != .absent { result[place][column.key] = value }
                }
            }
        }
        return result
    }

    /// The properties of a run that aren't deleted.
    func properties(of run: UniqueID) -> Properties {
        var newest: [ExactText: Setting] = [:]
        for segment in segments {
            guard let runRow = segment.reader.row(of: run) else { continue }
            for column in segment.columns {
                guard let row = segment.row(of: UInt32(runRow), in: column) else { continue }
                let name = segment.reader.coverage[Int(column.files[row])].rankName
                let rank = PropertyRank(revision: column.revisions[row], fileName: name)
                Self.put(Setting(rank: rank, value: column.value(at: row)), ExactText(column.key), into: &newest)
            }
        }
        // Behind the index, as they stand in a file of which it holds the beginning.
        for (key, setting) in settings[run] ?? [:] { Self.put(setting, key, into: &newest) }
        return Properties(newest.lazy.filter { $0.value.value != .absent }.map { ($0.key.text, $0.value.value) })
    }

    /// The highest revision of a run's properties, deleted ones among them; 0: it has none.
    func revision(of run: UniqueID) -> UInt64 {
        var highest: UInt64 = 0
        for segment in segments {
            guard let runRow = segment.reader.row(of: run) else { continue }
            for column in segment.columns {
                guard let row = segment.row(of: UInt32(runRow), in: column) else { continue }
                highest = max(highest, column.revisions[row])
            }
        }
        for setting in (settings[run] ?? [:]).values { highest = max(highest, setting.rank.revision) }
        // Nobody counts that far; whoever wrote it leaves room for the next.
        return min(highest, UInt64(Int64.max))
    }
}

extension PropertyTable.Segment {
    /// The row of a run in a column, if it has one and that counts.
    fileprivate func row(of run: UInt32, in column: StoredPropertyColumn) -> Int? {
        guard let row = column.row(ofRun: run), trusted[Int(column.files[row])] else { return nil }
        return row
    }
}
