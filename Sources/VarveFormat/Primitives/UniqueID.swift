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

    /// A version 7 UUID: milliseconds since 1970, then random bits.
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
        String(unsafeUninitializedCapacity: 36) { text in
            var end = 0
            for position in 0..<16 {
                if position == 4 || position == 6 || position == 8 || position == 10 {
                    text[end] = UInt8(ascii: "-")
                    end += 1
                }
                let half = position < 8 ? high : low
                let byte = UInt8(truncatingIfNeeded: half &>> UInt64(8 * (7 - position % 8)))
                text[end] = Self.hexDigit(byte >> 4)
                text[end + 1] = Self.hexDigit(byte & 15)
                end += 2
            }
            return end
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
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
