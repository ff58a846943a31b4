import VarveFormat

/// The newest properties of all runs, from the index and from what it doesn't cover (Format.md, section 3.4).
struct PropertyTable {
    private struct Setting {
        var revision: UInt64
        var rankName: String
        var value: PropertyValue
    }

    private var settings: [UniqueID: [String: Setting]] = [:]

    /// Takes a setting, unless a newer one is known: by revision, then by file name, then by place in the file.
    mutating func set(
        _ key: String, of run: UniqueID, revision: UInt64, rankName: String, value: PropertyValue
    ) {
        if let known = settings[run]?[key] {
            if known.revision > revision { return }
            if known.revision == revision, rankName.utf8.lexicographicallyPrecedes(known.rankName.utf8) { return }
        }
        settings[run, default: [:]][key] = Setting(revision: revision, rankName: rankName, value: value)
    }

    /// The properties of a run that aren't deleted.
    func properties(of run: UniqueID) -> [String: PropertyValue] {
        // A nil literal would do here as the value null: these take no literal.
        (settings[run] ?? [:]).mapValues(\.value).filter { $0.value != .absent }
    }
}
