import CSQLite
import Varve
import VarveFiles

/// Somebody else's SQLite database, read and never changed: neither the file nor what lies beside it.
///
/// How it is opened depends on what is there, so that SQLite makes no file of its own and takes what a live writer has not
/// moved into the database yet:
///
/// | the database | is opened |
/// |---|---|
/// | has a rollback journal mode | read-only |
/// | has a write-ahead log and its index, as beside a live writer | read-only, the index too |
/// | has a write-ahead log without its index, as after a copy, or a journal to be rolled back | as a private copy |
/// | is in the mode of such a log, and has none | as immutable |
///
/// No statement may run for longer than reading the whole file several times takes: a damaged file can't keep it for ever.
final class SQLiteDatabase {
    /// The path that was asked for.
    let path: String
    private var handle: OpaquePointer?
    private let budget: UnsafeMutablePointer<Int>
    private var copy: PrivateCopy?

    private static let maxBytesOfAValue: Int32 = 64 << 20
    /// Instructions between two looks at the budget.
    private static let stride: Int32 = 100_000
    private let fullBudget: Int
    /// Milliseconds for which a lock of a live writer is waited for.
    private static let patience: Int32 = 2_000
    private static let mostTries = 5

    /// - Throws: `damaged` if it is no database, `system` if it can't be read.
    init(_ path: String, in fileSystem: any FileSystem) throws(VarveError) {
        self.path = path
        var files = try SQLiteFiles(path, in: fileSystem)
        // A table's row has at least two bytes, and passing it takes a dozen instructions.
        fullBudget = 1_000 + files.bytes / 1_000
        budget = .allocate(capacity: 1)
        budget.initialize(to: fullBudget)
        var tries = 1
        while true {
            do throws(VarveError) {
                try openAsItLies(files, fileSystem)
                return
            } catch {
                // A live writer may have made or removed what lies beside the database since that was looked at.
                let now = try SQLiteFiles(path, in: fileSystem)
                guard now != files, tries < Self.mostTries else { throw error }
                files = now
                tries += 1
            }
        }
    }

    private func openAsItLies(_ files: SQLiteFiles, _ fileSystem: any FileSystem) throws(VarveError) {
        do throws(VarveError) {
            try open(files, files.access, fileSystem)
        } catch {
            close()
            // A journal whose writer is dead can be rolled back in a copy only.
            guard files.hasJournal else { throw error }
            do throws(VarveError) { try open(files, .copied, fileSystem) } catch {
                close()
                throw error
            }
        }
    }

    private func open(_ files: SQLiteFiles, _ access: SQLiteFiles.Access, _ fileSystem: any FileSystem)
        throws(VarveError)
    {
        var flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX
        let uri: String
        switch access {
        case .shared: uri = Self.uri(path, "mode=ro&readonly_shm=1")
        case .immutable: uri = Self.uri(path, "immutable=1")
        case .copied:
            let made = try PrivateCopy(files, in: fileSystem)
            copy = made
            // What waits in the log, or in a journal, is brought in: into the copy.
            flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX
            uri = Self.uri(made.path, "mode=rw")
        }
        let code = sqlite3_open_v2(uri, &handle, flags, nil)
        guard code == SQLITE_OK, let handle else { throw failure(code) }
        sqlite3_busy_timeout(handle, Self.patience)
        sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, Self.maxBytesOfAValue)
        sqlite3_progress_handler(
            handle, Self.stride,
            { context in
                guard let left = context?.assumingMemoryBound(to: Int.self) else { return 1 }
                left.pointee -= 1
                return left.pointee < 0 ? 1 : 0
            }, budget)
        // Views and triggers of a hostile file may name no function that does anything.
        for pragma in ["trusted_schema = OFF", "query_only = ON", "cell_size_check = ON"] {
            try rows("PRAGMA \(pragma)") { _ in }
        }
        try rows("SELECT count(*) FROM sqlite_master") { _ in }
    }

    deinit {
        close()
        budget.deallocate()
    }

    private func close() {
        if let handle { sqlite3_close_v2(handle) }
        handle = nil
        copy = nil
    }

    /// Calls `body` with each row that a query gives; a row is valid for one call only.
    func rows(
        _ sql: String, _ arguments: [SQLiteValue] = [], _ body: (borrowing SQLiteRow) throws(VarveError) -> Void
    ) throws(VarveError) {
        budget.pointee = fullBudget
        var prepared: OpaquePointer?
        let code = sqlite3_prepare_v2(handle, sql, -1, &prepared, nil)
        guard code == SQLITE_OK, let prepared else { throw failure(code) }
        defer { sqlite3_finalize(prepared) }
        for (index, argument) in arguments.enumerated() {
            let code = argument.bind(to: prepared, at: Int32(index + 1))
            guard code == SQLITE_OK else { throw failure(code) }
        }
        while true {
            let code = sqlite3_step(prepared)
            if code == SQLITE_DONE { return }
            guard code == SQLITE_ROW else { throw failure(code) }
            try body(SQLiteRow(prepared))
        }
    }

    /// Makes and fills a temporary table, which SQLite keeps beside the database and drops with the connection.
    func addOwn(_ statements: String...) throws(VarveError) {
        try rows("PRAGMA query_only = OFF") { _ in }
        var failure: VarveError?
        for statement in statements where failure == nil {
            do throws(VarveError) { try rows(statement) { _ in } } catch { failure = error }
        }
        try rows("PRAGMA query_only = ON") { _ in }
        if let failure { throw failure }
    }

    /// The columns of each table; views and virtual tables, which run code, aren't among them.
    func tables() throws(VarveError) -> [String: Set<String>] {
        var names: [String] = []
        try rows("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE%'") { row in
            if let name = row.text(0) { names.append(name) }
        }
        var tables: [String: Set<String>] = [:]
        for name in names {
            var columns: Set<String> = []
            try rows("SELECT name FROM pragma_table_info(?)", [.text(name)]) { row in
                if let column = row.text(0) { columns.insert(column) }
            }
            tables[name] = columns
        }
        return tables
    }

    private func failure(_ code: Int32) -> VarveError {
        let words = handle.flatMap { sqlite3_errmsg($0) } ?? sqlite3_errstr(code)
        let message = words.map { String(cString: $0) } ?? "error \(code)"
        switch code & 0xFF {
        case SQLITE_NOTADB: return VarveError(.damaged, "this is no SQLite database", file: path)
        case SQLITE_CORRUPT: return VarveError(.damaged, "the database is damaged: \(message)", file: path)
        case SQLITE_INTERRUPT:
            return VarveError(.damaged, "the database holds more rows than its size allows", file: path)
        case SQLITE_BUSY, SQLITE_LOCKED:
            return VarveError(.system, "another process keeps the database locked", file: path, remedy: "import again")
        default: return VarveError(.system, "SQLite says: \(message)", file: path)
        }
    }

    /// The path as a URI, in which `?`, `#` and `%` would mean something.
    private static func uri(_ path: String, _ query: String) -> String {
        var bytes = Array("file:".utf8)
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "?"): bytes += "%3f".utf8
            case UInt8(ascii: "#"): bytes += "%23".utf8
            case UInt8(ascii: "%"): bytes += "%25".utf8
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self) + "?" + query
    }
}
