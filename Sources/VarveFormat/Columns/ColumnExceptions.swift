/// EXCEPTIONS of Format.md, section 4: words that stand where the rest of the column can't express them.
struct ColumnExceptions {
    private var positions: [UInt32] = []
    private var words: [UInt64] = []

    /// None.
    init() {}

    /// Takes the exceptions among `count` words; each position is below `count`.
    init(_ reader: inout ByteReader, _ count: Int) throws(FormatError) {
        let number = try reader.count("the exceptions of a column", cap: count)
        guard number > 0 else { return }
        guard number <= reader.remaining / 9 else {
            throw FormatError(
                .truncated, at: reader.offset, expected: "\(number) exceptions", found: "\(reader.remaining) bytes")
        }
        positions.reserveCapacity(number)
        words.reserveCapacity(number)
        var next = 0
        for i in 0..<number {
            let start = reader.offset
            let gap = try reader.count("the position of an exception", cap: count)
            next += gap
            guard next < count, i == 0 || gap > 0 else {
                throw FormatError(.corrupt, at: start, expected: "ascending positions below \(count)", found: "\(next)")
            }
            positions.append(UInt32(next))
        }
        for _ in 0..<number { words.append(try reader.fixed(UInt64.self, "an exception")) }
    }

    /// Puts the words into the part of their column that `part` holds.
    func restore(_ part: UnsafeMutablePointer<UInt64>, _ range: Range<Int>) {
        for i in positions.indices where range.contains(Int(positions[i])) {
            part[Int(positions[i]) - range.lowerBound] = words[i]
        }
    }

    /// Appends `count` exceptions at `positions`, which ascend, with their words from `column`.
    static func append(
        _ positions: UnsafePointer<UInt32>, _ count: Int, of column: UnsafePointer<UInt64>, to writer: inout ByteWriter
    ) {
        writer.varint(count)
        var last: UInt32 = 0
        for i in 0..<count {
            writer.varint(UInt64(positions[i] - last))
            last = positions[i]
        }
        for i in 0..<count { writer.fixed(column[Int(positions[i])]) }
    }
}
