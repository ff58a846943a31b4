import Varve

/// The hashes that all peers give of an answer, whatever the order of its points: sums, modulo 2⁶⁴, of one mixed word a point.
/// `Benchmarks/peers/answer.py` has the same arithmetic.
package struct PeerHash: Hashable, Sendable {
    package private(set) var points = 0
    /// Over run, metric, step and the value's bits.
    package private(set) var values: UInt64 = 0
    /// The same with the value rounded to 32 bits: for peers that keep no more.
    package private(set) var roundedValues: UInt64 = 0
    /// Over run, metric, step and time in nanoseconds.
    package private(set) var times: UInt64 = 0

    package init() {}

    package mutating func add(run: Int, metric: Int, step: Int, time: Int64, value: Double) {
        points += 1
        let place = Self.place(run: run, metric: metric, step: step)
        values &+= Self.mix(place, value.bitPattern)
        roundedValues &+= Self.mix(place, UInt64(Float(value).bitPattern))
        times &+= Self.mix(place, UInt64(bitPattern: time))
    }

    package mutating func add(_ chunk: borrowing SeriesChunk, run: Int, metric: Int) {
        for i in 0..<chunk.count {
            add(run: run, metric: metric, step: chunk.steps[i], time: chunk.times[i], value: chunk.values[i])
        }
    }

    private static func place(run: Int, metric: Int, step: Int) -> UInt64 {
        var word = UInt64(bitPattern: Int64(run)) &* 0x9E37_79B9_7F4A_7C15
        word &+= UInt64(bitPattern: Int64(metric)) &* 0xC2B2_AE3D_27D4_EB4F
        word &+= UInt64(bitPattern: Int64(step)) &* 0x1656_67B1_9E37_79F9
        return (word ^ word &>> 29) &* 0xBF58_476D_1CE4_E5B9
    }

    private static func mix(_ place: UInt64, _ bits: UInt64) -> UInt64 {
        var word = place ^ bits
        word = (word ^ word &>> 32) &* 0x94D0_49BB_1331_11EB
        word = (word ^ word &>> 29) &* 0xFF51_AFD7_ED55_8CCD
        return word ^ word &>> 32
    }

    /// As 16 hexadecimal digits.
    package static func text(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
