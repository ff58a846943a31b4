import Testing

@testable import VarveFormat

/// Some words of a column are what they are among all of them, whatever its form, and wherever blocks begin and end.
@Suite struct ColumnRangeTests {
    private func expectParts(_ bytes: [UInt8], _ words: [UInt64], _ what: String, _ codec: ColumnCodec) throws {
        var random = SeededGenerator(31)
        let edges = [0, 1, 2, 7, 8, 1023, 1024, 1025, 1026, 2047, 2048, 2049, words.count - 1, words.count]
        for _ in 0..<24 {
            func place() -> Int {
                let edge = edges.randomElement(using: &random) ?? 0
                return edge <= words.count && Bool.random(using: &random)
                    ? edge : .random(in: 0...words.count, using: &random)
            }
            let (a, b) = (place(), place())
            let range = min(a, b)..<max(a, b)
            var found = [UInt64](repeating: 0xDEAD, count: range.count)
            var reader = ByteReader(bytes.span.bytes)
            try found.withUnsafeMutableBufferPointer { target in
                try codec.decode(&reader, count: words.count, range: range, into: target)
            }
            #expect(found == Array(words[range]), "\(what), \(range) of \(words.count)")
            try reader.finish("the column")
        }
    }

    @Test(arguments: ColumnEncodingTests.transforms)
    func everyFormGivesItsParts(_ transform: ColumnTransform) throws {
        let codec = ColumnCodec()
        var random = SeededGenerator(8)
        for count in [1, 2, 9, 1024, 1025, 2600] {
            let words = ColumnEncodingTests.words(transform, count, &random)
            for order in 0...2 {
                for body in BodyCode.allCases {
                    var writer = ByteWriter()
                    let encoding = ColumnEncoding(transform, order: order, body: body)
                    let made = words.withUnsafeBufferPointer { codec.encode($0, as: encoding, into: &writer) }
                    if made { try expectParts(writer.bytes, words, "\(encoding)", codec) }
                }
            }
        }
    }

    /// The effort `parts` gives columns whose parts cost little: a word reads no more than a block.
    @Test func partsAreSmallToRead() throws {
        let codec = ColumnCodec()
        var random = SeededGenerator(9)
        for kind in 0..<ColumnSamples.doubleKinds {
            let words = ColumnSamples.doubles(kind, 5000, &random)
            var writer = ByteWriter()
            codec.encode(words, .doubles, effort: .parts, into: &writer)
            try expectParts(writer.bytes, words, "kind \(kind)", codec)
            var reader = ByteReader(writer.bytes.span.bytes)
            _ = try reader.varint()
            let head = try ColumnHead(&reader, words.count)
            #expect(ColumnEncoding(head.transform, order: head.order, body: head.body).hasParts, "kind \(kind)")
        }
    }

    /// A block whose sum isn't the one that is stored would begin elsewhere for those who skip what is before it.
    @Test func wrongSumsAreRefused() throws {
        let codec = ColumnCodec()
        let words = (0..<3000).map { UInt64($0 * $0 % 7919) }
        let encoding = ColumnEncoding(ColumnTransform(.bits), order: 1, body: .bins)
        var writer = ByteWriter()
        #expect(words.withUnsafeBufferPointer { codec.encode($0, as: encoding, into: &writer) })
        // The sums stand somewhere behind the table; a changed one changes no length.
        var refused = 0
        for place in 3..<writer.count {
            var damaged = writer.bytes
            damaged[place] ^= 2
            var reader = ByteReader(damaged.span.bytes)
            do throws(FormatError) { _ = try codec.decode(&reader, count: words.count) } catch {
                refused += error.expected == "the sum of a block" ? 1 : 0
            }
        }
        #expect(refused > 0)
    }
}
