/// Finds n where the words of a column are k ÷ n: accuracies, epochs, rounded numbers, seconds of a nanosecond clock.
enum QuotientFinder {
    /// Whether the nearest k gives `value` bit for bit.
    static func isQuotient(_ value: Double, by divisor: Double, isFloat: Bool) -> Bool {
        let k = (value * divisor).rounded()
        guard k.magnitude < 1e15 else { return false }
        let quotient = k / divisor
        return (isFloat ? Double(Float(quotient)) : quotient).bitPattern == value.bitPattern
    }

    /// The lowest power of ten, with at most `digits` zeros, that divides nearly all values.
    static func decimal(_ values: [Double], digits: Int, isFloat: Bool) -> UInt64? {
        var divisor: UInt64 = 1
        for _ in 0..<digits {
            divisor *= 10
            if fits(values, divisor, isFloat: isFloat) { return divisor }
        }
        return nil
    }

    /// Whether all values but a tenth are quotients.
    private static func fits(_ values: [Double], _ divisor: UInt64, isFloat: Bool) -> Bool {
        var misses = values.count / 10 + 1
        for value in values where !isQuotient(value, by: Double(divisor), isFloat: isFloat) {
            misses -= 1
            if misses == 0 { return false }
        }
        return true
    }

    /// The common denominator of values that are fractions of small numbers.
    ///
    /// The continued fraction of each value gives the smallest denominator that leads back to it exactly; noise has
    /// denominators of some 2²⁶, far above the limit.
    static func fraction(_ values: [Double]) -> UInt64? {
        var common: UInt64 = 1
        var misses = values.count / 10 + 1
        for value in values {
            if isQuotient(value, by: Double(common), isFloat: false) { continue }
            guard let denominator = denominator(value.magnitude) else {
                misses -= 1
                if misses == 0 { return nil }
                continue
            }
            common = common / greatestCommonDivisor(common, denominator) * denominator
            if common > 1 << 24 { return nil }
        }
        return common > 1 && fits(values, common, isFloat: false) ? common : nil
    }

    /// The smallest denominator ≤ 2²⁰ of a fraction whose quotient is `value`.
    private static func denominator(_ value: Double) -> UInt64? {
        guard value < 1e9, value > 1e-9 else { return nil }
        var rest = value
        var (p0, q0) = (0.0, 1.0)
        var (p1, q1) = (1.0, 0.0)
        for _ in 0..<24 {
            let whole = rest.rounded(.down)
            (p0, p1) = (p1, whole * p1 + p0)
            (q0, q1) = (q1, whole * q1 + q0)
            guard q1 <= 1_048_576 else { return nil }
            if p1 / q1 == value { return UInt64(q1) }
            rest = 1 / (rest - whole)
            guard rest.isFinite else { return nil }
        }
        return nil
    }

    /// n, where values rounded to binary32 are multiples of 1 ÷ n apart.
    ///
    /// The smallest gap between two values is taken for a step; ever larger distances then make it more exact.
    static func reciprocalStep(_ values: [Double]) -> UInt64? {
        let sorted = values.sorted()
        guard let first = sorted.first, let last = sorted.last, last > first else { return nil }
        let blur = Swift.max(first.magnitude, last.magnitude) * 0x1p-23
        var gaps: [Double] = []
        for i in 1..<sorted.count where sorted[i] - sorted[i - 1] > blur * 8 { gaps.append(sorted[i] - sorted[i - 1]) }
        guard let smallest = gaps.min() else { return nil }
        // The smallest gap may be a few steps.
        for parts in 1...4 {
            if let n = refine(smallest / Double(parts), gaps.sorted(), last - first, blur),
                fits(values, n, isFloat: true)
            {
                return n
            }
        }
        return nil
    }

    private static func refine(_ guess: Double, _ gaps: [Double], _ whole: Double, _ blur: Double) -> UInt64? {
        var step = guess
        for distance in gaps + [whole] {
            let k = (distance / step).rounded()
            guard k >= 1, (distance - k * step).magnitude < step * 0.25 + blur else { return nil }
            step = distance / k
        }
        let n = (1 / step).rounded()
        return n >= 2 && n <= 1e6 ? UInt64(n) : nil
    }

    static func greatestCommonDivisor(_ a: UInt64, _ b: UInt64) -> UInt64 {
        var (a, b) = (a, b)
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }
}
