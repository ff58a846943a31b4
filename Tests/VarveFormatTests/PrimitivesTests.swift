import Testing

@testable import VarveFormat

/// The encodings under everything else: varints and strings at their limits, XXH64 against the reference, zstd against damage.
@Suite struct PrimitivesTests {
    // MARK: Varints

    @Test func varintsComeBackInTheFewestBytes() throws {
        for power in 0..<64 {
            for value in [UInt64(1) << UInt64(power), (UInt64(1) << UInt64(power)) - 1, UInt64.max >> UInt64(power)] {
                var writer = ByteWriter()
                writer.varint(value)
                #expect(writer.count == max(1, (64 - value.leadingZeroBitCount + 6) / 7), "\(value)")
                var reader = ByteReader(writer.bytes.span.bytes)
                #expect(try reader.varint() == value)
                try reader.finish("the bytes")
                for signed in [Int64(bitPattern: value), 0 &- Int64(bitPattern: value)] {
                    var writer = ByteWriter()
                    writer.zigzag(signed)
                    var reader = ByteReader(writer.bytes.span.bytes)
                    #expect(try reader.zigzag() == signed)
                }
            }
        }
    }

    private func varint(_ bytes: [UInt8]) -> Result<UInt64, FormatError> {
        var reader = ByteReader(bytes.span.bytes)
        do throws(FormatError) { return .success(try reader.varint()) } catch { return .failure(error) }
    }

    @Test func varintsBeyond64BitsAreDamage() {
        let nine = [UInt8](repeating: 0xFF, count: 9)
        #expect(varint(nine + [1]) == .success(.max))
        for last in [2, 3, 0x7F, 0x80, 0x81, 0xFF] as [UInt8] {
            guard case .failure(let error) = varint(nine + [last]) else {
                Issue.record("ten bytes that end in \(last) are no varint")
                continue
            }
            #expect(error.kind == .corrupt)
            #expect(error.offset == 0)
        }
        for count in 0...9 {
            guard case .failure(let error) = varint([UInt8](repeating: 0x80, count: count)) else {
                Issue.record("\(count) bytes that all go on are no varint")
                continue
            }
            #expect(error.kind == .truncated)
        }
    }

    @Test func smallestAndLargestSignedNumbersAreTenBytes() {
        for (value, last) in [(Int64.min, UInt8(1)), (.max, 1)] {
            var writer = ByteWriter()
            writer.zigzag(value)
            #expect(writer.count == 10)
            #expect(writer.bytes.last == last)
        }
        var writer = ByteWriter()
        for value in [0, -1, 1, -2, 63, -64, 64] as [Int64] { writer.zigzag(value) }
        #expect(writer.bytes == [0, 1, 2, 3, 126, 127, 0x80, 1])
    }

    // MARK: Strings, counts, fixed widths

    @Test func readingBeyondTheEndThrowsWhereItHappens() {
        let bytes: [UInt8] = [1, 2, 3]
        func fails(_ read: (inout ByteReader) throws -> Void) -> FormatError? {
            var reader = ByteReader(bytes.span.bytes)
            do {
                try read(&reader)
                return nil
            } catch { return error as? FormatError }
        }
        #expect(fails { _ = try $0.fixed(UInt32.self) }?.kind == .truncated)
        #expect(fails { try $0.skip(4) }?.kind == .truncated)
        #expect(fails { try $0.skip(-1) }?.kind == .truncated)
        #expect(fails { try $0.skip(.max) }?.kind == .truncated)
        #expect(fails { _ = try $0.count("things", cap: 0) }?.kind == .capExceeded)
        #expect(fails { try $0.finish("bytes") }?.kind == .corrupt)
        let late = fails {
            try $0.skip(2)
            _ = try $0.fixed(UInt16.self)
        }
        #expect(late?.offset == 2)
    }

    @Test func stringsAreCheckedForLengthAndEncoding() throws {
        for text in ["", "loss", "Übergröße", "損失", "a\0b"] {
            var writer = ByteWriter()
            writer.string(text)
            var reader = ByteReader(writer.bytes.span.bytes)
            #expect(try reader.string("a name", cap: 64) == text)
        }
        for (bytes, kind) in [
            ([3, 0x61, 0x62], FormatError.Kind.truncated), ([65], .capExceeded), ([1, 0xFF], .corrupt),
            ([2, 0xC0, 0x80], .corrupt), ([3, 0xED, 0xA0, 0x80], .corrupt),
        ] as [([UInt8], FormatError.Kind)] {
            var reader = ByteReader(bytes.span.bytes)
            do throws(FormatError) {
                _ = try reader.string("a name", cap: 64)
                Issue.record("\(bytes) is no name")
            } catch { #expect(error.kind == kind, "\(bytes)") }
        }
    }

    // MARK: XXH64

    /// The bytes over which the reference implementation's sanity check hashes.
    private static func sanityBytes(_ count: Int) -> [UInt8] {
        var state: UInt64 = 2_654_435_761
        return (0..<count).map { _ in
            defer { state &*= 11_400_714_785_074_694_797 }
            return UInt8(truncatingIfNeeded: state >> 56)
        }
    }

    /// Of the reference implementation, with seed 0 and with seed 2654435761.
    private static let sanity: [(count: Int, plain: UInt64, seeded: UInt64)] = [
        (0, 0xEF46_DB37_51D8_E999, 0xAC75_FDA2_929B_17EF), (1, 0xE934_A84A_DB05_2768, 0x5014_6076_43A9_B4C3),
        (3, 0xFF7E_1959_CB50_794A, 0xAA85_84E8_3660_F7D1), (4, 0x9136_A0DC_A574_57EE, 0xCAAB_286B_D8E9_FDB5),
        (7, 0x6C83_909A_9F01_ED25, 0xF98D_03B1_AD6F_9293), (8, 0xCDBC_F538_E71D_1348, 0xFE0C_047A_5353_CDAC),
        (14, 0x8282_DCC4_994E_35C8, 0xC3BD_6BF6_3DEB_6DF0), (31, 0x299B_39A2_90E6_D783, 0xDA67_3D5F_EB5C_1D79),
        (32, 0x18B2_1649_2BB4_4B70, 0xB3F3_3BDF_93AD_E409), (33, 0x55C8_DC3E_578F_5B59, 0xE92C_292F_64BC_3071),
        (63, 0xA9EF_BE0F_A0F3_F4E7, 0x6C91_1FAD_B05B_6FC2), (64, 0xEF55_8F8A_CAC2_B5CD, 0xB5EE_BA99_264C_C44F),
        (101, 0xA51E_A210_1B2D_114C, 0x6B38_A5BB_BA1F_049C), (222, 0xB641_AE8C_B691_C174, 0x20CB_8AB7_AE10_C14A),
    ]

    @Test func hashesAreThoseOfTheReference() {
        for (count, plain, seeded) in Self.sanity {
            let bytes = Self.sanityBytes(count)
            #expect(XXHash64.hash(bytes) == plain, "\(count) bytes")
            #expect(XXHash64.hash(bytes, seed: 2_654_435_761) == seeded, "\(count) bytes, seeded")
            #expect(XXHash64.hash(bytes.span.bytes) == plain)
        }
        let text = Array("Nobody inspects the spammish repetition".utf8)
        #expect(XXHash64.hash(text) == 0xFBCE_A83C_8A37_8BF1)
        #expect(XXHash64.hash(text, seed: 20_141_025) == 0xCE06_9361_3685_2706)
    }

    /// Words that come one by one give the hash of their bytes, at every number of them.
    @Test func hashesWordsOneByOne() {
        let bytes = Self.sanityBytes(222)
        var words = XXHash64Words()
        for count in 0...27 {
            #expect(words.value == XXHash64.hash(Array(bytes[..<(8 * count)])), "\(count) words")
            var word: UInt64 = 0
            if count < 27 { for index in 0..<8 { word |= UInt64(bytes[8 * count + index]) << (8 * index) } }
            words.add(word)
        }
        #expect(words.count == 28)
    }

    @Test func hashesDoNotDependOnAlignment() {
        let bytes = Self.sanityBytes(222)
        for shift in 0..<16 {
            let moved = [UInt8](repeating: 0xEE, count: shift) + bytes
            #expect(XXHash64.hash(moved.span.bytes.extracting(shift..<moved.count)) == 0xB641_AE8C_B691_C174)
        }
    }

    // MARK: zstd

    private func decompress(_ stored: [UInt8], _ count: Int) -> Result<[UInt8], FormatError> {
        var plain = [UInt8](repeating: 0xEE, count: count)
        let error: FormatError? = plain.withUnsafeMutableBytes { target in
            do throws(FormatError) {
                try Zstd().decompress(stored.span.bytes, into: target)
                return nil
            } catch { return error }
        }
        return error.map { .failure($0) } ?? .success(plain)
    }

    @Test func framesComeBackAndOnlyAsWhatTheyAre() throws {
        let plain = (0..<5000).map { UInt8(truncatingIfNeeded: $0 / 50) }
        let frame = try #require(plain.withUnsafeBytes { Zstd().compress($0, level: 3) })
        #expect(decompress(frame, 5000) == .success(plain))
        // Another number of bytes, a cut, more behind, two frames, none, and frames that are skipped.
        let skipped: [UInt8] = [0x50, 0x2A, 0x4D, 0x18, 0, 0, 0, 0]
        for (name, bytes, count) in [
            ("fewer", frame, 4999), ("more", frame, 5001), ("cut", Array(frame.dropLast()), 5000),
            ("one byte behind", frame + [0], 5000), ("two frames", frame + frame, 10_000), ("none", [], 5000),
            ("skippable", skipped, 5000), ("skippable behind", frame + skipped, 5000),
            ("noise", [1, 2, 3, 4, 5], 5000),
        ] {
            #expect(throws: FormatError.self, "\(name)") { try decompress(bytes, count).get() }
        }
    }

    @Test func framesInPartsComeBack() {
        let zstd = Zstd()
        var random = SeededGenerator(2)
        for (count, run) in [(1000, 250), (1000, 300), (1000, 1000), (300, 1), (4096, 1024), (17, 16)] {
            // Half noise, half zeros: parts that have nothing in common.
            let plain = (0..<count).map { $0 < count / 2 ? UInt8(truncatingIfNeeded: random.next()) : 0 }
            var target = [UInt8](repeating: 0, count: Zstd.bound(count) + 8 * (count / run + 1))
            let size = plain.withUnsafeBytes { source in
                target.withUnsafeMutableBytes { zstd.compress(source, run: run, into: $0, level: 3) }
            }
            #expect(
                decompress(Array(target.prefix(size ?? 0)), count) == .success(plain), "\(count) in parts of \(run)")
            var tooSmall = [UInt8](repeating: 0, count: 8)
            let none = plain.withUnsafeBytes { source in
                tooSmall.withUnsafeMutableBytes { zstd.compress(source, run: run, into: $0, level: 3) }
            }
            #expect(none == nil)
        }
    }

    @Test func whatDoesNotShrinkIsNotCompressed() {
        var random = SeededGenerator(4)
        let noise = (0..<1000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        #expect(noise.withUnsafeBytes { Zstd().compress($0, level: 3) } == nil)
        #expect([UInt8](repeating: 0, count: 16).withUnsafeBytes { Zstd().compress($0, level: 3) } == nil)
    }

    @Test func everyFlippedBitOfAFrameIsSurvived() throws {
        let plain = (0..<400).map { UInt8(truncatingIfNeeded: $0 / 20 * 7) }
        let frame = try #require(plain.withUnsafeBytes { Zstd().compress($0, level: 3) })
        for bit in 0..<(frame.count * 8) {
            var damaged = frame
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            if case .success(let bytes) = decompress(damaged, plain.count) { #expect(bytes.count == plain.count) }
        }
    }
}
