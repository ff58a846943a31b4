@testable import VarveFormat

/// Repeatable random numbers (SplitMix64): one seed gives one test case.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z &>> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z &>> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z &>> 31
    }

    /// About normal, mean 0 and deviation 1.
    mutating func normal() -> Double {
        (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0..<1, using: &self) }
    }
}

/// Columns of the kinds that training loops log, and the ones that nobody should.
enum ColumnSamples {
    static let specialDoubles: [Double] = [
        0, -0.0, .infinity, -.infinity, .nan, .signalingNaN, Double(bitPattern: 0xFFF8_0000_0000_1234),
        Double(bitPattern: 0x7FF0_0000_0000_0001), .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
        .leastNormalMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, Double(Float.leastNonzeroMagnitude),
        Double(Float.greatestFiniteMagnitude), 9_007_199_254_740_992, 9_007_199_254_740_994,
        9.3e18, -9.223372036854775808e18,
        0.1, 1.0 / 3, 1, -1,
    ]
    static let specialIntegers: [Int64] = [0, 1, -1, .min, .max, .min + 1, .max - 1, 1 << 32, -(1 << 32), 1000]

    static let doubleKinds = 15
    static let integerKinds = 10

    /// A column of doubles of one kind, as bit patterns.
    static func doubles(_ kind: Int, _ count: Int, _ random: inout SeededGenerator) -> [UInt64] {
        var walk = 3.0
        let n = ([10, 256, 1000, 777, 10_000, 6_000] as [Double]).randomElement(using: &random) ?? 10
        return (0..<count).map { i -> UInt64 in
            let t = Double(i)
            switch kind {
            case 0: return Double(Float(2 / (1 + t / 100) + 0.1 * random.normal())).bitPattern
            case 1: return Double.random(in: -1...1, using: &random).bitPattern
            case 2: return (Double(Int.random(in: 0...Int(n), using: &random)) / n).bitPattern
            case 3:
                return Double(Float(Double(Int.random(in: 0...Int(n), using: &random)) / n)).bitPattern
            case 4: return (0.001 * (1 - t / Double(count))).bitPattern
            case 5:
                walk += random.normal() * 0.01
                return Double(Float(walk)).bitPattern
            case 6: return (t * 512).bitPattern
            case 7: return 0.05.bitPattern
            case 8: return specialDoubles.randomElement(using: &random)?.bitPattern ?? 0
            case 9: return random.next()
            case 10:
                return i % 97 == 5
                    ? Double.nan.bitPattern : Double(Float(0.5 + 0.1 * random.normal())).bitPattern
            case 11: return (i % 50 == 3 ? -0.0 : Double(Int.random(in: -5...5, using: &random))).bitPattern
            case 12: return (Double(Int.random(in: 0...9999, using: &random)) / 10_000).bitPattern
            case 13: return Double(Int.random(in: -3...3, using: &random)).bitPattern
            default: return meanOfFloats(n, &random).bitPattern
            }
        }
    }

    /// The mean loss of an epoch: floats summed up in binary64, divided by how many they are.
    static func meanOfFloats(_ n: Double, _ random: inout SeededGenerator) -> Double {
        (Double(Float.random(in: 0.25..<0.75, using: &random)) * n + Double(Float.random(in: 0..<1, using: &random)))
            / n
    }

    /// A column of integers of one kind, as words.
    static func integers(_ kind: Int, _ count: Int, _ random: inout SeededGenerator) -> [UInt64] {
        var clock: Int64 = 1_760_000_000_000_000_000
        return (0..<count).map { i -> UInt64 in
            let value: Int64
            switch kind {
            case 0: value = Int64(i)
            case 1:
                clock += Int64.random(in: 90_000...110_000, using: &random) * 1000
                value = clock
            case 2: value = specialIntegers.randomElement(using: &random) ?? 0
            case 3: value = Int64(bitPattern: random.next())
            case 4: value = 42
            case 5: value = Int64(i) * Int64(i) * 100
            case 6: value = i % 2 == 0 ? .min : .max
            case 7: value = Int64.random(in: 0...300, using: &random)
            case 8: value = Int64(i / 100) * 7
            default: value = -Int64(i) * 1_000_000_007
            }
            return UInt64(bitPattern: value)
        }
    }
}
