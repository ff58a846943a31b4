/// Finds n where the words of a column are k ÷ n: accuracies, epochs, rounded numbers, seconds of a nanosecond clock.
enum QuotientFinder {
    /// The nearest whole number, if that is below 2⁵¹, where half a unit is still told apart.
    ///
    /// Adding 3 · 2⁵¹ leaves no bits for a fraction; the processor's own rounding isn't in the baseline's instructions.
    @inline(__always)
    static func nearest(_ value: Double) -> Int64? {
        guard value.magnitude < 0x1p51 else { return nil }
        return Int64(value + 0x1.8p52 - 0x1.8p52)
    }

    /// 2^q whose inverse nearly all values are multiples of, if they are such by numbers below 2⁴⁶: differences of a clock's
    /// seconds, and fixed point.
    ///
    /// - Parameter distance: how many doubles a value may lie beside a multiple; a power of two, or 0.
    static func powerOfTwo(_ values: [Double], within distance: UInt64) -> UInt64? {
        var units: [Int] = []
        units.reserveCapacity(values.count)
        var top = Int.min
        for value in values where value != 0 {
            guard value.isNormal else { return nil }
            // To the nearest number that ends in as many zeros as the distance has bits.
            let word = distance == 0 ? value.bitPattern : (value.bitPattern &+ distance) & ~(2 &* distance &- 1)
            let near = Double(bitPattern: word)
            guard near.isFinite else { return nil }
            let zeros = near.significandBitPattern.trailingZeroBitCount
            units.append(Int(near.exponent) - 52 + Swift.min(zeros, 52))
            top = Swift.max(top, Int(near.exponent))
        }
        units.sort()
        guard units.count > 3 else { return nil }
        let unit = units[units.count / 12]
        return unit < 0 && unit > -62 && top - unit < 46 ? 1 << UInt64(-unit) : nil
    }

    /// Quotients of n · 2^q where values are sums of binary32 numbers divided by n, as the mean loss of an epoch is: the sums are
    /// exact, and end in zeros that the quotients don't have. Printed with 16 digits they are a few doubles off.
    ///
    /// - Returns: nil if no n ≤ 4,095 fits.
    static func mean(_ values: [Double]) -> ColumnTransform? {
        let picked = values.filter { $0.significandBitPattern.trailingZeroBitCount < sumZeros }.prefix(4)
        guard picked.count == 4 else { return nil }
        for n in stride(from: 3.0, through: 4_095, by: 2) where picked.allSatisfy({ isSum($0 * n) }) {
            guard let unit = powerOfTwo(values.map { $0 * n }, within: sumDistance), unit.leadingZeroBitCount > 12
            else { continue }
            let divisor = UInt64(n) << UInt64(unit.trailingZeroBitCount)
            return fits(values, divisor, isFloat: false)
                ? ColumnTransform(.quotient, divisor: divisor) : near(values, divisor: divisor)
        }
        return nil
    }

    /// So many zeros at the end of a binary64 number don't come by chance.
    private static let sumZeros = 12

    /// How many doubles a sum may be off: the last of 16 digits, where it was cut off.
    private static let sumDistance: UInt64 = 16

    /// Whether a number, or one that is no farther off, ends in so many zeros.
    @inline(__always)
    private static func isSum(_ value: Double) -> Bool {
        (value.bitPattern &+ sumDistance) & ((1 << UInt64(sumZeros)) - 1) <= 2 * sumDistance
    }

    /// Whether all values but a tenth are binary32 numbers printed with as few digits as lead back to them.
    static func arePrintedFloats(_ values: [Double]) -> Bool {
        let printed = PrintedFloat()
        return nearlyAll(values) { printed(Double(Float($0))).bitPattern == $0.bitPattern }
    }

    /// The transform that takes values for quotients and the few doubles beside them, in as many bits as cost the least: a bit
    /// is one of each value, an exception more than seventy of one.
    static func near(_ values: [Double], divisor: UInt64) -> ColumnTransform {
        // How many values need so many bits.
        var needing = [Int](repeating: 0, count: mostBits + 1)
        for value in values {
            let quotient = nearest(value * Double(divisor)).map { Double($0) / Double(divisor) } ?? .nan
            let rest = Int64(bitPattern: value.bitPattern &- quotient.bitPattern).magnitude
            // Of negative numbers the order is the other way round: one less fits both ways.
            let bits = rest < 1 << UInt64(mostBits) ? BitKernels.width(of: rest) + 1 : mostBits
            needing[Swift.max(2, Swift.min(bits, mostBits))] += 1
        }
        var best = (bits: 4, cost: Double.infinity)
        var exceptions = values.count
        for bits in 2..<mostBits {
            exceptions -= needing[bits]
            let cost = Double(values.count * bits) + Double(exceptions) * ColumnStatistics.exceptionBits
            if cost < best.cost { best = (bits, cost) }
        }
        return ColumnTransform(.near, divisor: divisor, base: UInt64(best.bits))
    }

    /// So many bits and more aren't worth a trial.
    private static let mostBits = 10

    /// Whether the nearest k gives `value` bit for bit.
    static func isQuotient(_ value: Double, by divisor: Double, isFloat: Bool) -> Bool {
        guard let k = nearest(value * divisor) else { return false }
        let quotient = Double(k) / divisor
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
        nearlyAll(values) { isQuotient($0, by: Double(divisor), isFloat: isFloat) }
    }

    /// Whether a test holds for all values but a tenth.
    @inline(__always)
    private static func nearlyAll(_ values: [Double], _ holds: (Double) -> Bool) -> Bool {
        var misses = values.count / 10 + 1
        for value in values where !holds(value) {
            misses -= 1
            if misses == 0 { return false }
        }
        return true
    }

    /// The common denominator of values that are fractions of small numbers, or `distance` doubles beside them.
    ///
    /// The continued fraction of each value gives the smallest denominator that leads back to it; noise has denominators
    /// of some 2²⁶, far above the limit.
    static func fraction(_ values: [Double], within distance: Int64) -> UInt64? {
        // A value that lies farther off has some other denominator, which spoils the common one if it comes first.
        for start in 0..<Swift.min(3, values.count) {
            switch fraction(values, from: start, within: distance) {
            case .found(let divisor): return divisor
            case .noise: return nil
            case .spoiled: continue
            }
        }
        return nil
    }

    private enum Fraction {
        case found(UInt64)
        case spoiled
        case noise
    }

    private static func fraction(_ values: [Double], from start: Int, within distance: Int64) -> Fraction {
        func isNear(_ value: Double, _ divisor: UInt64) -> Bool {
            guard let k = nearest(value * Double(divisor)) else { return false }
            return isClose(Double(k) / Double(divisor), value, distance)
        }
        var common: UInt64 = 1
        var misses = values.count / 10 + 1
        var isSpoiled = false
        for i in values.indices {
            let value = values[start + i < values.count ? start + i : start + i - values.count]
            if isNear(value, common) { continue }
            if let denominator = denominator(value.magnitude, distance) {
                let both = common / greatestCommonDivisor(common, denominator) * denominator
                if both <= 1 << 24 {
                    common = both
                    continue
                }
                isSpoiled = true
            }
            misses -= 1
            if misses == 0 { return isSpoiled ? .spoiled : .noise }
        }
        guard nearlyAll(values, { isNear($0, common) }) else { return .spoiled }
        return common > 1 ? .found(common) : .noise
    }

    /// Whether at most `distance` doubles lie from one number to another of its sign.
    private static func isClose(_ a: Double, _ b: Double, _ distance: Int64) -> Bool {
        (Int64(bitPattern: a.bitPattern) &- Int64(bitPattern: b.bitPattern)).magnitude <= distance.magnitude
    }

    /// The smallest denominator ≤ 2²⁰ of a fraction whose quotient is `value`, or close to it.
    private static func denominator(_ value: Double, _ distance: Int64) -> UInt64? {
        guard value < 1e9, value > 1e-9 else { return nil }
        var rest = value
        var (p0, q0) = (0.0, 1.0)
        var (p1, q1) = (1.0, 0.0)
        for _ in 0..<24 {
            // Positive, and far below 2⁶³.
            let whole = Double(Int64(rest))
            (p0, p1) = (p1, whole * p1 + p0)
            (q0, q1) = (q1, whole * q1 + q0)
            guard q1 <= 1_048_576 else { return nil }
            if isClose(p1 / q1, value, distance) { return UInt64(q1) }
            rest = 1 / (rest - whole)
            guard rest < 1e18 else { return nil }
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
        gaps.reserveCapacity(sorted.count)
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
