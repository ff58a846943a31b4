import VarveFiles
import VarveTestSupport

/// A file system that does something else just before one of its calls: what another process does between two calls of this
/// one.
final class Interrupting: ForwardingFileSystem, @unchecked Sendable {
    let inner: SimulatedFileSystem
    // One thread calls: tests drive everything from one.
    private var calls = 0
    private var at = Int.max
    private var body: () throws -> Void = {}
    /// What the interruption threw.
    private(set) var failure: (any Error)?

    init(_ inner: SimulatedFileSystem) { self.inner = inner }

    /// Runs `body` before the call of this number, counted from now on; the first is 1.
    func interrupt(atCall number: Int, _ body: @escaping () throws -> Void) {
        (calls, at, self.body) = (0, number, body)
    }

    private func count() {
        calls += 1
        guard calls == at else { return }
        do { try body() } catch { failure = error }
    }

    func open(_ path: String, _ mode: OpenMode) throws(FileError) -> any OpenFile {
        count()
        return try inner.open(path, mode)
    }

    func list(_ directory: String) throws(FileError) -> [String] {
        count()
        defer { count() }
        return try inner.list(directory)
    }

    func makeDirectory(_ path: String) throws(FileError) {
        count()
        try inner.makeDirectory(path)
    }

    func status(_ path: String) throws(FileError) -> FileStatus? {
        count()
        return try inner.status(path)
    }
}
