/// Finds the transforms that may suit a column, on a sample of it.
enum TransformFinder {
    /// Candidates for words of a kind.
    ///
    /// - Parameter effort: of a log, what takes microseconds isn't looked for.
    static func candidates(
        _ words: UnsafePointer<UInt64>, _ count: Int, _ kind: ColumnKind, _ effort: ColumnEffort
    ) -> [ColumnTransform] {
        switch kind {
        case .integers: integers(words, count)
        case .doubles: doubles(words, count, effort)
        }
    }

    private static func integers(_ words: UnsafePointer<UInt64>, _ count: Int) -> [ColumnTransform] {
        let base = words[0]
        let divisor = commonDivisor(count) { (words[$0] &- base) }
        let bits = ColumnTransform(.bits)
        return divisor > 1 ? [ColumnTransform(.scaled, divisor: divisor, base: base), bits] : [bits]
    }

    private static func doubles(
        _ words: UnsafePointer<UInt64>, _ count: Int, _ effort: ColumnEffort
    ) -> [ColumnTransform] {
        var whole = 0
        var float = 0
        var finite = 0
        for i in 0..<count {
            let value = Double(bitPattern: words[i])
            whole += value == value.rounded(.towardZero) && value.magnitude < 9e18 ? 1 : 0
            finite += value.isFinite ? 1 : 0
            float += Double(Float(value)).bitPattern == words[i] ? 1 : 0
        }
        let most = count - count / 10
        var result: [ColumnTransform] = []
        if whole >= most {
            let divisor = commonDivisor(count) {
                let value = Double(bitPattern: words[$0])
                return value.magnitude < 9e18 ? UInt64(bitPattern: Int64(value)) : 0
            }
            result.append(ColumnTransform(.whole, divisor: Swift.max(1, divisor)))
        }
        if whole < most {
            result += quotients(words, count, isFloat: float >= most, effort)
            if let rounded = rounded(words, count, isFloat: float >= most) { result.append(rounded) }
        }
        if float >= most { result.append(ColumnTransform(.float)) }
        if float < count { result.append(ColumnTransform(.ordered)) }
        // What isn't finite is an exception to the others; where it isn't rare it is better off here.
        if finite < count || result.isEmpty { result.append(ColumnTransform(.bits)) }
        return result
    }

    /// Numbers without the bits that are zero at the end of nearly all, if these are more than what floats of 32 bits lack: losses and
    /// gradients of a training in bfloat16, binary16 or TensorFloat-32.
    private static func rounded(_ words: UnsafePointer<UInt64>, _ count: Int, isFloat: Bool) -> ColumnTransform? {
        let picked = Swift.min(count, 64)
        let least = isFloat ? 30 : 3
        return withUnsafeTemporaryAllocation(of: Int.self, capacity: 64) { ending in
            // How many end in so many zeros, but for zero itself.
            ending.update(repeating: 0)
            var nonzero = 0
            for i in 0..<picked {
                let word = words[i * count / picked]
                if word &<< 1 == 0 { continue }
                ending[word.trailingZeroBitCount] += 1
                nonzero += 1
            }
            guard nonzero > 3 else { return nil }
            var bits = 0
            // A few may be other numbers.
            var others = ending[0]
            while others <= nonzero / 16, bits < ColumnTransform.maxRoundedBits {
                bits += 1
                others += ending[bits]
            }
            return bits >= least ? ColumnTransform(.rounded, base: UInt64(bits)) : nil
        }
    }

    /// 10⁵: with fewer decimals numbers that were printed are better off as quotients.
    private static let longDecimal: UInt64 = 100_000

    /// Quotients k ÷ n that give nearly all words, exactly or rounded to binary32.
    private static func quotients(
        _ words: UnsafePointer<UInt64>, _ count: Int, isFloat: Bool, _ effort: ColumnEffort
    ) -> [ColumnTransform] {
        let picked = Swift.min(count, 64)
        var some: [Double] = []
        some.reserveCapacity(picked)
        for i in 0..<picked {
            let value = Double(bitPattern: words[i * count / picked])
            if value.isFinite { some.append(value) }
        }
        guard !some.isEmpty else { return [] }
        var result: [ColumnTransform] = []
        if isFloat {
            // Divisors of powers of two and other exact quotients are found as doubles are.
            if let divisor = QuotientFinder.decimal(some, digits: 7, isFloat: true)
                ?? QuotientFinder.reciprocalStep(some)
            {
                result.append(ColumnTransform(.quotientFloat, divisor: divisor))
            }
        }
        // The few are quick to refuse; but they may miss a factor of the denominator that all have.
        let few = stride(from: 0, to: some.count, by: 4).map { some[$0] }
        if QuotientFinder.fraction(few, within: 0) != nil,
            let divisor = QuotientFinder.fraction((0..<count).map { Double(bitPattern: words[$0]) }, within: 0)
        {
            result.append(ColumnTransform(.quotient, divisor: divisor))
        } else if !isFloat {
            if let divisor = QuotientFinder.decimal(some, digits: 15, isFloat: false)
                ?? QuotientFinder.powerOfTwo(some, within: 0)
            {
                result.append(ColumnTransform(.quotient, divisor: divisor))
            } else if let divisor = QuotientFinder.powerOfTwo(some, within: 32) {
                result.append(QuotientFinder.near(some, divisor: divisor))
            } else if QuotientFinder.fraction(few, within: 32) != nil,
                let divisor = QuotientFinder.fraction(some, within: 16)
            {
                result.append(QuotientFinder.near(some, divisor: divisor))
            } else if effort != .log, let transform = QuotientFinder.mean(some) {
                result.append(transform)
            }
            // Few digits are a quotient of fewer bits than a float has.
            if result.first.map({ $0.divisor >= longDecimal }) ?? true, QuotientFinder.arePrintedFloats(some) {
                result.append(ColumnTransform(.printed))
            }
        }
        return result
    }

    /// The greatest common divisor of signed numbers; 0 if all are 0.
    private static func commonDivisor(_ count: Int, _ number: (Int) -> UInt64) -> UInt64 {
        var divisor: UInt64 = 0
        for i in 0..<count {
            var a = Int64(bitPattern: number(i)).magnitude
            guard a != 0 else { continue }
            while a != 0 { (divisor, a) = (a, divisor % a) }
            if divisor == 1 { return 1 }
        }
        return divisor > UInt64(Int64.max) ? 1 : divisor
    }
}
