import Varve

/// What earlier imports took, as the runs' properties tell it.
///
/// | key | value |
/// |---|---|
/// | `import.format` | `tensorboard`, `csv` or `jsonl` |
/// | `import.root` | the path that was imported |
/// | `import.run` | the name that the files gave the run; it may have been renamed since |
/// | `import.part` | the name that a table's rows gave it, where one table holds several |
/// | `import.complete` | false while an import writes the run |
/// | `import.points` | how many points imports stored: if there are fewer, a power failure took some |
/// | `import.file.PATH` | for each file, relative to the root: how far it was taken, see ``FileMark`` |
///
/// A run is known again by a file that begins as the one that was taken (at another place only if it is gone from the old
/// one: a directory that was moved is the same campaign, a copy of it is another), or by its root and name.
struct ImportHistory {
    struct Known {
        var info: RunInfo
        var root: String
        var run: String
        var part: String?
        var isComplete: Bool
        /// The points that imports stored.
        var points: Int
        var marks: [String: FileMark]
    }

    private var byFile: [String: [Known]] = [:]
    private var byName: [String: [Known]] = [:]

    static let prefix = "import."

    init(_ snapshot: Snapshot, _ format: ImportFormat) {
        for info in snapshot.runs where info.properties["import.format"] == .string(format.rawValue) {
            guard case .string(let root)? = info.properties["import.root"],
                case .string(let run)? = info.properties["import.run"]
            else { continue }
            var marks: [String: FileMark] = [:]
            for (key, value) in info.properties where key.hasPrefix(FileMark.prefix) {
                if let mark = FileMark(value) { marks[mark.path] = mark }
            }
            var part: String?
            if case .string(let text)? = info.properties["import.part"] { part = text }
            var points = 0
            if case .int(let number)? = info.properties["import.points"] { points = Int(clamping: number) }
            let isComplete = info.properties["import.complete"] == .bool(true) && info.points >= points
            let known = Known(
                info: info, root: root, run: run, part: part, isComplete: isComplete, points: points, marks: marks)
            for path in marks.keys { byFile[path, default: []].append(known) }
            byName[run, default: []].append(known)
        }
    }

    /// The runs that may hold what the file at `path` held.
    func runs(ofFile path: String) -> [Known] { byFile[path] ?? [] }
    /// The runs that the files called `name`.
    func runs(called name: String) -> [Known] { byName[name] ?? [] }
}

/// How far a file was taken: the offset behind its last whole record, and the fingerprint of what stands before it.
struct FileMark: Hashable {
    static let prefix = "import.file."
    private static let maxKeyBytes = 1_024

    var path: String
    var bytes: Int
    var fingerprint: UInt64
    /// The last line taken had no line end.
    var isOpen = false

    init(path: String, bytes: Int, fingerprint: UInt64, isOpen: Bool) {
        self.path = path
        self.bytes = bytes
        self.fingerprint = fingerprint
        self.isOpen = isOpen
    }

    init?(_ value: PropertyValue) {
        guard case .json(let text) = value, let json = try? JSONValue(parsing: text),
            let path = json["path"]?.stringValue, let bytes = json["bytes"]?.intValue.flatMap({ Int(exactly: $0) }),
            bytes >= 0,
            let fingerprint = json["fingerprint"]?.stringValue.flatMap({ UInt64($0, radix: 16) })
        else { return nil }
        let isOpen = json["open"]?.boolValue ?? false
        self.init(path: path, bytes: bytes, fingerprint: fingerprint, isOpen: isOpen)
    }

    /// The property's key: a path too long for one stands as its hash.
    var key: String {
        let key = Self.prefix + path
        if key.utf8.count <= Self.maxKeyBytes { return key }
        return Self.prefix + "#" + String(XXHash64.hash(Array(path.utf8)), radix: 16)
    }

    var value: PropertyValue {
        let json: JSONValue = [
            "path": .string(path), "bytes": .int(Int64(bytes)), "fingerprint": .string(String(fingerprint, radix: 16)),
            "open": .bool(isOpen),
        ]
        return .json(json.text)
    }
}
