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
        // Numbers of 64-bit digits, lowest first: 5^n, a power of ten but for a power of two, and ⌊2^832 / 5^n⌋, whose
        // digits are those of 5^−n. Rounding down at each step is as good as rounding down once, and 154 bits are left at last.
        var five: [UInt64] = [1]
        var fifth: [UInt64] = Array(repeating: 0, count: 13) + [1]
        for exponent in 0...maxPower {
            // 5^n is odd: of more than 128 bits something is cut off.
            above.append(leading(five, roundsUp: five.count > 2))
            if exponent > 0, exponent <= -minPower { below.append(leading(fifth, roundsUp: true)) }
            multiplyByFive(&five)
            divideByFive(&fifth)
        }
        return below.reversed() + above
    }()

    /// The highest 128 bits of a number that has no zero in front, and one more where `roundsUp`.
    private static func leading(_ number: [UInt64], roundsUp: Bool) -> Power {
        func digit(_ place: Int) -> UInt64 { place < number.count ? number[number.count - 1 - place] : 0 }
        let shift = digit(0).leadingZeroBitCount
        func word(_ place: Int) -> UInt64 { digit(place) << shift | digit(place + 1) >> (64 - shift) }
        let (low, carry) = word(1).addingReportingOverflow(roundsUp ? 1 : 0)
        return Power(high: word(0) &+ (carry ? 1 : 0), low: low)
    }

    private static func multiplyByFive(_ number: inout [UInt64]) {
        var carry: UInt64 = 0
        for place in number.indices {
            let product = number[place].multipliedFullWidth(by: 5)
            let (low, isOver) = product.low.addingReportingOverflow(carry)
            number[place] = low
            carry = product.high + (isOver ? 1 : 0)
        }
        if carry > 0 { number.append(carry) }
    }

    private static func divideByFive(_ number: inout [UInt64]) {
        var rest: UInt64 = 0
        for place in number.indices.reversed() {
            (number[place], rest) = UInt64(5).dividingFullWidth((rest, number[place]))
        }
        if number.last == 0 { number.removeLast() }
    }
}
