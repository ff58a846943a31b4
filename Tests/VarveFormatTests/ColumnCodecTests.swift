import Testing

@testable import VarveFormat

/// Columns come back bit for bit, whatever their words are and whichever encoding was chosen.
@Suite struct ColumnCodecTests {
    static let counts = [1, 2, 3, 4, 7, 8, 9, 63, 64, 65, 255, 257, 1000, 5000]

    /// Encodes, decodes, and compares with the words; nothing may be left over.
    private func roundTrip(_ words: [UInt64], _ kind: ColumnKind, _ effort: ColumnEffort, _ codec: ColumnCodec) throws {
        var writer = ByteWriter()
        codec.encode(words, kind, effort: effort, into: &writer)
        writer.u8(0xA5)
        var reader = ByteReader(writer.bytes.span.bytes)
        let decoded = try codec.decode(&reader, count: words.count)
        #expect(decoded == words)
        #expect(try reader.u8() == 0xA5)
        try reader.finish("the bytes")
        #expect(writer.count <= words.count * 8 + 16)
    }

    @Test(arguments: [ColumnEffort.log, .index, .parts])
    func everyKindOfColumnComesBack(_ effort: ColumnEffort) throws {
        let codec = ColumnCodec()
        var random = SeededGenerator(1)
        for count in Self.counts {
            for kind in 0..<ColumnSamples.doubleKinds {
                try roundTrip(ColumnSamples.doubles(kind, count, &random), .doubles, effort, codec)
            }
            for kind in 0..<ColumnSamples.integerKinds {
                try roundTrip(ColumnSamples.integers(kind, count, &random), .integers, effort, codec)
            }
        }
        try roundTrip([], .integers, effort, codec)
        try roundTrip(ColumnSamples.specialDoubles.map(\.bitPattern), .doubles, effort, codec)
        try roundTrip(ColumnSamples.specialIntegers.map { UInt64(bitPattern: $0) }, .integers, effort, codec)
    }
}
