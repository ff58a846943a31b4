import Varve

/// A run's config, or its summary, as the records of its file change it.
struct WandBSettings {
    /// What was set, by path; of a dictionary each entry.
    private var values: [[String]: JSONValue] = [:]
    /// First names in use, so that setting a new one needs no search.
    private var names: Set<String> = []

    mutating func apply(_ change: WandBSettingsRecord, _ complain: (String) -> Void) {
        for item in change.remove where !item.names.isEmpty { clear(item.names) }
        for item in change.update {
            let path = item.names
            guard let first = path.first, first != WandBValue.internalName, let value = item.content(complain) else {
                continue
            }
            if names.contains(first) { clear(path) }
            names.insert(first)
            var entries: [WandBValue.Entry] = []
            WandBValue.flatten(value, path, into: &entries)
            for entry in entries { values[entry.path] = entry.value }
        }
    }

    /// Whether nothing was set.
    var isEmpty: Bool { values.isEmpty }

    /// Sets what a document says, under its own names.
    mutating func set(_ document: JSONObject) {
        for member in document.members where member.key != WandBValue.internalName {
            var entries: [WandBValue.Entry] = []
            WandBValue.flatten(member.value, [member.key], into: &entries)
            names.insert(member.key)
            for entry in entries { values[entry.path] = entry.value }
        }
    }

    /// Forgets what stood under a path, and what was nested in it.
    private mutating func clear(_ path: [String]) {
        if values.removeValue(forKey: path) != nil { return }
        for key in values.keys where key.starts(with: path) { values[key] = nil }
    }

    /// Makes properties of what is set; media are left out.
    func emit(as prefix: String, to sink: any RunSink) {
        let entries = values.map { (path: $0.key, value: $0.value) }
        let media = WandBValue.media(among: entries)
        for (path, value) in entries where !WandBValue.isPart(path, of: media) {
            sink.property(prefix + path.joined(separator: "."), PropertyValue(value))
        }
    }
}
