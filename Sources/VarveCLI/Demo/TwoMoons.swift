import Glibc

/// Two half circles that reach into each other, with noise: a small problem of classification that a straight line can't
/// solve.
struct TwoMoons {
    struct Sample {
        var x: Double
        var y: Double
        /// 0 or 1: which half circle it is from.
        var label: Double
    }

    let samples: [Sample]

    init(count: Int, noise: Double, generator: inout SeededGenerator) {
        samples = (0..<count).map { index in
            let isUpper = index % 2 == 0
            let angle = generator.uniform() * Double.pi
            let x = isUpper ? cos(angle) : 1 - cos(angle)
            let y = isUpper ? sin(angle) : 0.5 - sin(angle)
            return Sample(
                x: x + noise * generator.normal() - 0.5, y: y + noise * generator.normal() - 0.25,
                label: isUpper ? 1 : 0)
        }
    }
}

/// The same numbers for the same seed, everywhere (SplitMix64, G. Steele, D. Lea, C. Flood 2014).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    /// From 0 up to 1.
    mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// About normal: twelve uniform numbers, less their mean.
    mutating func normal() -> Double {
        var sum = -6.0
        for _ in 0..<12 { sum += uniform() }
        return sum
    }
}
