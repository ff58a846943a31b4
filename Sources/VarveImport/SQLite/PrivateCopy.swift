import Varve
import VarveFiles

/// A copy of a database and its log in a directory of its own, which is gone when nobody needs it any more.
final class PrivateCopy {
    /// The copied database.
    let path: String
    private let directory: String
    private let fileSystem: any FileSystem
    private static let block = 1 << 20

    init(_ files: SQLiteFiles, in fileSystem: any FileSystem) throws(VarveError) {
        directory = TemporaryPath.new()
        path = Paths.join(directory, "database")
        self.fileSystem = fileSystem
        do throws(FileError) {
            try fileSystem.makeDirectory(directory)
            for part in files.parts {
                try Self.copy(files.path + part.suffix, path + part.suffix, fileSystem)
            }
        } catch {
            throw VarveError(error)
        }
    }

    deinit {
        for name in (try? fileSystem.list(directory)) ?? [] { try? fileSystem.unlink(Paths.join(directory, name)) }
        try? fileSystem.removeDirectory(directory)
    }

    private static func copy(_ from: String, _ to: String, _ fileSystem: any FileSystem) throws(FileError) {
        let source = try fileSystem.open(from, .readLinked)
        defer { source.close() }
        let copy = try fileSystem.open(to, .createNew)
        defer { copy.close() }
        var offset = 0
        while true {
            let bytes = try source.read(upTo: block, at: offset)
            if bytes.isEmpty { return }
            try copy.write(bytes, at: offset)
            offset += bytes.count
        }
    }
}
