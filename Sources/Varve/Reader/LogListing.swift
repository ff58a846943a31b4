import VarveFiles
import VarveFormat

/// The names in `logs/`, sorted: what there is of each run's files, and the files of several runs.
struct LogListing: Sendable {
    /// By run and number, ascending.
    private(set) var files: [RunFile] = []
    /// Edits and packs, by name.
    private(set) var others: [LogName] = []

    /// What is there of one writer's file.
    struct RunFile {
        var run: UniqueID
        var n: UInt32
        var kinds: Kinds

        var log: LogName { .log(run: run, n: n) }
        var seal: LogName { .seal(run: run, n: n) }
        var journal: LogName { .journal(run: run, n: n) }
    }

    struct Kinds: OptionSet {
        let rawValue: UInt8
        static let log = Kinds(rawValue: 1)
        static let seal = Kinds(rawValue: 2)
        static let journal = Kinds(rawValue: 4)
    }

    /// - Parameter run: leave other runs' files out.
    init(_ fileSystem: any FileSystem, _ directory: String, only run: UniqueID?) throws(VarveError) {
        var names: [RunFile] = []
        var others: [LogName] = []
        do throws(FileError) {
            try fileSystem.forEachName(in: directory) { bytes in
                guard let name = LogName(parsing: bytes) else { return }
                func note(_ id: UniqueID, _ n: UInt32, _ kind: Kinds) {
                    if run == nil || run == id { names.append(RunFile(run: id, n: n, kinds: kind)) }
                }
                switch name {
                case .log(let id, let n): note(id, n, .log)
                case .seal(let id, let n): note(id, n, .seal)
                case .journal(let id, let n): note(id, n, .journal)
                case .edit, .pack: others.append(name)
                case .spare: break
                }
            }
        } catch {
            throw VarveError(error)
        }
        names.sort { $0.run != $1.run ? $0.run < $1.run : $0.n < $1.n }
        files.reserveCapacity(names.count)
        for name in names {
            if let last = files.last, last.run == name.run, last.n == name.n {
                files[files.count - 1].kinds.formUnion(name.kinds)
            } else {
                files.append(name)
            }
        }
        self.others = others.map { ($0, "\($0)") }.sorted { $0.1 < $1.1 }.map(\.0)
    }
}
