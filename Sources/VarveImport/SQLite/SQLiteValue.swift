import CSQLite

/// A value that a query is given, or gives.
enum SQLiteValue: Hashable, Sendable {
    case null
    case int(Int64)
    case double(Double)
    case text(String)

    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        switch self {
        case .null: return sqlite3_bind_null(statement, index)
        case .int(let number): return sqlite3_bind_int64(statement, index, number)
        case .double(let number): return sqlite3_bind_double(statement, index, number)
        case .text(let text):
            // SQLITE_TRANSIENT, a macro that Swift doesn't see: SQLite makes its own copy.
            let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
            return sqlite3_bind_text(statement, index, text, Int32(clamping: text.utf8.count), transient)
        }
    }
}

/// The row at which a query stands. Columns count from 0.
struct SQLiteRow: ~Copyable, ~Escapable {
    private let statement: OpaquePointer

    @_lifetime(immortal)
    init(_ statement: OpaquePointer) { self.statement = statement }

    /// The column as an integer, if it is one.
    borrowing func int(_ column: Int32) -> Int64? {
        sqlite3_column_type(statement, column) == SQLITE_INTEGER ? sqlite3_column_int64(statement, column) : nil
    }

    /// The column as a number, if it is one.
    borrowing func double(_ column: Int32) -> Double? {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER, SQLITE_FLOAT: sqlite3_column_double(statement, column)
        default: nil
        }
    }

    /// The column's text, or its bytes as one; nil if it is null. Bytes that aren't UTF-8 become U+FFFD.
    borrowing func text(_ column: Int32) -> String? {
        bytes(column).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The column's bytes; a number's as it is written; nil if it is null.
    borrowing func bytes(_ column: Int32) -> [UInt8]? {
        guard sqlite3_column_type(statement, column) != SQLITE_NULL else { return nil }
        guard let start = sqlite3_column_blob(statement, column) else { return [] }
        let count = Int(sqlite3_column_bytes(statement, column))
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }
}
