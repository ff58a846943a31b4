/// A small generator that gives the same numbers for the same seed on every machine, for simulations and tests.
///
/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
package struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed &>> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed &>> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed &>> 31
    }

    /// A number of `0 ..< bound`; 0 if there is none.
    package mutating func below(_ bound: Int) -> Int {
        bound <= 0 ? 0 : Int(truncatingIfNeeded: next() % UInt64(bound))
    }

    /// True with this probability.
    package mutating func chance(_ probability: Double) -> Bool {
        Double(next() &>> 11) * 0x1p-53 < probability
    }

    /// Another generator, whose numbers have nothing to do with the ones that follow here; this one doesn't advance.
    package func branch(_ number: UInt64) -> SplitMix64 {
        var copy = SplitMix64(seed: state ^ (number &* 0xD6E8_FEB8_6659_FD93))
        return SplitMix64(seed: copy.next())
    }
}
