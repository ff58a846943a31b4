import Synchronization
import VarveFiles
import VarveTestSupport

@testable import Varve

/// The real file system, with a count of the calls by which files and names are found.
final class CountingFileSystem: ForwardingFileSystem {
    let inner = RealFileSystem()
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
}
