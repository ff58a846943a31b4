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
        guard text.count == 36 else { return nil }
        var halves: (UInt64, UInt64) = (0, 0)
        var digits = 0
        for position in 0..<36 {
            if position == 8 || position == 13 || position == 18 || position == 23 {
                guard text[position] == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = Self.value(ofHexDigit: text[position]) else { return nil }
            if digits < 16 { halves.0 = halves.0 &<< 4 | digit } else { halves.1 = halves.1 &<< 4 | digit }
            digits &+= 1
        }
        self.init(high: halves.0, low: halves.1)
    }

    package static func value(ofHexDigit byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
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
