/// The shortest decimal of a double, after R. Giulietti, "The Schubfach way to render doubles" (2020).
enum ShortestDecimal {
    /// The shortest decimal that reads back as a positive finite double, and of those the nearest: digits × 10^exponent.
    /// It may end in zeros.
    ///
    /// Names are those of the paper: c · 2^q is the double, its neighbours' midpoints are 4c − 2 and 4c + 2 quarters of
    /// it; k is the largest power of ten of which at least two multiples lie between them, or close to.
    static func of(_ number: Double) -> (digits: UInt64, exponent: Int) {
        let fraction = number.significandBitPattern
        let biased = Int(number.exponentBitPattern)
        let c = biased == 0 ? fraction : fraction | 1 << 52
        let q = (biased == 0 ? 1 : biased) &- 1075
        // Below a power of two the neighbour is half as far.
        let isIrregular = fraction == 0 && biased > 1
        let isOdd = c & 1
        // ⌊log₁₀ 2^q⌋, or ⌊log₁₀ ¾ 2^q⌋; ⌊log₂ 10^−k⌋.
        let k = (q &* 1_262_611 &- (isIrregular ? 524_031 : 0)) &>> 22
        let h = UInt64(truncatingIfNeeded: q &+ ((-k &* 1_741_647) &>> 19) &+ 1)
        let power = powers[-k &- minPower]
        let low = scaled(power, (4 &* c &- 2 &+ (isIrregular ? 1 : 0)) &<< h) &+ isOdd
        let middle = scaled(power, (4 &* c) &<< h)
        let high = scaled(power, (4 &* c &+ 2) &<< h) &- isOdd
        let s = middle / 4
        if s >= 10 {
            // One digit less.
            let tens = s / 10
            let isBelowInside = low <= 40 &* tens
            let isAboveInside = 40 &* tens &+ 40 <= high
            if isBelowInside != isAboveInside { return (tens &+ (isAboveInside ? 1 : 0), k &+ 1) }
        }
        let isBelowInside = low <= 4 &* s
        let isAboveInside = 4 &* s &+ 4 <= high
        if isBelowInside != isAboveInside { return (s &+ (isAboveInside ? 1 : 0), k) }
        let half = 4 &* s &+ 2
        let roundsUp = middle > half || middle == half && s & 1 == 1
        return (s &+ (roundsUp ? 1 : 0), k)
    }

    /// The upper 64 bits of a product of 192, the lowest of them set if anything is lost below.
    private static func scaled(_ power: Power, _ word: UInt64) -> UInt64 {
        let below = power.low.multipliedFullWidth(by: word).high
        let product = power.high.multipliedFullWidth(by: word)
        let (low, carry) = product.low.addingReportingOverflow(below)
        return (product.high &+ (carry ? 1 : 0)) | (low > 1 ? 1 : 0)
    }

    /// The highest 128 bits of a power of ten, rounded up.
    struct Power: Hashable {
        var high: UInt64
        var low: UInt64
    }

    static let minPower = -292
    static let maxPower = 324

    /// Powers of ten from ``minPower`` to ``maxPower``, computed when the first number is written.
    static let powers: [Power] = {
        var below: [Power] = []
        var above: [Power] = []
        // 5^n as a number of 32-bit digits, lowest first: a power of ten but for a power of two.
        var five: [UInt32] = [1]
        for exponent in 0...maxPower {
            above.append(leading(five))
            if exponent > 0, exponent <= -minPower { below.append(reciprocal(five)) }
            var carry: UInt64 = 0
            for i in five.indices {
                carry += UInt64(five[i]) * 5
                five[i] = UInt32(truncatingIfNeeded: carry)
                carry >>= 32
            }
            if carry > 0 { five.append(UInt32(carry)) }
        }
        return below.reversed() + above
    }()

    private static func bitWidth(_ number: [UInt32]) -> Int {
        number.count * 32 - (number.last?.leadingZeroBitCount ?? 0)
    }

    /// The highest 128 bits of a number, rounded up.
    private static func leading(_ number: [UInt32]) -> Power {
        let width = bitWidth(number)
        func bit(_ i: Int) -> Bool { i >= 0 && number[i / 32] >> UInt32(i % 32) & 1 == 1 }
        var result = UInt128(0)
        for i in 1...128 { result = result << 1 | (bit(width - i) ? 1 : 0) }
        // An odd number of more than 128 bits: something was cut off.
        if width > 128 { result += 1 }
        return Power(high: UInt64(result >> 64), low: UInt64(truncatingIfNeeded: result))
    }

    /// The highest 128 bits of the reciprocal of a number that is no power of two, rounded up: long division.
    private static func reciprocal(_ number: [UInt32]) -> Power {
        // 2^(width − 1) is below the number, which is below 2^width.
        var rest = [UInt32](repeating: 0, count: number.count + 1)
        let width = bitWidth(number)
        rest[(width - 1) / 32] = 1 << UInt32((width - 1) % 32)
        var result = UInt128(0)
        for _ in 0..<128 {
            var carry: UInt32 = 0
            for i in rest.indices {
                let next = rest[i] >> 31
                rest[i] = rest[i] << 1 | carry
                carry = next
            }
            result <<= 1
            guard !isLess(rest, number) else { continue }
            result |= 1
            var borrow: Int64 = 0
            for i in rest.indices {
                let difference = Int64(rest[i]) - (i < number.count ? Int64(number[i]) : 0) + borrow
                rest[i] = UInt32(truncatingIfNeeded: difference)
                borrow = difference >> 32
            }
        }
        result += 1
        return Power(high: UInt64(result >> 64), low: UInt64(truncatingIfNeeded: result))
    }

    /// - Parameter a: has one digit more than `b`.
    private static func isLess(_ a: [UInt32], _ b: [UInt32]) -> Bool {
        if a[b.count] != 0 { return false }
        for i in b.indices.reversed() where a[i] != b[i] { return a[i] < b[i] }
        return false
    }
}
