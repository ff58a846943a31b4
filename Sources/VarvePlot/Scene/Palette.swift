/// The colours of lines: after Okabe and Ito ("Color universal design", 2008), without its yellow, which is lost on paper, and
/// with lighter twins for dark backgrounds. Tests show that people with each kind of colour-blindness can tell them apart.
public enum Palette {
    /// A colour of 8 bits a channel.
    public struct Colour: Hashable, Sendable {
        /// Its three channels in one number, red first.
        public var rgb: UInt32
        /// The colour of a number such as `0x0072B2`.
        public init(_ rgb: UInt32) { self.rgb = rgb }

        /// `#0072b2`.
        public var text: String {
            let digits = String(rgb & 0xFFFFFF, radix: 16)
            return "#" + String(repeating: "0", count: 6 - digits.count) + digits
        }
    }

    /// How many lines can have a colour of their own.
    public static let count = 7
    static let light: [Colour] = [0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7, 0xE69F00, 0x56B4E9, 0x4A4A4A].map {
        Colour($0)
    }
    static let dark = [0x3F9BDC, 0xE8703A, 0x12B886, 0xE39CC4, 0xF5B82E, 0x9AD6F7, 0xD9D9D9].map { Colour($0) }
    /// The nearest ones of a terminal's 256 and of its 16 colours.
    static let terminal256 = [32, 166, 36, 175, 214, 117, 250]
    static let terminal16 = [34, 31, 32, 35, 33, 36, 37]

    /// The colours of a scale from low to high, each lighter than the one before it: matplotlib's viridis (N. Smith,
    /// S. van der Walt, 2015), every ninth part of it.
    static let scale = [
        0x440154, 0x482878, 0x3E4A89, 0x31688E, 0x26828E, 0x1F9E89, 0x35B779, 0x6DCD59, 0xB4DE2C, 0xFDE725,
    ].map { Colour($0) }

    /// The colour at a share of the scale, 0 to 1.
    static func scaled(_ share: Double) -> Colour {
        let place = max(0, min(1, share.isNaN ? 0 : share)) * Double(scale.count - 1)
        let first = min(scale.count - 2, Int(place))
        let rest = place - Double(first)
        func channel(_ shift: UInt32) -> UInt32 {
            let a = Double((scale[first].rgb >> shift) & 0xFF)
            let b = Double((scale[first + 1].rgb >> shift) & 0xFF)
            return UInt32((a + (b - a) * rest).rounded())
        }
        return Colour(channel(16) << 16 | channel(8) << 8 | channel(0))
    }

    /// The number of the nearest colour in a terminal's cube of 6 × 6 × 6.
    static func terminal256(_ colour: Colour) -> Int {
        func level(_ shift: UInt32) -> Int {
            let value = Int((colour.rgb >> shift) & 0xFF)
            return value < 48 ? 0 : value < 115 ? 1 : (value - 35) / 40
        }
        return 16 + 36 * level(16) + 6 * level(8) + level(0)
    }
}
