import VarveFormat

/// The newest properties of all runs, from the index and from what it doesn't cover (Format.md, section 3.4).
///
/// What the index holds stays in its columns: a run's properties are put together when they are asked for.
struct PropertyTable: Sendable {
    private var segments: [Segment] = []
    /// What files outside the index set.
    private var settings: [UniqueID: [String: Setting]] = [:]

    fileprivate struct Segment {
        var reader: SegmentReader
        var columns: [StoredPropertyColumn]
        /// Rows of its coverage that count.
        var trusted: [Bool]
    }

    private struct Setting {
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
        Self.put(setting, key, into: &settings[run, default: [:]])
    }

    private static func put(_ setting: Setting, _ key: String, into known: inout [String: Setting]) {
        if let earlier = known[key], !earlier.rank.givesWay(to: setting.rank) { return }
        known[key] = setting
    }

    /// The properties of a run that aren't deleted.
    func properties(of run: UniqueID) -> [String: PropertyValue] {
        let outside = settings[run]
        var holders: [(segment: Segment, row: UInt32)] = []
        for segment in segments {
            if let row = segment.reader.row(of: run) { holders.append((segment, UInt32(row))) }
        }
        var values: [String: PropertyValue] = [:]
        if holders.count == 1, outside == nil {
            // Each key is there once: nothing has to be ranked.
            holders[0].segment.forEach(holders[0].row) { column, row in
                let value = column.value(at: row)
                if value != .absent { values[column.key] = value }
            }
            return values
        }
        var newest: [String: Setting] = [:]
        for (segment, run) in holders {
            segment.forEach(run) { column, row in
                let name = segment.reader.coverage[Int(column.files[row])].rankName
                let rank = PropertyRank(revision: column.revisions[row], fileName: name)
                Self.put(Setting(rank: rank, value: column.value(at: row)), column.key, into: &newest)
            }
        }
        for (key, setting) in outside ?? [:] { Self.put(setting, key, into: &newest) }
        for (key, setting) in newest where setting.value != .absent { values[key] = setting.value }
        return values
    }
}

extension PropertyTable.Segment {
    /// Calls `body` with the row of a run in each column that has one which counts.
    fileprivate func forEach(_ run: UInt32, _ body: (StoredPropertyColumn, Int) -> Void) {
        for column in columns {
            guard let row = column.row(ofRun: run), trusted[Int(column.files[row])] else { continue }
            body(column, row)
        }
    }
}
