import Testing
import VarveFiles
import VarveFormat

struct UniqueIDTests {
    private static let text = "018bcfe5-6800-7147-996e-4ec2da05b945"
    private static let id = UniqueID(high: 0x018b_cfe5_6800_7147, low: 0x996e_4ec2_da05_b945)

    private static func parsed(_ bytes: [UInt8]) -> UniqueID? { UniqueID(parsing: bytes.span) }

    @Test func everyIDComesBack() {
        var random = SplitMix64(seed: 3)
        for _ in 0..<1_000 {
            let id = UniqueID(high: random.next(), low: random.next())
            #expect(UniqueID("\(id)") == id)
            #expect(UniqueID("\(id)".uppercased()) == id)
            #expect("\(id)" == "\(id)".lowercased())
            var bytes: [UInt8] = [1]
            id.append(to: &bytes)
            #expect(bytes == [1] + Array("\(id)".utf8))
        }
        #expect(UniqueID(Self.text) == Self.id && "\(Self.id)" == Self.text)
    }

    /// Every byte at every place: a digit changes the number as it should, everything else is refused.
    @Test func everyOtherByteIsRefused() {
        let hyphens: Set = [8, 13, 18, 23]
        let text = Array(Self.text.utf8)
        var nibble = 0
        for place in text.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = text
                changed[place] = byte
                var expected: UniqueID?
                if hyphens.contains(place) {
                    if byte == UInt8(ascii: "-") { expected = Self.id }
                } else if let digit = Character(UnicodeScalar(byte)).hexDigitValue, byte < 0x80 {
                    var id = Self.id
                    let shift = UInt64(60 - 4 * (nibble % 16))
                    let half = nibble < 16 ? \UniqueID.high : \UniqueID.low
                    id[keyPath: half] = id[keyPath: half] & ~(0xF << shift) | UInt64(digit) << shift
                    expected = id
                }
                #expect(Self.parsed(changed) == expected, "byte \(byte) at \(place)")
            }
            if !hyphens.contains(place) { nibble += 1 }
        }
    }

    @Test func otherLengthsAreRefused() {
        for count in 0...40 where count != 36 {
            #expect(Self.parsed(Array((Self.text + "0123").utf8.prefix(count))) == nil)
        }
    }
}
