extension CoverageTable {
    package func attempt(_ row: Int) -> UInt32 { UInt32(truncatingIfNeeded: word(.attempt, row)) }

    /// Whether a row of one table comes before one of another: what ``CoverageRow/precedes(_:_:)`` says of both, without making
    /// them.
    package static func precedes(_ a: CoverageTable, _ i: Int, _ b: CoverageTable, _ j: Int) -> Bool {
        if a.run(i) != b.run(j) { return a.run(i) < b.run(j) }
        if a.attempt(i) != b.attempt(j) { return a.attempt(i) < b.attempt(j) }
        if a.n(i) != b.n(j) { return a.n(i) < b.n(j) }
        if a.isSeal(i) != b.isSeal(j) { return b.isSeal(j) }
        if a.salt(i) != b.salt(j) { return a.salt(i) < b.salt(j) }
        if a.firstOffset(i) != b.firstOffset(j) { return a.firstOffset(i) < b.firstOffset(j) }
        return a.word(.fromSequence, i) < b.word(.fromSequence, j)
    }
}
