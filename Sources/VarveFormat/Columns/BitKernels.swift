/// Packs and unpacks words of a fixed width: values one after the other, low bits first.
///
/// Unsafe: the callers have checked counts and sizes. Eight values of any width fill whole bytes, so they are done at once, by a
/// loop for each width (``BitGroups``): what a value's bits are shifted by is then known when the compiler reads it.
enum BitKernels {
    /// The bytes that `count` values of `width` bits take. `count` is below 2⁵⁶.
    static func bytes(_ count: Int, width: Int) -> Int { (count * width + 7) / 8 }

    /// The bits that `range` needs: 0 for 0.
    static func width(of range: UInt64) -> Int { 64 - range.leadingZeroBitCount }

    /// Writes the low `width` bits of each `words[i] − base` to `target`, which has room for ``bytes(_:width:)``.
    static func pack(
        _ words: UnsafePointer<UInt64>, _ count: Int, base: UInt64, width: Int, to target: UnsafeMutableRawPointer
    ) {
        guard width > 0, count > 0 else { return }
        if width == 64 {
            for i in 0..<count {
                target.storeBytes(of: (words[i] &- base).littleEndian, toByteOffset: 8 &* i, as: UInt64.self)
            }
            return
        }
        var groups = width <= BitGroups.most ? count / 8 : 0
        // A group is written in whole words, of which the last may reach beyond it.
        let total = bytes(count, width: width)
        while groups > 0, (groups &- 1) &* width &+ (width &+ 7) & ~7 > total { groups &-= 1 }
        if groups > 0 { BitGroups.pack(words, groups, base, width, target) }
        packRest(words + 8 &* groups, count &- 8 &* groups, base, width, target + groups &* width)
    }

    /// Value by value.
    private static func packRest(
        _ words: UnsafePointer<UInt64>, _ count: Int, _ base: UInt64, _ width: Int, _ target: UnsafeMutableRawPointer
    ) {
        let mask: UInt64 = (1 &<< UInt64(truncatingIfNeeded: width)) &- 1
        var pending: UInt64 = 0
        var filled = 0
        var at = 0
        for i in 0..<count {
            let value = (words[i] &- base) & mask
            pending |= value &<< UInt64(truncatingIfNeeded: filled)
            filled &+= width
            if filled >= 64 {
                target.storeBytes(of: pending.littleEndian, toByteOffset: at, as: UInt64.self)
                at &+= 8
                filled &-= 64
                // What didn't fit; a shift by 64 must give 0.
                pending = filled == 0 ? 0 : value &>> UInt64(truncatingIfNeeded: width &- filled)
            }
        }
        while filled > 0 {
            target.storeBytes(of: UInt8(truncatingIfNeeded: pending), toByteOffset: at, as: UInt8.self)
            at &+= 1
            pending &>>= 8
            filled &-= 8
        }
    }

    /// Reads `count` values of `width` bits from `source`, which has ``bytes(_:width:)`` bytes, adding `base` to each.
    static func unpack(
        _ source: UnsafeRawPointer, _ count: Int, base: UInt64, width: Int, to words: UnsafeMutablePointer<UInt64>
    ) {
        switch width {
        case 0: words.update(repeating: base, count: count)
        case 8: unpackWhole(source, count, base, UInt8.self, words)
        case 16: unpackWhole(source, count, base, UInt16.self, words)
        case 32: unpackWhole(source, count, base, UInt32.self, words)
        case 64: unpackWhole(source, count, base, UInt64.self, words)
        default: unpackBits(source, count, base, width, words)
        }
    }

    @inline(__always)
    private static func unpackWhole<T: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
        _ source: UnsafeRawPointer, _ count: Int, _ base: UInt64, _ type: T.Type, _ words: UnsafeMutablePointer<UInt64>
    ) {
        for i in 0..<count {
            let value = T(littleEndian: source.loadUnaligned(fromByteOffset: i &* MemoryLayout<T>.size, as: T.self))
            words[i] = UInt64(truncatingIfNeeded: value) &+ base
        }
    }

    private static func unpackBits(
        _ source: UnsafeRawPointer, _ count: Int, _ base: UInt64, _ width: Int, _ words: UnsafeMutablePointer<UInt64>
    ) {
        let mask: UInt64 = (1 &<< UInt64(truncatingIfNeeded: width)) &- 1
        let total = bytes(count, width: width)
        var i = 0
        if width <= BitGroups.most, total >= 8 {
            // The last load of a group is of eight bytes, from where its last value begins.
            let groups = (total &- 8 &- (7 &* width) &>> 3) / width &+ 1
            if total &- 8 >= (7 &* width) &>> 3 {
                let whole = Swift.min(groups, count / 8)
                BitGroups.unpack(source, whole, base, width, words)
                i = 8 &* whole
            }
        }
        var bit = i &* width
        if width <= 57 {
            // One unaligned load holds a whole value, as long as eight bytes are there.
            while i < count, bit &>> 3 &+ 8 <= total {
                let word = load(source, bit &>> 3)
                words[i] = (word &>> UInt64(truncatingIfNeeded: bit & 7)) & mask &+ base
                bit &+= width
                i &+= 1
            }
        } else {
            while i < count, bit &>> 3 &+ 9 <= total {
                let shift = UInt64(truncatingIfNeeded: bit & 7)
                let low = load(source, bit &>> 3) &>> shift
                let next = UInt64(source.load(fromByteOffset: bit &>> 3 &+ 8, as: UInt8.self))
                // Shifting in two steps gives 0 where shift is 0.
                words[i] = (low | (next &<< 1) &<< (63 &- shift)) & mask &+ base
                bit &+= width
                i &+= 1
            }
        }
        while i < count {
            words[i] = slow(source, bit, width) & mask &+ base
            bit &+= width
            i &+= 1
        }
    }

    @inline(__always)
    private static func load(_ source: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: source.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// A value near the end of the bits, byte by byte: touches no byte beyond its last.
    private static func slow(_ source: UnsafeRawPointer, _ bit: Int, _ width: Int) -> UInt64 {
        var value: UInt64 = 0
        var have = 0
        var at = bit &>> 3
        let skip = bit & 7
        while have < width {
            let byte = UInt64(source.load(fromByteOffset: at, as: UInt8.self))
            if have == 0 {
                value = byte &>> UInt64(truncatingIfNeeded: skip)
                have = 8 &- skip
            } else {
                value |= byte &<< UInt64(truncatingIfNeeded: have)
                have &+= 8
            }
            at &+= 1
        }
        return value
    }
}
