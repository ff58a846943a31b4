import VarveFormat

/// The newest properties of all runs, from the index and from what it doesn't cover (Format.md, section 3.4).
struct PropertyTable {
    private struct Setting {
        var rank: PropertyRank
        var value: PropertyValue
    }

    private var settings: [UniqueID: [String: Setting]] = [:]

    /// Takes a setting, unless a newer one is known; those of one file come in the order of the file.
    mutating func set(
        _ key: String, of run: UniqueID, revision: UInt64, rankName: String, value: PropertyValue
    ) {
        let rank = PropertyRank(revision: revision, fileName: rankName)
        if let known = settings[run]?[key], !known.rank.givesWay(to: rank) { return }
        settings[run, default: [:]][key] = Setting(rank: rank, value: value)
    }

    /// The properties of a run that aren't deleted.
    func properties(of run: UniqueID) -> [String: PropertyValue] {
        // A nil literal would do here as the value null: these take no literal.
        (settings[run] ?? [:]).mapValues(\.value).filter { $0.value != .absent }
    }
}
