import Testing

@testable import VarveFormat

/// Columns from damaged or hostile bytes throw or give some words; they never trap, hang or take memory beyond their count.
@Suite struct ColumnDamageTests {
    /// A small column of each transform and body, with its number of words.
    static func columns(_ codec: ColumnCodec) -> [(bytes: [UInt8], count: Int)] {
        var random = SeededGenerator(5)
        var columns: [(bytes: [UInt8], count: Int)] = []
        for transform in ColumnEncodingTests.transforms {
            for body in BodyCode.allCases {
                let words = ColumnEncodingTests.words(transform, 45, &random)
                var writer = ByteWriter()
                let encoding = ColumnEncoding(transform, order: body == .packed ? 2 : 0, body: body)
                if words.withUnsafeBufferPointer({ codec.encode($0, as: encoding, into: &writer) }) {
                    columns.append((writer.bytes, words.count))
                }
            }
        }
        // Long enough that zstd frames are among them.
        for body in [BodyCode.dictionary, .split, .planes, .bins] {
            let words = (0..<300).map { UInt64($0 / 60 * 1000) }
            var writer = ByteWriter()
            let encoding = ColumnEncoding(ColumnTransform(.bits), order: 0, body: body)
            if words.withUnsafeBufferPointer({ codec.encode($0, as: encoding, into: &writer) }) {
                columns.append((writer.bytes, words.count))
            }
        }
        return columns
    }

    /// Decodes; whatever comes out, it is as many words as were asked for, or an error that lies within the bytes.
    @discardableResult
    private func decode(_ bytes: [UInt8], _ count: Int, _ codec: ColumnCodec) -> FormatError? {
        var reader = ByteReader(bytes.span.bytes)
        do throws(FormatError) {
            let words = try codec.decode(&reader, count: count)
            #expect(words.count == count)
            return nil
        } catch {
            #expect(error.offset >= 0 && error.offset <= bytes.count, "\(error)")
            return error
        }
    }

    @Test func everyTruncationThrows() {
        let codec = ColumnCodec()
        for (bytes, count) in Self.columns(codec) {
            for length in 0..<bytes.count {
                #expect(decode(Array(bytes[..<length]), count, codec)?.kind == .truncated)
            }
            // The same with a length that fits: now the column itself is too short, whatever it is.
            var reader = ByteReader(bytes.span.bytes)
            _ = try? reader.varint()
            let body = Array(bytes[reader.offset...])
            for length in 1..<body.count {
                var writer = ByteWriter()
                writer.varint(length)
                writer.raw(Array(body[..<length]))
                #expect(decode(writer.bytes, count, codec) != nil, "\(length) of \(body.count) bytes")
            }
        }
    }

    @Test func everyFlippedBitIsSurvived() {
        let codec = ColumnCodec()
        for (bytes, count) in Self.columns(codec) {
            for bit in 0..<(bytes.count * 8) {
                var damaged = bytes
                damaged[bit / 8] ^= 1 << UInt8(bit % 8)
                decode(damaged, count, codec)
            }
        }
    }

    @Test func wrongCountsAreSurvived() {
        let codec = ColumnCodec()
        for (bytes, _) in Self.columns(codec) {
            for count in [0, 1, 2, 7, 44, 46, 301, 5000] { decode(bytes, count, codec) }
            #expect(decode(bytes, 0, codec) != nil)
        }
        #expect(decode([0], 1, codec)?.kind == .corrupt)
        #expect(decode([0], 0, codec) == nil)
    }

    @Test func randomBytesAreSurvived() {
        let codec = ColumnCodec()
        var random = SeededGenerator(99)
        for _ in 0..<4000 {
            var body: [UInt8] = [UInt8.random(in: 0...0x77, using: &random), UInt8.random(in: 0...7, using: &random)]
            let length = Int.random(in: 0...40, using: &random)
            for _ in 0..<length { body.append(UInt8(truncatingIfNeeded: random.next())) }
            var writer = ByteWriter()
            writer.varint(body.count)
            writer.raw(body)
            decode(writer.bytes, Int.random(in: 1...50, using: &random), codec)
        }
    }

    @Test func bombsAreRefused() {
        let codec = ColumnCodec()
        func column(_ build: (inout ByteWriter) -> Void) -> [UInt8] {
            var inner = ByteWriter()
            build(&inner)
            var writer = ByteWriter()
            writer.varint(inner.count)
            writer.raw(inner.bytes)
            return writer.bytes
        }
        // More words than any column may have, before any memory is taken.
        #expect(decode([2, 0, 0], 1 << 60, codec)?.kind == .capExceeded)
        // A length beyond the bytes, and beyond the cap.
        #expect(decode([0xFF, 0x7F, 0, 0], 10, codec)?.kind == .truncated)
        #expect(decode([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], 10, codec)?.kind == .capExceeded)
        // A million exceptions in no bytes.
        let exceptions = column {
            $0.raw([2, 0])
            $0.varint(1 << 20)
        }
        #expect(decode(exceptions, 1 << 20, codec)?.kind == .truncated)
        // Divisor 0; transforms, orders and bodies that don't exist; widths and planes beyond words.
        #expect(decode(column { $0.raw([4, 0, 0, 0, 2]) }, 5, codec)?.kind == .corrupt)
        for head in [[10, 0], [15, 0], [0x80, 0], [0xF0, 0], [0, 8], [0, 255]] as [[UInt8]] {
            #expect(decode(column { $0.raw(head + [0, 0]) }, 5, codec)?.kind == .corrupt)
        }
        for body in [[0, 1, 0, 65], [0, 3, 0, 64], [0, 4, 0, 0], [0, 4, 0, 9], [0, 2, 0, 0]] as [[UInt8]] {
            #expect(decode(column { $0.raw(body + [0, 0]) }, 5, codec)?.kind == .corrupt)
        }
        // Bins: too many states, none, a width beyond words, weights that don't fill the states, blocks that aren't there.
        for table in [[13, 1, 0, 0, 0], [0, 0], [0, 1, 0, 65, 0], [1, 1, 0, 0, 0], [1, 2, 0, 0, 0, 0, 0, 1]]
            as [[UInt8]]
        {
            #expect(decode(column { $0.raw([0, 7] + table + [1, 0]) }, 5, codec)?.kind == .corrupt, "\(table)")
        }
        #expect(decode(column { $0.raw([0, 7, 0, 1, 0, 0, 0, 9]) }, 5, codec)?.kind == .truncated)
        // A block that its bits don't fill.
        #expect(decode(column { $0.raw([0, 7, 0, 1, 0, 8, 0, 3, 1, 2, 3]) }, 5, codec)?.kind == .corrupt)
        #expect(decode(column { $0.raw([0, 7, 0, 1, 0, 8, 0, 5, 1, 2, 3, 4, 5]) }, 5, codec) == nil)
        // An index beyond the dictionary.
        #expect(decode(column { $0.raw([0, 2, 2, 0, 2, 1, 3, 0, 1, 2]) }, 3, codec)?.kind == .corrupt)
        // Bits of a float beyond 32.
        let wide = column {
            $0.raw([2, 0, 0])
            $0.zigzag(1 << 40)
        }
        #expect(decode(wide, 3, codec)?.kind == .corrupt)
        // A zstd frame that holds a million bytes where three are due.
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        let frame = zeros.withUnsafeBytes { Zstd().compress($0, level: 1) } ?? []
        #expect(!frame.isEmpty)
        let bomb = column {
            $0.raw([0, 4, 0, 1])
            $0.varint(frame.count)
            $0.raw(frame)
        }
        #expect(decode(bomb, 3, codec)?.kind == .corrupt)
        // Bytes behind the body.
        #expect(decode(column { $0.raw([0, 0, 2, 0]) }, 3, codec)?.kind == .corrupt)
    }

    /// Arithmetic on hostile numbers wraps around, as the format says; it doesn't trap.
    @Test func extremesWrapAround() {
        let codec = ColumnCodec()
        let extremes: [Int64] = [.min, .max, -1, 0, 1]
        for transform in TransformCode.allCases {
            for divisor in [1, 2, UInt64(Int64.max), UInt64.max] {
                for a in extremes {
                    for b in extremes {
                        var inner = ByteWriter()
                        inner.u8(transform.rawValue | 2 << 4)
                        inner.u8(BodyCode.constant.rawValue)
                        if transform == .scaled { inner.zigzag(a) }
                        if transform.hasDivisor { inner.varint(divisor) }
                        if transform.mostBits != nil { inner.u8(UInt8(divisor & 15)) }
                        if transform.hasExceptions { inner.varint(0) }
                        inner.zigzag(a)
                        inner.zigzag(b)
                        inner.zigzag(a)
                        var writer = ByteWriter()
                        writer.varint(inner.count)
                        writer.raw(inner.bytes)
                        let error = decode(writer.bytes, 100, codec)
                        #expect(error == nil || transform == .float || transform == .printed)
                    }
                }
            }
        }
    }
}
