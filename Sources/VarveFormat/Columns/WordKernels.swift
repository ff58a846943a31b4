/// Loops over words that undo and do differences, planes and split bytes.
///
/// Unsafe: the callers have checked counts and sizes.
enum WordKernels {
    /// Replaces `words[1...]` by sums: t[i] = t[i−1] + words[i].
    static func sum(_ words: UnsafeMutablePointer<UInt64>, _ count: Int) {
        guard count > 0 else { return }
        var total = words[0]
        for i in 1..<Swift.max(count, 1) {
            total &+= words[i]
            words[i] = total
        }
    }

    /// Replaces `words[1...]` by differences to the word before.
    static func difference(_ words: UnsafeMutablePointer<UInt64>, _ count: Int) {
        guard count > 0 else { return }
        var last = words[0]
        for i in 1..<Swift.max(count, 1) {
            let word = words[i]
            words[i] = word &- last
            last = word
        }
    }

    /// The sum of all words.
    static func total(_ words: UnsafePointer<UInt64>, _ count: Int) -> UInt64 {
        var total: UInt64 = 0
        for i in 0..<count { total &+= words[i] }
        return total
    }

    /// The range of `count` ≥ 1 words if all lie within 2³¹ of the first: most do, and four of them are compared at once, which
    /// the baseline's instructions do with 32 bits only.
    static func nearRange(_ words: UnsafePointer<UInt64>, _ count: Int) -> (base: UInt64, range: UInt64)? {
        let origin = words[0]
        let least = origin &- 0x8000_0000
        var all: UInt64 = 0
        for i in 0..<count { all |= words[i] &- least }
        guard all &>> 32 == 0 else { return nil }
        // Then the lower halves are enough.
        let start = UInt32(truncatingIfNeeded: origin)
        var (low, high): (Int32, Int32) = (0, 0)
        for i in 0..<count {
            let apart = Int32(bitPattern: UInt32(truncatingIfNeeded: words[i]) &- start)
            low = apart < low ? apart : low
            high = apart > high ? apart : high
        }
        return (origin &+ UInt64(bitPattern: Int64(low)), UInt64(bitPattern: Int64(high) &- Int64(low)))
    }

    /// The smallest and the largest of `count` ≥ 1 words, as signed numbers.
    static func signedRange(_ words: UnsafePointer<UInt64>, _ count: Int) -> (UInt64, UInt64) {
        var low = Int64(bitPattern: words[0])
        var high = low
        for i in 0..<count {
            let word = Int64(bitPattern: words[i])
            low = word < low ? word : low
            high = word > high ? word : high
        }
        return (UInt64(bitPattern: low), UInt64(bitPattern: high))
    }

    /// The smallest and the largest of `count` ≥ 1 words, as unsigned numbers.
    static func unsignedRange(_ words: UnsafePointer<UInt64>, _ count: Int) -> (UInt64, UInt64) {
        var low = words[0]
        var high = low
        for i in 0..<count {
            let word = words[i]
            low = word < low ? word : low
            high = word > high ? word : high
        }
        return (low, high)
    }

    /// Whether all `count` ≥ 1 words are equal.
    static func isConstant(_ words: UnsafePointer<UInt64>, _ count: Int) -> Bool {
        let first = words[0]
        var i = 0
        while i < count {
            let end = Swift.min(i &+ 256, count)
            var different: UInt64 = 0
            while i < end {
                different |= words[i] ^ first
                i &+= 1
            }
            if different != 0 { return false }
        }
        return true
    }

    /// Whether two arrays of `count` words are equal.
    static func areEqual(_ a: UnsafePointer<UInt64>, _ b: UnsafePointer<UInt64>, _ count: Int) -> Bool {
        var different: UInt64 = 0
        for i in 0..<count { different |= a[i] ^ b[i] }
        return different == 0
    }

    /// Copies words; those beyond `range` above `base` become `base`, and their positions are written down.
    /// - Returns: how many those are, or nil if more than `most`.
    static func clamp(
        _ words: UnsafePointer<UInt64>, _ count: Int, base: UInt64, range: UInt64,
        to target: UnsafeMutablePointer<UInt64>, positions: UnsafeMutablePointer<UInt32>, most: Int
    ) -> Int? {
        var found = 0
        for i in 0..<count {
            let word = words[i]
            if word &- base <= range {
                target[i] = word
            } else {
                if found == most { return nil }
                positions[found] = UInt32(truncatingIfNeeded: i)
                found &+= 1
                target[i] = base
            }
        }
        return found
    }

    /// The greatest of `count` bytes; 0 if there are none.
    static func greatest(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt8 {
        var high: UInt8 = 0
        for i in 0..<count { high = Swift.max(high, bytes[i]) }
        return high
    }

    /// Writes byte `plane` of each `words[i] − base`.
    static func extract(
        _ words: UnsafePointer<UInt64>, _ count: Int, base: UInt64, shift: Int, to bytes: UnsafeMutablePointer<UInt8>
    ) {
        let shift = UInt64(truncatingIfNeeded: shift)
        for i in 0..<count { bytes[i] = UInt8(truncatingIfNeeded: (words[i] &- base) &>> shift) }
    }

    /// Adds `bytes[i] << shift` to each word; `shift` < 64.
    static func add(
        _ bytes: UnsafePointer<UInt8>, _ count: Int, shift: Int, to words: UnsafeMutablePointer<UInt64>
    ) {
        let shift = UInt64(truncatingIfNeeded: shift)
        for i in 0..<count { words[i] &+= UInt64(truncatingIfNeeded: bytes[i]) &<< shift }
    }

    /// Joins `planes` planes of `count` bytes each, and adds `base`.
    static func join(
        _ bytes: UnsafePointer<UInt8>, planes: Int, _ count: Int, base: UInt64, to words: UnsafeMutablePointer<UInt64>
    ) {
        // Up to four planes a pass: less traffic, and the compiler still does several words at once.
        let first = Swift.min(planes, 4)
        joinHalf(bytes, planes: first, count) { i, half in words[i] = base &+ half }
        if planes > 4 {
            joinHalf(bytes + 4 &* count, planes: planes - 4, count) { i, half in words[i] &+= half &<< 32 }
        }
    }

    /// Calls `put` with what 1 to 4 planes say of each word.
    @inline(__always)
    private static func joinHalf(
        _ bytes: UnsafePointer<UInt8>, planes: Int, _ count: Int, _ put: (Int, UInt64) -> Void
    ) {
        @inline(__always)
        func byte(_ plane: Int, _ i: Int) -> UInt64 {
            UInt64(truncatingIfNeeded: bytes[plane &* count &+ i]) &<< UInt64(truncatingIfNeeded: 8 &* plane)
        }
        switch planes {
        case 1: for i in 0..<count { put(i, byte(0, i)) }
        case 2: for i in 0..<count { put(i, byte(0, i) | byte(1, i)) }
        case 3: for i in 0..<count { put(i, byte(0, i) | byte(1, i) | byte(2, i)) }
        default: for i in 0..<count { put(i, byte(0, i) | byte(1, i) | byte(2, i) | byte(3, i)) }
        }
    }
}
