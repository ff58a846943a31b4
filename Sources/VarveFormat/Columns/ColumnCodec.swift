/// Turns columns of 64-bit words into the bytes of Format.md, section 4, and back.
///
/// Keeps a zstd context and scratch memory between columns: make one and use it for many. Not thread-safe: one owner at
/// a time. Words come back bit for bit, whatever they are: each encoding is decoded and compared before it counts.
package final class ColumnCodec {
    package let zstd = Zstd()
    // One owner at a time: to check that at each access takes a tenth of the time that a short column does.
    /// Bytes before they are compressed, and after they were decompressed.
    @exclusivity(unchecked) var plain = Scratch<UInt8>()
    /// Bytes on their way to the writer: packed bits, zstd frames.
    @exclusivity(unchecked) var stored = Scratch<UInt8>()
    /// The integers t of the transform at hand, and their differences.
    @exclusivity(unchecked) var integers = Scratch<UInt64>()
    @exclusivity(unchecked) var differences = Scratch<UInt64>()
    /// A part of a column that holds the words asked for, and some around them.
    @exclusivity(unchecked) var around = Scratch<UInt64>()
    /// What an encoding decodes to.
    @exclusivity(unchecked) var decoded = Scratch<UInt64>()
    /// The words of a dictionary.
    @exclusivity(unchecked) var entries = Scratch<UInt64>()
    /// The part of a column on which an encoding is chosen.
    @exclusivity(unchecked) var sample = Scratch<UInt64>()
    /// Positions of the words that a transform, or a body, can't express.
    @exclusivity(unchecked) var exceptions = Scratch<UInt32>()
    @exclusivity(unchecked) var statistics = ColumnStatistics()
    @exclusivity(unchecked) var bins = ColumnBins()
    @exclusivity(unchecked) var finder = BinFinder()
    /// Where the bins of the column at hand begin, for the encodings whose ranking looked at all its words.
    @exclusivity(unchecked) var foundBins: [(encoding: ColumnEncoding, starts: [UInt64])] = []
    @exclusivity(unchecked) var entropy = EntropyScratch()
    @exclusivity(unchecked) var distinct = DistinctWords()
    @exclusivity(unchecked) var trial = ByteWriter()
    @exclusivity(unchecked) var best = ByteWriter()

    /// The most words of a column, so that its plain bytes stay below the cap.
    package static let maxWords = FormatConstants.maxPlainBytes / 8

    package init() {}
}

extension ColumnCodec {
    /// Appends `words` as a COLUMN.
    package func encode(
        _ words: [UInt64], _ kind: ColumnKind, effort: ColumnEffort, into writer: inout ByteWriter
    ) {
        words.withUnsafeBufferPointer { encode($0, kind, effort: effort, into: &writer) }
    }

    /// Appends `words` as a COLUMN, in the form that served a column of the same sort before, if that serves again.
    package func encode(
        _ words: [UInt64], _ kind: ColumnKind, effort: ColumnEffort, memory: inout ColumnMemory,
        into writer: inout ByteWriter
    ) {
        words.withUnsafeBufferPointer { encode($0, kind, effort: effort, memory: &memory, into: &writer) }
    }

    /// Appends signed numbers as a COLUMN of integers.
    package func encode(_ numbers: [Int64], effort: ColumnEffort, into writer: inout ByteWriter) {
        numbers.withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: UInt64.self) { encode($0, .integers, effort: effort, into: &writer) }
        }
    }

    /// Takes a COLUMN of `count` words, which the caller has bounded.
    package func decode(_ reader: inout ByteReader, count: Int) throws(FormatError) -> [UInt64] {
        try decodeArray(&reader, count)
    }

    /// Takes a COLUMN of `count` signed numbers.
    package func decodeIntegers(_ reader: inout ByteReader, count: Int) throws(FormatError) -> [Int64] {
        try decodeArray(&reader, count)
    }

    /// Takes a COLUMN that fills `target`.
    package func decode(
        _ reader: inout ByteReader, into target: UnsafeMutableBufferPointer<UInt64>
    ) throws(FormatError) {
        let bytes = try Self.take(&reader, target.count)
        let base = reader.offset - bytes.byteCount
        try bytes.withUnsafeBytes { (raw) throws(FormatError) in try self.decode(raw, at: base, into: target) }
    }

    /// Steps over a COLUMN of `count` words.
    package static func skip(_ reader: inout ByteReader, count: Int) throws(FormatError) {
        _ = try take(&reader, count)
    }

    private func decodeArray<Number: FixedWidthInteger>(
        _ reader: inout ByteReader, _ count: Int
    ) throws(FormatError) -> [Number] {
        let bytes = try Self.take(&reader, count)
        let base = reader.offset - bytes.byteCount
        return try bytes.withUnsafeBytes { (raw) throws(FormatError) in
            try [Number](unsafeUninitializedCapacity: count) { (numbers, filled) throws(FormatError) in
                let target = UnsafeMutableBufferPointer(rebasing: numbers[0..<count])
                try target.withMemoryRebound(to: UInt64.self) { (words) throws(FormatError) in
                    try self.decode(raw, at: base, into: words)
                }
                filled = count
            }
        }
    }

    /// The bytes of a COLUMN of `count` words.
    @_lifetime(copy reader)
    static func take(_ reader: inout ByteReader, _ count: Int) throws(FormatError) -> RawSpan {
        let start = reader.offset
        guard count <= maxWords else {
            throw FormatError(.capExceeded, at: start, expected: "a column of at most \(maxWords)", found: "\(count)")
        }
        let length = try reader.count("the bytes of a column", cap: FormatConstants.maxPlainBytes * 2)
        guard (length == 0) == (count == 0) else {
            throw FormatError(.corrupt, at: start, expected: "a column of \(count) words", found: "\(length) bytes")
        }
        return try reader.take(length, "a column")
    }
}
