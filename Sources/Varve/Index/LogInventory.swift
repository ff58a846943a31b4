import VarveFiles
import VarveFormat

/// What is in `logs/`, as far as the compactor has to know.
struct LogInventory {
    private let paths: RepositoryPaths
    private let fileSystem: any FileSystem
    private let names: Set<LogName>
    /// The files in packs, with the pack in which each is.
    private var packed: [LogIdentity: LogName] = [:]
    /// What those packs say to hold that do.
    private var contents: [LogName: PackContents] = [:]

    /// A log file that may hold what the index doesn't.
    struct Candidate {
        var name: LogName
        var size: Int
        /// Its writer may be at it.
        var isLive: Bool
    }

    init(_ paths: RepositoryPaths, _ fileSystem: any FileSystem, zstd: Zstd) throws(VarveError) {
        self.paths = paths
        self.fileSystem = fileSystem
        names = Set(try filesystem { () throws(FileError) in try fileSystem.list(paths.logs) }.compactMap(LogName.init))
        for name in names {
            guard case .pack = name, let file = try open(name) else { continue }
            defer { file.close() }
            if let said = PackContents(file, zstd: zstd) {
                contents[name] = said
                for file in said.files { packed[file.identity] = name }
                continue
            }
            // A pack that can't be read keeps what the index has of its files: nothing else says that they are gone.
            let sections = (try? LogScanner.scan(file, name: name, kinds: SeriesKinds(), zstd: zstd)) ?? []
            for section in sections { packed[section.begin.identity] = name }
        }
    }

    /// Opens a file; nil if it is gone, or something else has its name.
    func open(_ name: LogName) throws(VarveError) -> (any OpenFile)? {
        do throws(FileError) { return try fileSystem.open(paths.log(name), .read) } catch {
            if error.code == .notFound || error.code.isNoFile { return nil }
            throw VarveError(error)
        }
    }

    func size(_ name: LogName) throws(VarveError) -> Int? {
        guard names.contains(name) else { return nil }
        return try filesystem { () throws(FileError) in try fileSystem.status(paths.log(name)) }?.size
    }

    /// The file, or the pack, in which a log file stands; nil: it was deleted.
    func place(of begin: BeginFrame, fileName: String) -> LogName? {
        let name: LogName? =
            if begin.run == .zero {
                LogName(fileName)
            } else if begin.sealOf != nil {
                .seal(run: begin.run, n: begin.n)
            } else {
                .log(run: begin.run, n: begin.n)
            }
        if let name, names.contains(name) { return name }
        return packed[begin.identity]
    }

    /// The bytes of the file that a seal completes; nil: it is gone, or is there twice, and which copy counts isn't known.
    func sourceBytes(of seal: BeginFrame) throws(VarveError) -> Int? {
        guard let source = seal.source, let stated = seal.sealOf?.size else { return nil }
        if let size = try size(.log(run: source.run, n: source.n)) { return packed[source] == nil ? size : nil }
        // Within a pack nothing grows.
        return packed[source] == nil ? nil : Int(clamping: stated)
    }

    /// Files that are larger than what the index has of them, in a fixed order in which files of one run are neighbours.
    ///
    /// - Parameter problems: takes what has a log's name and is no file.
    func candidates(_ coverage: CoverageMap, _ problems: inout [VarveError]) throws(VarveError) -> [Candidate] {
        var found: [Candidate] = []
        for name in names {
            let journal: LogName?
            switch name {
            case .log(let run, let n): journal = .journal(run: run, n: n)
            case .seal, .edit, .pack: journal = nil
            case .journal, .spare: continue
            }
            let path = paths.log(name)
            guard let status = try filesystem({ () throws(FileError) in try fileSystem.status(path) }) else { continue }
            guard status.kind == .file else {
                problems.append(VarveError(FileError("open", path, status.kind == .link ? .symbolicLink : .notAFile)))
                continue
            }
            let size = status.size
            let covered = coverage.files(named: name)
            if covered.count == 1, covered[0].offset == UInt64(size) { continue }
            if let said = contents[name]?.files,
                said.allSatisfy({ file in coverage[file.identity].map { $0.offset >= file.bytes } ?? false })
            {
                continue
            }
            found.append(
                Candidate(name: name, size: size, isLive: journal.map(names.contains) ?? false))
        }
        return found.sorted { $0.name.order < $1.name.order }
    }
}

extension LogName {
    /// By kind of file, then by run or ID, then by number, a seal after its source.
    fileprivate var order: (UInt8, UInt64, UInt64, UInt64) {
        switch self {
        case .log(let run, let n): (0, run.high, run.low, UInt64(n) * 2)
        case .seal(let run, let n): (0, run.high, run.low, UInt64(n) * 2 + 1)
        case .edit(let id): (1, id.high, id.low, 0)
        case .pack(let id): (2, id.high, id.low, 0)
        case .journal(let run, let n): (3, run.high, run.low, UInt64(n))
        case .spare(let id): (4, id.high, id.low, 0)
        }
    }
}
