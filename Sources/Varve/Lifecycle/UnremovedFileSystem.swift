import VarveFiles
import VarveFormat

/// Shows files of the trash also under the names that they had in `logs/`, to be read there: what runs were before they were removed.
/// Nothing can be written.
struct UnremovedFileSystem: FileSystem {
    private let inner: any FileSystem
    private let logs: String
    /// Paths in the trash by paths in `logs/`.
    private let places: [String: String]
    private let names: [LogName]

    /// - Parameter files: none of them has a name that is taken in `logs/`.
    init(_ inner: any FileSystem, _ paths: RepositoryPaths, _ files: [Trash.File]) {
        self.inner = inner
        logs = paths.logs
        names = files.map(\.name)
        places = Dictionary(files.map { (paths.log($0.name), $0.path) }) { first, _ in first }
    }

    private func place(of path: String) -> String { places[path] ?? path }

    func open(_ path: String, _ mode: OpenMode) throws(FileError) -> any OpenFile {
        guard mode == .read || mode == .readLinked else { throw FileError("open", path, .readOnly) }
        return try inner.open(place(of: path), mode)
    }

    func list(_ directory: String) throws(FileError) -> [String] {
        let found = try inner.list(directory)
        return directory == logs ? found + names.map { "\($0)" } : found
    }

    func forEachName(in directory: String, _ body: (Span<UInt8>) -> Void) throws(FileError) {
        try inner.forEachName(in: directory, body)
        guard directory == logs else { return }
        for name in names { body(Array("\(name)".utf8).span) }
    }

    func status(_ path: String) throws(FileError) -> FileStatus? { try inner.status(place(of: path)) }

    func targetStatus(_ path: String) throws(FileError) -> FileStatus? { try inner.targetStatus(place(of: path)) }

    func makeDirectory(_ path: String) throws(FileError) { throw FileError("mkdir", path, .readOnly) }

    func link(_ existing: String, _ new: String) throws(FileError) { throw FileError("link", new, .readOnly) }

    func unlink(_ path: String) throws(FileError) { throw FileError("unlink", path, .readOnly) }

    func rename(_ old: String, _ new: String) throws(FileError) { throw FileError("rename", new, .readOnly) }

    func removeDirectory(_ path: String) throws(FileError) { throw FileError("rmdir", path, .readOnly) }

    func syncDirectory(_ path: String) throws(FileError) { throw FileError("fsync", path, .readOnly) }

    func volume(_ path: String) throws(FileError) -> Volume { try inner.volume(place(of: path)) }
}

extension Repository {
    /// What is there now, and of some runs also what the trash has of them, as if it had not been removed: by it a run whose removal
    /// was interrupted is known by its name and params again.
    ///
    /// - Parameter isShown: whether a run of the trash is one of them.
    /// - Returns: nil if the trash has none of them: then ``snapshot()`` is all there is.
    public func snapshot(withRemoved isShown: (RunID) -> Bool) throws(VarveError) -> Snapshot? {
        var taken: Set<LogName> = []
        do throws(FileError) {
            try environment.fileSystem.forEachName(in: paths.logs) { bytes in
                if let name = LogName(parsing: bytes) { taken.insert(name) }
            }
        } catch {
            throw VarveError(error)
        }
        // Of a file that was removed twice the newest counts, as in a restoration.
        let files = try Trash(paths, environment.fileSystem).folders.reversed().flatMap(\.files).filter { file in
            file.name.run.map { isShown(RunID($0)) } == true && taken.insert(file.name).inserted
        }
        guard !files.isEmpty else { return nil }
        let whole = Environment(
            fileSystem: UnremovedFileSystem(environment.fileSystem, paths, files), host: environment.host,
            hasThreads: environment.hasThreads, decodingThreads: environment.decodingThreads)
        return Snapshot(try SnapshotContent(whole, paths, repository: id))
    }
}
