/// A UUID of 16 bytes (RFC 9562), in the order in which it is written, comparable in that order.
public struct UniqueID: Hashable, Sendable {
    /// The first eight bytes, read as a big-endian number.
    public var high: UInt64
    /// The last eight bytes, likewise.
    public var low: UInt64

    /// An ID with these bits.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// All zeros: stands for "none".
    public static let zero = UniqueID(high: 0, low: 0)

    /// A version 7 UUID: milliseconds since 1970, then 12 bits of the first word and 62 of the second.
    public init(milliseconds: UInt64, random: (UInt64, UInt64)) {
        high = milliseconds &<< 16 | 0x7000 | random.0 & 0x0FFF
        low = 0x8000_0000_0000_0000 | random.1 & 0x3FFF_FFFF_FFFF_FFFF
    }

    /// The milliseconds since 1970 that a version 7 UUID begins with.
    public var milliseconds: UInt64 { high &>> 16 }

    /// Parses the 36 characters of the usual text form; nil for anything else. Capital digits are accepted.
    public init?(_ text: some StringProtocol) {
        var copy = String(text)
        let id = copy.withUTF8 { UniqueID(parsing: Span(_unsafeElements: $0)) }
        guard let id else { return nil }
        self = id
    }

    /// Parses the same from its bytes.
    package init?(parsing text: Span<UInt8>) {
        guard text.count == 36, text[8] == Self.hyphen, text[13] == Self.hyphen, text[18] == Self.hyphen,
            text[23] == Self.hyphen
        else { return nil }
        func word(_ first: Int, _ second: Int) -> UInt64 {
            var word: UInt64 = 0
            for i in 0..<4 {
                word |= UInt64(text[first + i]) &<< UInt64(8 * i) | UInt64(text[second + i]) &<< UInt64(8 * i + 32)
            }
            return word
        }
        guard let a = Self.number(ofHexDigits: word(0, 4)), let b = Self.number(ofHexDigits: word(9, 14)),
            let c = Self.number(ofHexDigits: word(19, 24)), let d = Self.number(ofHexDigits: word(28, 32))
        else { return nil }
        self.init(high: a &<< 32 | b, low: c &<< 32 | d)
    }

    private static let hyphen = UInt8(ascii: "-")

    /// The number that eight hexadecimal digits spell, the first in the lowest byte of `text`; nil if any is none.
    ///
    /// All eight at once: a directory of 100,000 runs has names of 3.2 million digits.
    private static func number(ofHexDigits text: UInt64) -> UInt64? {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops = 0x80 &* ones
        guard text & tops == 0 else { return nil }
        // A byte's top bit is set where adding takes it over 0x7F. No byte carries into the next: none of them had it set.
        let digits = (text &+ 0x50 &* ones) & ~(text &+ 0x46 &* ones)
        let small = text | (0x20 &* ones)
        let letters = (small &+ 0x1F &* ones) & ~(small &+ 0x19 &* ones)
        guard (digits | letters) & tops == tops else { return nil }
        // Letters have bit 6 set, digits haven't.
        var number = ((text & (0x0F &* ones)) &+ 9 &* ((text &>> 6) & ones)).byteSwapped
        number = (number | number &>> 4) & 0x00FF_00FF_00FF_00FF
        number = (number | number &>> 8) & 0x0000_FFFF_0000_FFFF
        return (number | number &>> 16) & 0xFFFF_FFFF
    }
}

extension UniqueID: Comparable {
    /// Orders by bytes, which for version 7 is the order of making.
    public static func < (a: UniqueID, b: UniqueID) -> Bool { (a.high, a.low) < (b.high, b.low) }
}

extension UniqueID: CustomStringConvertible {
    /// The usual text form, in lower case.
    public var description: String {
        String(unsafeUninitializedCapacity: Self.textBytes) {
            write(to: $0)
            return Self.textBytes
        }
    }

    /// Appends the same as bytes: IDs come by the ten thousand.
    package func append(to bytes: inout [UInt8]) {
        bytes.append(room: Self.textBytes) {
            write(to: UnsafeMutableBufferPointer(start: $0, count: Self.textBytes))
            return Self.textBytes
        }
    }

    private static let textBytes = 36

    private func write(to text: UnsafeMutableBufferPointer<UInt8>) {
        let text = UnsafeMutableRawBufferPointer(text)
        let (a, b) = (Self.hexDigits(of: high &>> 32), Self.hexDigits(of: high))
        let (c, d) = (Self.hexDigits(of: low &>> 32), Self.hexDigits(of: low))
        text.storeBytes(of: a.littleEndian, as: UInt64.self)
        for (start, digits) in [(9, b), (14, b &>> 32), (19, c), (24, c &>> 32)] {
            text.storeBytes(
                of: UInt32(truncatingIfNeeded: digits).littleEndian, toByteOffset: start, as: UInt32.self)
        }
        text.storeBytes(of: d.littleEndian, toByteOffset: 28, as: UInt64.self)
        for hyphen in [8, 13, 18, 23] { text[hyphen] = Self.hyphen }
    }

    /// The eight hexadecimal digits of the low 32 bits as text, the first in the lowest byte.
    private static func hexDigits(of number: UInt64) -> UInt64 {
        // The reverse of `number(ofHexDigits:)`: halves move apart until each digit has a byte.
        var digits = number & 0xFFFF_FFFF
        digits = (digits | digits &<< 16) & 0x0000_FFFF_0000_FFFF
        digits = (digits | digits &<< 8) & 0x00FF_00FF_00FF_00FF
        digits = ((digits | digits &<< 4) & 0x0F0F_0F0F_0F0F_0F0F).byteSwapped
        // Adding 6 carries a digit above 9 into bit 4.
        let letters = ((digits &+ 0x0606_0606_0606_0606) &>> 4) & 0x0101_0101_0101_0101
        return digits &+ 0x3030_3030_3030_3030 &+ letters &* 0x27
    }
}

extension ByteWriter {
    package mutating func id(_ id: UniqueID) {
        fixed(id.high.bigEndian)
        fixed(id.low.bigEndian)
    }
}

extension ByteReader {
    @_lifetime(self: copy self)
    package mutating func id(_ what: StaticString = "an ID") throws(FormatError) -> UniqueID {
        let high = try fixed(UInt64.self, what).byteSwapped
        let low = try fixed(UInt64.self, what).byteSwapped
        return UniqueID(high: high, low: low)
    }
}
