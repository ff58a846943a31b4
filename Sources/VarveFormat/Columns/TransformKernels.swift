/// The transforms of Format.md, section 4, in both directions.
///
/// Unsafe: the callers have checked counts. Backward never fails for any t but where it says so.
enum TransformKernels {
    private static let top: UInt64 = 1 << 63

    // MARK: Backward: integers t to words

    static func order(_ t: UInt64) -> UInt64 { t & top != 0 ? t & ~top : ~t }

    /// The bits of the binary64 that a binary32 with the ordered bits `t` < 2³² is.
    @inline(__always)
    static func float(_ t: UInt64) -> UInt64 {
        let low = UInt32(truncatingIfNeeded: t)
        let sign = UInt32(bitPattern: Int32(bitPattern: low) &>> 31)
        // Top bit set: clear it. Top bit clear: invert.
        let bits = low ^ (~sign | 0x8000_0000)
        return Double(Float(bitPattern: bits)).bitPattern
    }

    /// Replaces each t by its word.
    /// - Returns: whether all t are such as the transform allows.
    static func backward(_ words: UnsafeMutablePointer<UInt64>, _ count: Int, _ transform: ColumnTransform) -> Bool {
        let divisor = transform.divisor
        switch transform.code {
        case .bits: break
        case .ordered:
            for i in 0..<count { words[i] = order(words[i]) }
        case .float:
            var all: UInt64 = 0
            for i in 0..<count {
                let t = words[i]
                all |= t
                words[i] = float(t)
            }
            return all >> 32 == 0
        case .whole:
            for i in 0..<count { words[i] = Double(Int64(bitPattern: words[i] &* divisor)).bitPattern }
        case .quotient:
            let by = Double(divisor)
            for i in 0..<count { words[i] = (Double(Int64(bitPattern: words[i])) / by).bitPattern }
        case .quotientFloat:
            let by = Double(divisor)
            for i in 0..<count {
                words[i] = Double(Float(Double(Int64(bitPattern: words[i])) / by)).bitPattern
            }
        case .near:
            let by = Double(divisor)
            let bits = Int64(truncatingIfNeeded: transform.base)
            let middle = (UInt64(1) &<< transform.base) &>> 1
            for i in 0..<count {
                let t = words[i]
                let rest = t & ((1 &<< transform.base) &- 1)
                let quotient = Double(Int64(bitPattern: t) &>> bits) / by
                words[i] = order(ordered(quotient.bitPattern) &+ rest &- middle)
            }
        case .scaled:
            let base = transform.base
            for i in 0..<count { words[i] = base &+ words[i] &* divisor }
        }
        return true
    }

    // MARK: Forward: words to integers t, and where that doesn't lead back

    /// The t of one word, and whether `backward` gives the word for it.
    @inline(__always)
    static func ordered(_ word: UInt64) -> UInt64 { word & top != 0 ? ~word : word | top }

    @inline(__always)
    private static func floatPair(_ word: UInt64) -> (UInt64, Bool) {
        let narrow = Float(Double(bitPattern: word))
        let bits = narrow.bitPattern
        let t = bits & 0x8000_0000 != 0 ? ~bits : bits | 0x8000_0000
        // The conversion quiets a signalling NaN, so that it can't compare equal.
        return (UInt64(t), Double(narrow).bitPattern == word)
    }

    /// Fills `target` with the t of each word; writes down the positions where t doesn't lead back to the word.
    ///
    /// There t repeats the one before it, so that it costs next to nothing.
    /// - Returns: the number of exceptions, or nil if there are more than `most`.
    static func forward(
        _ words: UnsafePointer<UInt64>, _ count: Int, _ transform: ColumnTransform,
        to target: UnsafeMutablePointer<UInt64>, exceptions: UnsafeMutablePointer<UInt32>, most: Int
    ) -> Int? {
        switch transform.code {
        case .bits:
            target.update(from: words, count: count)
            return 0
        case .scaled:
            return scale(words, count, transform, target)
        case .ordered:
            return map(words, count, target, exceptions, most) { word in
                let value = Double(bitPattern: word)
                return (ordered(word), value - value == 0)
            }
        case .float:
            return map(words, count, target, exceptions, most, floatPair)
        case .whole:
            let divisor = transform.divisor
            guard let by = Int64(exactly: divisor), by > 0 else { return nil }
            let scale = Double(divisor)
            return map(words, count, target, exceptions, most) { word in
                let value = Double(bitPattern: word)
                guard value > -9.2e18, value < 9.2e18 else { return (0, false) }
                let k = by == 1 ? Int64(value) : Int64(value / scale)
                return (UInt64(bitPattern: k), Double(k &* by).bitPattern == word)
            }
        case .quotient:
            let by = Double(transform.divisor)
            return map(words, count, target, exceptions, most) { word in
                guard let k = QuotientFinder.nearest(Double(bitPattern: word) * by) else { return (0, false) }
                return (UInt64(bitPattern: k), (Double(k) / by).bitPattern == word)
            }
        case .near:
            let by = Double(transform.divisor)
            let bits = transform.base
            let middle = (UInt64(1) &<< bits) &>> 1
            return map(words, count, target, exceptions, most) { word in
                guard let k = QuotientFinder.nearest(Double(bitPattern: word) * by) else { return (0, false) }
                let rest = ordered(word) &- ordered((Double(k) / by).bitPattern) &+ middle
                return (UInt64(bitPattern: k) &<< bits | rest, rest &>> bits == 0 && k.magnitude < 1 << 46)
            }
        case .quotientFloat:
            let by = Double(transform.divisor)
            return map(words, count, target, exceptions, most) { word in
                guard let k = QuotientFinder.nearest(Double(bitPattern: word) * by) else { return (0, false) }
                return (UInt64(bitPattern: k), Double(Float(Double(k) / by)).bitPattern == word)
            }
        }
    }

    private static func scale(
        _ words: UnsafePointer<UInt64>, _ count: Int, _ transform: ColumnTransform,
        _ target: UnsafeMutablePointer<UInt64>
    ) -> Int? {
        guard let by = Int64(exactly: transform.divisor), by > 0 else { return nil }
        let base = transform.base
        var wrong: Int64 = 0
        if by == 1000 {
            // Times at microseconds: the commonest divisor, as a constant that the compiler multiplies by.
            for i in 0..<count {
                let (k, rest) = Int64(bitPattern: words[i] &- base).quotientAndRemainder(dividingBy: 1000)
                wrong |= rest
                target[i] = UInt64(bitPattern: k)
            }
        } else {
            for i in 0..<count {
                let (k, rest) = Int64(bitPattern: words[i] &- base).quotientAndRemainder(dividingBy: by)
                wrong |= rest
                target[i] = UInt64(bitPattern: k)
            }
        }
        return wrong == 0 ? 0 : nil
    }

    @inline(__always)
    private static func map(
        _ words: UnsafePointer<UInt64>, _ count: Int, _ target: UnsafeMutablePointer<UInt64>,
        _ exceptions: UnsafeMutablePointer<UInt32>, _ most: Int, _ one: (UInt64) -> (UInt64, Bool)
    ) -> Int? {
        var found = 0
        var last: UInt64 = 0
        var good = false
        for i in 0..<count {
            let (t, exact) = one(words[i])
            if exact {
                if !good {
                    // Exceptions at the very beginning repeat the first good t.
                    for j in 0..<i { target[j] = t }
                    good = true
                }
                last = t
                target[i] = t
            } else {
                if found == most { return nil }
                exceptions[found] = UInt32(truncatingIfNeeded: i)
                found &+= 1
                target[i] = last
            }
        }
        return found
    }
}
