import CSQLite
import Varve

/// A new SQLite database, written through the system's library. Not thread-safe.
final class SQLiteFile {
    private let path: String
    private var handle: OpaquePointer?

    /// Makes the file. It is written without a journal: whoever is interrupted throws it away.
    init(creating path: String) throws(VarveError) {
        self.path = path
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        try check(sqlite3_open_v2(path, &handle, flags, nil))
        try run("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -32768; BEGIN;")
    }

    deinit { sqlite3_close_v2(handle) }

    /// Runs statements that have no values to bind.
    func run(_ statements: String) throws(VarveError) {
        try check(sqlite3_exec(handle, statements, nil, nil, nil))
    }

    /// A statement to be run many times.
    func prepare(_ text: String) throws(VarveError) -> SQLiteStatement {
        var statement: OpaquePointer?
        try check(sqlite3_prepare_v2(handle, text, -1, &statement, nil))
        return SQLiteStatement(statement, in: self)
    }

    /// Ends the writing.
    func finish() throws(VarveError) {
        try run("COMMIT;")
        let closing = handle
        handle = nil
        try check(sqlite3_close_v2(closing))
    }

    fileprivate func check(_ code: Int32) throws(VarveError) {
        guard code != SQLITE_OK, code != SQLITE_DONE else { return }
        let what = handle.flatMap { sqlite3_errmsg($0) } ?? sqlite3_errstr(code)
        let words = what.map { String(cString: $0) } ?? "error \(code)"
        throw VarveError(code == SQLITE_FULL ? .noRoom : .system, "SQLite: \(words)", file: path)
    }
}

/// What is bound to a place in a statement.
enum SQLiteValue {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
}

/// A prepared statement of a database that outlives it.
final class SQLiteStatement {
    private let handle: OpaquePointer?
    private let file: SQLiteFile
    /// SQLite takes a copy of the text.
    private static let copies = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    fileprivate init(_ handle: OpaquePointer?, in file: SQLiteFile) {
        self.handle = handle
        self.file = file
    }

    deinit { sqlite3_finalize(handle) }

    /// Runs it with these values.
    func run(_ values: SQLiteValue...) throws(VarveError) {
        for (number, value) in values.enumerated() { try file.check(bind(value, Int32(number + 1))) }
        try step()
    }

    /// Binds a number to a place; it stays there from run to run.
    func bind(_ number: Int64, _ place: Int32) throws(VarveError) {
        try file.check(sqlite3_bind_int64(handle, place, number))
    }

    /// Runs an insertion of a point, whose values take the first four places.
    func run(series: Int64, step: Int64, time: Int64?, value: Double) throws(VarveError) {
        sqlite3_bind_int64(handle, 1, series)
        sqlite3_bind_int64(handle, 2, step)
        if let time { sqlite3_bind_int64(handle, 3, time) } else { sqlite3_bind_null(handle, 3) }
        sqlite3_bind_double(handle, 4, value)
        try self.step()
    }

    private func step() throws(VarveError) {
        let code = sqlite3_step(handle)
        if code != SQLITE_ROW { try file.check(code) }
        sqlite3_reset(handle)
    }

    private func bind(_ value: SQLiteValue, _ place: Int32) -> Int32 {
        switch value {
        case .null: return sqlite3_bind_null(handle, place)
        case .integer(let number): return sqlite3_bind_int64(handle, place, number)
        case .real(let number): return sqlite3_bind_double(handle, place, number)
        case .text(let text):
            var text = text
            return text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) { characters in
                    sqlite3_bind_text64(
                        handle, place, characters.baseAddress, UInt64(characters.count), Self.copies,
                        UInt8(SQLITE_UTF8))
                }
            }
        }
    }
}
