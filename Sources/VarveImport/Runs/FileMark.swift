import Varve

/// How far a file was taken: the offset behind its last whole record, and the fingerprint of what stands before it. Of a store
/// its version stands for a fingerprint, and no bytes are counted.
struct FileMark: Hashable {
    /// Relative to the root.
    var path: String
    var bytes: Int
    var fingerprint: UInt64
    /// The last line taken had no line end.
    var isOpen = false
}

extension FileMark {
    /// One key for all files of a run, and the same for all runs: a key for each file would make the table of properties as
    /// wide as the campaign has files. A run of thousands of files goes on under `import.files.2` and so on.
    static let key = "import.files"
    private static let maxBytes = FormatConstants.maxPropertyBytes / 2

    private init?(_ json: JSONValue) {
        guard let path = json["path"]?.stringValue, let bytes = json["bytes"]?.intValue.flatMap({ Int(exactly: $0) }),
            let fingerprint = json["fingerprint"]?.stringValue.flatMap({ UInt64($0, radix: 16) }), bytes >= 0
        else { return nil }
        let isOpen = json["open"]?.boolValue ?? false
        self.init(path: path, bytes: bytes, fingerprint: fingerprint, isOpen: isOpen)
    }

    private var json: JSONValue {
        var json = JSONObject()
        json["path"] = .string(path)
        json["bytes"] = .int(Int64(bytes))
        json["fingerprint"] = .string(String(fingerprint, radix: 16))
        if isOpen { json["open"] = true }
        return .object(json)
    }

    /// The marks among a run's properties, by path.
    static func read(_ properties: Properties) -> [String: FileMark] {
        var marks: [String: FileMark] = [:]
        for (key, value) in properties where key == Self.key || key.beginsWithBytes(of: Self.key + ".") {
            guard case .json(let text) = value, let all = (try? JSONValue(parsing: text))?.arrayValue else { continue }
            for mark in all.compactMap(FileMark.init) { marks[mark.path] = mark }
        }
        return marks
    }

    /// The properties that hold these marks.
    static func properties(_ marks: [String: FileMark]) -> [String: PropertyValue] {
        var properties: [String: PropertyValue] = [:]
        var text = ""
        func close() {
            let key = properties.isEmpty ? Self.key : "\(Self.key).\(properties.count + 1)"
            if !text.isEmpty { properties[key] = .json("[\(text)]") }
            text = ""
        }
        for mark in marks.values.sorted(by: { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }) {
            let next = mark.json.text
            if text.utf8.count + next.utf8.count > maxBytes { close() }
            text += text.isEmpty ? next : "," + next
        }
        close()
        return properties
    }
}
