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
        case .ordered, .rounded:
            // Of ordered ones no bits are left out.
            let bits = transform.base
            let left = ~((UInt64(1) &<< bits) &- 1)
            for i in 0..<count { words[i] = order(words[i] &<< bits) & left }
        case .float: return fromFloats(words, count) { $0 }
        case .printed:
            let printed = PrintedFloat()
            return fromFloats(words, count) { printed(Double(bitPattern: $0)).bitPattern }
        case .whole:
            if divisor > 1 { for i in 0..<count { words[i] &*= divisor } }
            toDoubles(words, count) { $0 }
        case .quotient:
            let by = Double(divisor)
            toDoubles(words, count) { $0 / by }
        case .quotientFloat:
            let by = Double(divisor)
            toDoubles(words, count) { Double(Float($0 / by)) }
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

    /// Replaces each word, the ordered bits of a binary32, by what `one` makes of its binary64.
    /// - Returns: whether all had at most 32 bits.
    @inline(__always)
    private static func fromFloats(
        _ words: UnsafeMutablePointer<UInt64>, _ count: Int, _ one: (UInt64) -> UInt64
    ) -> Bool {
        var all: UInt64 = 0
        for i in 0..<count {
            let t = words[i]
            all |= t
            words[i] = one(float(t))
        }
        return all >> 32 == 0
    }

    /// Replaces each word, a signed number, by the bits of what `one` makes of it.
    @inline(__always)
    private static func toDoubles(_ words: UnsafeMutablePointer<UInt64>, _ count: Int, _ one: (Double) -> Double) {
        var start = 0
        while start < count {
            let end = Swift.min(start &+ 128, count)
            var far: UInt64 = 0
            for i in start..<end { far |= (words[i] &+ 1 &<< 51) &>> 52 }
            if far == 0 {
                for i in start..<end {
                    words[i] = one(Double(bitPattern: words[i] &+ anchor.bitPattern) - anchor).bitPattern
                }
            } else {
                for i in start..<end { words[i] = one(Double(Int64(bitPattern: words[i]))).bitPattern }
            }
            start = end
        }
    }

    // MARK: Forward: words to integers t, and where that doesn't lead back

    @inline(__always)
    static func ordered(_ word: UInt64) -> UInt64 { word & top != 0 ? ~word : word | top }

    /// Without branches, so that the compiler does several words at once.
    @inline(__always)
    private static func floatPair(_ word: UInt64) -> (UInt64, UInt64) {
        let narrow = Float(Double(bitPattern: word))
        let bits = narrow.bitPattern
        let sign = UInt32(bitPattern: Int32(bitPattern: bits) &>> 31)
        // The conversion quiets a signalling NaN, so that it can't compare equal.
        return (UInt64(bits ^ (sign | 0x8000_0000)), Double(narrow).bitPattern ^ word)
    }

    /// 3 · 2⁵¹: added to a number below 2⁵¹ it leaves no bits for a fraction, and the number itself in the lowest ones.
    private static let anchor = 0x1.8p52

    /// The whole number nearest to `value`, as an integer and as a double; and 0, or 1 if `value` isn't below 2⁵¹.
    ///
    /// The processor's own rounding isn't in the baseline's instructions, and its conversions take one number at a time.
    @inline(__always)
    static func nearest(_ value: Double) -> (UInt64, Double, UInt64) {
        let sum = value + anchor
        return (sum.bitPattern &- anchor.bitPattern, sum - anchor, value.magnitude < 0x1p51 ? 0 : 1)
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
        case .ordered, .rounded:
            let bits = transform.base
            let out = (UInt64(1) &<< bits) &- 1
            return map(words, count, target, exceptions, most) { word in
                let value = Double(bitPattern: word)
                return (ordered(word) &>> bits, word & out | (value - value == 0 ? 0 : 1))
            }
        case .float:
            return map(words, count, target, exceptions, most, floatPair)
        case .printed:
            let printed = PrintedFloat()
            return map(words, count, target, exceptions, most) { word in
                let t = floatPair(word).0
                return (t, printed(Double(bitPattern: float(t))).bitPattern ^ word)
            }
        case .whole:
            let divisor = transform.divisor
            guard let by = Int64(exactly: divisor), by > 0 else { return nil }
            let scale = Double(divisor)
            return map(words, count, target, exceptions, most) { word in
                let value = Double(bitPattern: word)
                guard value > -9.2e18, value < 9.2e18 else { return (0, 1) }
                let k = by == 1 ? Int64(value) : Int64(value / scale)
                return (UInt64(bitPattern: k), Double(k &* by).bitPattern ^ word)
            }
        case .quotient:
            let by = Double(transform.divisor)
            return map(words, count, target, exceptions, most) { word in
                let (k, whole, far) = nearest(Double(bitPattern: word) * by)
                return (k, (whole / by).bitPattern ^ word | far)
            }
        case .near:
            let by = Double(transform.divisor)
            let bits = transform.base
            let middle = (UInt64(1) &<< bits) &>> 1
            return map(words, count, target, exceptions, most) { word in
                guard let k = QuotientFinder.nearest(Double(bitPattern: word) * by) else { return (0, 1) }
                let rest = ordered(word) &- ordered((Double(k) / by).bitPattern) &+ middle
                return (UInt64(bitPattern: k) &<< bits | rest, rest &>> bits | (k.magnitude < 1 << 46 ? 0 : 1))
            }
        case .quotientFloat:
            let by = Double(transform.divisor)
            return map(words, count, target, exceptions, most) { word in
                let (k, whole, far) = nearest(Double(bitPattern: word) * by)
                return (k, Double(Float(whole / by)).bitPattern ^ word | far)
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

    /// `one` gives the t of a word, and 0 if `backward` leads from there to the word.
    @inline(__always)
    private static func map(
        _ words: UnsafePointer<UInt64>, _ count: Int, _ target: UnsafeMutablePointer<UInt64>,
        _ exceptions: UnsafeMutablePointer<UInt32>, _ most: Int, _ one: (UInt64) -> (UInt64, UInt64)
    ) -> Int? {
        var found = 0
        var start = 0
        while start < count {
            let end = Swift.min(start &+ 128, count)
            var wrong: UInt64 = 0
            for i in start..<end {
                let (t, rest) = one(words[i])
                target[i] = t
                wrong |= rest
            }
            // Exceptions are rare: to look at each word for one takes as long as all the rest.
            if wrong != 0 {
                for i in start..<end where one(words[i]).1 != 0 {
                    if found == most { return nil }
                    exceptions[found] = UInt32(truncatingIfNeeded: i)
                    found &+= 1
                    if i > 0 { target[i] = target[i &- 1] }
                }
            }
            start = end
        }
        // Exceptions at the very beginning repeat the first good t.
        var leading = 0
        while leading < found, Int(exceptions[leading]) == leading { leading &+= 1 }
        let first = leading < count ? target[leading] : 0
        for i in 0..<leading { target[i] = first }
        return found
    }
}
