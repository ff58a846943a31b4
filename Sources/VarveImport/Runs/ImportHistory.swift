import Varve

/// What earlier imports took, as the runs' properties tell it.
///
/// | key | value |
/// |---|---|
/// | `import.format` | the format's name, such as `tensorboard` |
/// | `import.root` | the path that was imported |
/// | `import.run` | the name that the files gave the run; it may have been renamed since |
/// | `import.part` | the name that a table's rows gave it, where one table holds several |
/// | `import.complete` | false while an import writes the run |
/// | `import.points` | how many points imports stored: if there are fewer, a power failure took some |
/// | `import.files` | how far each file was taken, see ``FileMark`` |
/// | `import.id` | what the source calls the run, where that is unique in the world |
/// | `import.names` | stores: `{"val_loss": ["loss", {"subset": "val"}]}` for names that became another metric |
/// | `import.status` | the status that an import set, since the source says that the run was killed or still runs |
///
/// A run is known again by a file that begins as the one that was taken (at another place only if it is gone from the old
/// one: a directory that was moved is the same campaign, a copy of it is another), or by its root and name.
package struct ImportHistory {
    struct Known {
        var info: RunInfo
        var root: String
        var run: String
        var part: String?
        var isComplete: Bool
        /// The points that imports stored.
        var points: Int
        var marks: [String: FileMark]
        /// What names became which metrics, where the two differ; of stores only.
        var names: [String: MetricKey] = [:]

        /// The run has an end; it has none if its follower was killed.
        var isEnded: Bool {
            info.status == .finished || info.status == .failed || info.properties["import.status"] != nil
        }
    }

    private var byFile: [String: [Known]] = [:]
    private var byName: [String: [Known]] = [:]
    private var byIdentity: [String: Known] = [:]

    /// What the keys of these properties begin with.
    package static let prefix = "import."

    init(_ snapshot: Snapshot, _ format: any ForeignFormat) {
        for info in snapshot.runs where info.properties["import.format"] == .string(format.name) {
            guard case .string(let root)? = info.properties["import.root"],
                case .string(let run)? = info.properties["import.run"]
            else { continue }
            let marks = FileMark.read(info.properties)
            var part: String?
            if case .string(let text)? = info.properties["import.part"] { part = text }
            var points = 0
            if case .int(let number)? = info.properties["import.points"] { points = Int(clamping: number) }
            let isComplete = info.properties["import.complete"] == .bool(true) && info.points >= points
            var known = Known(
                info: info, root: root, run: run, part: part, isComplete: isComplete, points: points, marks: marks)
            if case .json(let text)? = info.properties["import.names"] { known.names = Self.names(text) }
            if case .string(let identity)? = info.properties["import.id"] { byIdentity[identity] = known }
            for path in marks.keys { byFile[path, default: []].append(known) }
            byName[run, default: []].append(known)
        }
    }

    /// The runs that may hold what the file at `path` held.
    func runs(ofFile path: String) -> [Known] { byFile[path] ?? [] }
    /// The run that its source knows by this identity.
    func run(identity: String) -> Known? { byIdentity[identity] }

    private static func names(_ text: String) -> [String: MetricKey] {
        var names: [String: MetricKey] = [:]
        for member in (try? JSONValue(parsing: text))?.objectValue?.members ?? [] {
            guard let parts = member.value.arrayValue, parts.count == 2, let name = parts[0].stringValue else {
                continue
            }
            var context: [String: String] = [:]
            for pair in parts[1].objectValue?.members ?? [] { context[pair.key] = pair.value.stringValue }
            names[member.key] = MetricKey(name, context: context)
        }
        return names
    }

    /// The runs that the files called `name`.
    func runs(called name: String) -> [Known] { byName[name] ?? [] }
}
