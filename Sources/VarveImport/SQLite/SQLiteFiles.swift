import Varve
import VarveFiles

/// The files of a SQLite database, and how it can be read without changing any of them.
struct SQLiteFiles: Equatable {
    enum Access: Hashable {
        /// SQLite takes its locks and finds all it needs.
        case shared
        /// Nothing but the file itself is there.
        case immutable
        /// Reading it where it lies would make or change files.
        case copied
    }

    let path: String
    /// The database, and the log or journal beside it.
    let parts: [Part]
    let access: Access
    /// A journal lies beside it. If its writer is alive, SQLite waits for it; if it is dead, the journal must be rolled back.
    let hasJournal: Bool

    struct Part: Equatable {
        var suffix: String
        var size: Int
    }

    var bytes: Int { parts.reduce(0) { $0 + $1.size } }

    private static let magic = Array("SQLite format 3\0".utf8)
    private static let headerBytes = 100

    /// - Throws: `damaged` if the file doesn't begin as a database does.
    init(_ path: String, in fileSystem: any FileSystem) throws(VarveError) {
        self.path = path
        var header: [UInt8] = []
        var sizes: [String: Int] = [:]
        do throws(FileError) {
            let file = try fileSystem.open(path, .readLinked)
            defer { file.close() }
            header = try file.read(upTo: Self.headerBytes, at: 0)
            sizes[""] = try file.size()
            for suffix in ["-wal", "-shm", "-journal"] {
                guard let status = try fileSystem.targetStatus(path + suffix), status.kind == .file else { continue }
                sizes[suffix] = status.size
            }
        } catch { throw VarveError(error) }
        guard header.count == Self.headerBytes, header.starts(with: Self.magic) else {
            throw VarveError(.damaged, "this is no SQLite database", file: path)
        }
        // Bytes 18 and 19: 2 for a write-ahead log, 1 for a journal (sqlite.org/fileformat.html).
        let hasLogMode = header[18] == 2 || header[19] == 2
        let log = hasLogMode ? sizes["-wal"] ?? 0 : 0
        hasJournal = !hasLogMode && sizes["-journal"] ?? 0 > 0
        access =
            if log > 0 { sizes["-shm"] == nil ? .copied : .shared } else if hasLogMode { .immutable } else { .shared }
        parts = ["", log > 0 ? "-wal" : "-journal"].compactMap { suffix in
            sizes[suffix].map { Part(suffix: suffix, size: $0) }
        }
    }
}
