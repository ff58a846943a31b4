/// The forms that served the columns of one sort of chunk, from page to page, and from segment to segment: one page of a campaign is
/// much like the next, and choosing a form takes longer than writing a short column.
package struct ColumnMemories {
    private var memories: [Memory] = []
    private var words: [UInt64] = []

    /// Of fewer words a few more or less mean nothing.
    private static let longColumn = 256
    /// So many long columns have a form in common, at most.
    private static let mostUses = 8

    private struct Memory {
        var form = ColumnMemory()
        /// Of the column before.
        var bytesPerWord = 0.0
        var uses = 0
    }

    package init() {}

    /// A chunk that is one column of numbers.
    package mutating func bytes(_ column: Int, _ numbers: [Int64], _ codec: ColumnCodec) -> [UInt8] {
        var writer = ByteWriter(capacity: numbers.count)
        encode(column, numbers, codec, into: &writer) { UInt64(bitPattern: $0) }
        return writer.bytes
    }

    /// Appends the words of `rows`, as column number `column` of the chunk.
    mutating func encode<Rows: Collection>(
        _ column: Int, _ rows: Rows, _ codec: ColumnCodec, _ kind: ColumnKind = .integers,
        into writer: inout ByteWriter, _ word: (Rows.Element) -> UInt64
    ) {
        words.removeAll(keepingCapacity: true)
        words.reserveCapacity(rows.count)
        for row in rows { words.append(word(row)) }
        encode(column, kind, codec, into: &writer)
    }

    private mutating func encode(
        _ column: Int, _ kind: ColumnKind, _ codec: ColumnCodec, into writer: inout ByteWriter
    ) {
        while memories.count <= column { memories.append(Memory()) }
        words.withUnsafeBufferPointer { words in
            if let encoding = Self.plainest(words), codec.encode(words, as: encoding, into: &writer) { return }
            let start = writer.count
            codec.encode(words, kind, effort: .index, memory: &memories[column].form, into: &writer)
            guard words.count >= Self.longColumn else { return }
            let bytes = Double(writer.count - start) / Double(words.count)
            defer { memories[column].bytesPerWord = Double(writer.count - start) / Double(words.count) }
            memories[column].uses += 1
            // What is suddenly so much smaller is of another nature, and another form may be smaller still.
            guard bytes < memories[column].bytesPerWord * 0.97 || memories[column].uses >= Self.mostUses else { return }
            writer.bytes.removeLast(writer.count - start)
            memories[column] = Memory()
            codec.encode(words, kind, effort: .index, memory: &memories[column].form, into: &writer)
        }
    }

    /// The form of what is all the same, or all equally far apart: nothing is smaller.
    private static func plainest(_ words: UnsafeBufferPointer<UInt64>) -> ColumnEncoding? {
        guard words.count > 1 else {
            return words.isEmpty ? nil : ColumnEncoding(ColumnTransform(.bits), order: 0, body: .constant)
        }
        let distance = words[1] &- words[0]
        for i in 2..<max(2, words.count) where words[i] &- words[i - 1] != distance { return nil }
        return ColumnEncoding(ColumnTransform(.bits), order: distance == 0 ? 0 : 1, body: .constant)
    }
}
