/// A set of rows, one bit each.
struct RowMask: Hashable, Sendable {
    let rows: Int
    private var words: [UInt64]

    /// No row, or every row, of so many.
    init(rows: Int, all: Bool = false) {
        self.rows = rows
        words = Array(repeating: all ? .max : 0, count: (rows + 63) / 64)
        if all { clearTail() }
    }

    subscript(row: Int) -> Bool { words[row / 64] >> UInt64(row % 64) & 1 == 1 }

    mutating func insert(_ row: Int) { words[row / 64] |= 1 << UInt64(row % 64) }

    /// Keeps only the rows that `other` has too.
    mutating func formIntersection(_ other: RowMask) {
        for index in words.indices { words[index] &= other.words[index] }
    }

    /// Takes the rows of `other` in.
    mutating func formUnion(_ other: RowMask) {
        for index in words.indices { words[index] |= other.words[index] }
    }

    /// Exchanges the rows that are in with those that aren't.
    mutating func invert() {
        for index in words.indices { words[index] = ~words[index] }
        clearTail()
    }

    /// One boolean a row.
    var booleans: [Bool] { (0..<rows).map { self[$0] } }

    private mutating func clearTail() {
        if rows % 64 != 0 { words[words.count - 1] &= (1 << UInt64(rows % 64)) - 1 }
    }
}
