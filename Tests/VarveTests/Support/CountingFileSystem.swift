import Synchronization
import VarveFiles

@testable import Varve

/// The real file system, with a count of the calls by which files and names are found.
final class CountingFileSystem: FileSystem {
    private let inner = RealFileSystem()
    private let count = Atomic<Int>(0)

    var calls: Int { count.load(ordering: .relaxed) }

    /// How many calls it takes to open a repository and to know its runs.
    static func callsToOpen(_ path: String) throws -> Int {
        let counting = CountingFileSystem()
        let environment = Environment(fileSystem: counting, host: RealHost(), hasThreads: false)
        _ = try Repository.open(path, environment).snapshot().runs
        return counting.calls
    }

    private func note() { count.add(1, ordering: .relaxed) }

    func open(_ path: String, _ mode: OpenMode) throws(FileError) -> any OpenFile {
        note()
        return try inner.open(path, mode)
    }

    func list(_ directory: String) throws(FileError) -> [String] {
        note()
        return try inner.list(directory)
    }

    func status(_ path: String) throws(FileError) -> FileStatus? {
        note()
        return try inner.status(path)
    }

    func targetStatus(_ path: String) throws(FileError) -> FileStatus? {
        note()
        return try inner.targetStatus(path)
    }

    func makeDirectory(_ path: String) throws(FileError) { try inner.makeDirectory(path) }
    func link(_ existing: String, _ new: String) throws(FileError) { try inner.link(existing, new) }
    func unlink(_ path: String) throws(FileError) { try inner.unlink(path) }
    func rename(_ old: String, _ new: String) throws(FileError) { try inner.rename(old, new) }
    func removeDirectory(_ path: String) throws(FileError) { try inner.removeDirectory(path) }
    func syncDirectory(_ path: String) throws(FileError) { try inner.syncDirectory(path) }
    func volume(_ path: String) throws(FileError) -> Volume { try inner.volume(path) }
}
