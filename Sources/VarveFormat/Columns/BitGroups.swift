/// Groups of eight values of 1 to 56 bits, for ``BitKernels``: a loop for each width, made by the compiler from one.
enum BitGroups {
    /// The widest value of which eight bytes, from the one in which it begins, hold all.
    static let most = 56

    /// Writes the low `width` bits of each `words[i] − base`; touches up to 7 bytes beyond the last group.
    static func pack(
        _ words: UnsafePointer<UInt64>, _ groups: Int, _ base: UInt64, _ width: Int, _ bytes: UnsafeMutableRawPointer
    ) {
        switch width {
        case 1: packGroups(1, words, groups, base, bytes)
        case 2: packGroups(2, words, groups, base, bytes)
        case 3: packGroups(3, words, groups, base, bytes)
        case 4: packGroups(4, words, groups, base, bytes)
        case 5: packGroups(5, words, groups, base, bytes)
        case 6: packGroups(6, words, groups, base, bytes)
        case 7: packGroups(7, words, groups, base, bytes)
        case 8: packGroups(8, words, groups, base, bytes)
        case 9: packGroups(9, words, groups, base, bytes)
        case 10: packGroups(10, words, groups, base, bytes)
        case 11: packGroups(11, words, groups, base, bytes)
        case 12: packGroups(12, words, groups, base, bytes)
        case 13: packGroups(13, words, groups, base, bytes)
        case 14: packGroups(14, words, groups, base, bytes)
        case 15: packGroups(15, words, groups, base, bytes)
        case 16: packGroups(16, words, groups, base, bytes)
        case 17: packGroups(17, words, groups, base, bytes)
        case 18: packGroups(18, words, groups, base, bytes)
        case 19: packGroups(19, words, groups, base, bytes)
        case 20: packGroups(20, words, groups, base, bytes)
        case 21: packGroups(21, words, groups, base, bytes)
        case 22: packGroups(22, words, groups, base, bytes)
        case 23: packGroups(23, words, groups, base, bytes)
        case 24: packGroups(24, words, groups, base, bytes)
        case 25: packGroups(25, words, groups, base, bytes)
        case 26: packGroups(26, words, groups, base, bytes)
        case 27: packGroups(27, words, groups, base, bytes)
        case 28: packGroups(28, words, groups, base, bytes)
        case 29: packGroups(29, words, groups, base, bytes)
        case 30: packGroups(30, words, groups, base, bytes)
        case 31: packGroups(31, words, groups, base, bytes)
        case 32: packGroups(32, words, groups, base, bytes)
        case 33: packGroups(33, words, groups, base, bytes)
        case 34: packGroups(34, words, groups, base, bytes)
        case 35: packGroups(35, words, groups, base, bytes)
        case 36: packGroups(36, words, groups, base, bytes)
        case 37: packGroups(37, words, groups, base, bytes)
        case 38: packGroups(38, words, groups, base, bytes)
        case 39: packGroups(39, words, groups, base, bytes)
        case 40: packGroups(40, words, groups, base, bytes)
        case 41: packGroups(41, words, groups, base, bytes)
        case 42: packGroups(42, words, groups, base, bytes)
        case 43: packGroups(43, words, groups, base, bytes)
        case 44: packGroups(44, words, groups, base, bytes)
        case 45: packGroups(45, words, groups, base, bytes)
        case 46: packGroups(46, words, groups, base, bytes)
        case 47: packGroups(47, words, groups, base, bytes)
        case 48: packGroups(48, words, groups, base, bytes)
        case 49: packGroups(49, words, groups, base, bytes)
        case 50: packGroups(50, words, groups, base, bytes)
        case 51: packGroups(51, words, groups, base, bytes)
        case 52: packGroups(52, words, groups, base, bytes)
        case 53: packGroups(53, words, groups, base, bytes)
        case 54: packGroups(54, words, groups, base, bytes)
        case 55: packGroups(55, words, groups, base, bytes)
        case 56: packGroups(56, words, groups, base, bytes)
        default: break
        }
    }

    /// Reads `groups` groups; touches no byte beyond the eight from where the last value begins.
    static func unpack(
        _ bytes: UnsafeRawPointer, _ groups: Int, _ base: UInt64, _ width: Int, _ words: UnsafeMutablePointer<UInt64>
    ) {
        switch width {
        case 1: unpackGroups(1, words, groups, base, bytes)
        case 2: unpackGroups(2, words, groups, base, bytes)
        case 3: unpackGroups(3, words, groups, base, bytes)
        case 4: unpackGroups(4, words, groups, base, bytes)
        case 5: unpackGroups(5, words, groups, base, bytes)
        case 6: unpackGroups(6, words, groups, base, bytes)
        case 7: unpackGroups(7, words, groups, base, bytes)
        case 8: unpackGroups(8, words, groups, base, bytes)
        case 9: unpackGroups(9, words, groups, base, bytes)
        case 10: unpackGroups(10, words, groups, base, bytes)
        case 11: unpackGroups(11, words, groups, base, bytes)
        case 12: unpackGroups(12, words, groups, base, bytes)
        case 13: unpackGroups(13, words, groups, base, bytes)
        case 14: unpackGroups(14, words, groups, base, bytes)
        case 15: unpackGroups(15, words, groups, base, bytes)
        case 16: unpackGroups(16, words, groups, base, bytes)
        case 17: unpackGroups(17, words, groups, base, bytes)
        case 18: unpackGroups(18, words, groups, base, bytes)
        case 19: unpackGroups(19, words, groups, base, bytes)
        case 20: unpackGroups(20, words, groups, base, bytes)
        case 21: unpackGroups(21, words, groups, base, bytes)
        case 22: unpackGroups(22, words, groups, base, bytes)
        case 23: unpackGroups(23, words, groups, base, bytes)
        case 24: unpackGroups(24, words, groups, base, bytes)
        case 25: unpackGroups(25, words, groups, base, bytes)
        case 26: unpackGroups(26, words, groups, base, bytes)
        case 27: unpackGroups(27, words, groups, base, bytes)
        case 28: unpackGroups(28, words, groups, base, bytes)
        case 29: unpackGroups(29, words, groups, base, bytes)
        case 30: unpackGroups(30, words, groups, base, bytes)
        case 31: unpackGroups(31, words, groups, base, bytes)
        case 32: unpackGroups(32, words, groups, base, bytes)
        case 33: unpackGroups(33, words, groups, base, bytes)
        case 34: unpackGroups(34, words, groups, base, bytes)
        case 35: unpackGroups(35, words, groups, base, bytes)
        case 36: unpackGroups(36, words, groups, base, bytes)
        case 37: unpackGroups(37, words, groups, base, bytes)
        case 38: unpackGroups(38, words, groups, base, bytes)
        case 39: unpackGroups(39, words, groups, base, bytes)
        case 40: unpackGroups(40, words, groups, base, bytes)
        case 41: unpackGroups(41, words, groups, base, bytes)
        case 42: unpackGroups(42, words, groups, base, bytes)
        case 43: unpackGroups(43, words, groups, base, bytes)
        case 44: unpackGroups(44, words, groups, base, bytes)
        case 45: unpackGroups(45, words, groups, base, bytes)
        case 46: unpackGroups(46, words, groups, base, bytes)
        case 47: unpackGroups(47, words, groups, base, bytes)
        case 48: unpackGroups(48, words, groups, base, bytes)
        case 49: unpackGroups(49, words, groups, base, bytes)
        case 50: unpackGroups(50, words, groups, base, bytes)
        case 51: unpackGroups(51, words, groups, base, bytes)
        case 52: unpackGroups(52, words, groups, base, bytes)
        case 53: unpackGroups(53, words, groups, base, bytes)
        case 54: unpackGroups(54, words, groups, base, bytes)
        case 55: unpackGroups(55, words, groups, base, bytes)
        case 56: unpackGroups(56, words, groups, base, bytes)
        default: break
        }
    }

    @inline(__always)
    private static func packGroups(
        _ width: Int, _ words: UnsafePointer<UInt64>, _ groups: Int, _ base: UInt64, _ bytes: UnsafeMutableRawPointer
    ) {
        let mask: UInt64 = (1 &<< UInt64(truncatingIfNeeded: width)) &- 1
        for group in 0..<groups {
            let from = words + 8 &* group
            let to = bytes + width &* group
            var pending: UInt64 = 0
            var filled = 0
            var at = 0
            // Unrolled, and all but the words themselves is constant.
            for k in 0..<8 {
                let value = (from[k] &- base) & mask
                pending |= value &<< UInt64(truncatingIfNeeded: filled)
                filled &+= width
                if filled >= 64 {
                    to.storeBytes(of: pending.littleEndian, toByteOffset: at, as: UInt64.self)
                    at &+= 8
                    filled &-= 64
                    pending = filled == 0 ? 0 : value &>> UInt64(truncatingIfNeeded: width &- filled)
                }
            }
            if filled > 0 { to.storeBytes(of: pending.littleEndian, toByteOffset: at, as: UInt64.self) }
        }
    }

    @inline(__always)
    private static func unpackGroups(
        _ width: Int, _ words: UnsafeMutablePointer<UInt64>, _ groups: Int, _ base: UInt64, _ bytes: UnsafeRawPointer
    ) {
        let mask: UInt64 = (1 &<< UInt64(truncatingIfNeeded: width)) &- 1
        for group in 0..<groups {
            let from = bytes + width &* group
            let to = words + 8 &* group
            for k in 0..<8 {
                let bit = k &* width
                let word = UInt64(littleEndian: from.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self))
                to[k] = (word &>> UInt64(truncatingIfNeeded: bit & 7)) & mask &+ base
            }
        }
    }
}
