import Varve
import VarveFiles

/// A file that is written from its beginning to its end, buffered. It is open only while it is written to, so that there may be
/// thousands of them.
final class GrowingFile {
    let path: String
    private let limit: Int
    private let fileSystem = RealFileSystem()
    private var buffer: [UInt8] = []
    private var offset = 0
    private var isThere = false

    /// Bytes written so far, buffered ones included.
    var count: Int { offset + buffer.count }

    /// Makes nothing yet.
    /// - Parameter limit: as many bytes as are kept at most.
    init(_ path: String, limit: Int = 1 << 16) {
        self.path = path
        self.limit = limit
    }

    func append(_ bytes: [UInt8]) throws(VarveError) {
        buffer += bytes
        if buffer.count >= limit { try flush() }
    }

    /// Writes what is buffered, and makes the file if it isn't there.
    func flush() throws(VarveError) {
        if isThere, buffer.isEmpty { return }
        do throws(FileError) {
            let file = try fileSystem.open(path, isThere ? .update : .createNew)
            defer { file.close() }
            isThere = true
            try file.write(buffer, at: offset)
        } catch {
            throw VarveError(error)
        }
        offset += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }
}

extension GrowingFile {
    /// Takes it away again, if any of it was written.
    func remove() throws(VarveError) {
        guard isThere else { return }
        do throws(FileError) { try fileSystem.unlink(path) } catch { throw VarveError(error) }
    }
}

/// Directories below one, made as they are needed.
struct DirectoryTree {
    let root: String
    private var made: Set<String> = [""]

    init(_ root: String) { self.root = root }

    /// The path of what is called `name` below the root; the directories on the way are there afterwards.
    mutating func path(_ name: String) throws(VarveError) -> String {
        try make(name.split(separator: "/").dropLast())
        return Paths.join(root, name)
    }

    /// Makes a directory, and those on the way.
    mutating func make(directory name: String) throws(VarveError) { try make(name.split(separator: "/")[...]) }

    private mutating func make(_ parts: ArraySlice<Substring>) throws(VarveError) {
        var directory = ""
        for part in parts.map(String.init) {
            directory = directory.isEmpty ? part : "\(directory)/\(part)"
            guard !made.contains(directory) else { continue }
            do throws(FileError) {
                try RealFileSystem().makeDirectory(Paths.join(root, directory))
            } catch {
                throw VarveError(error)
            }
            made.insert(directory)
        }
    }
}
