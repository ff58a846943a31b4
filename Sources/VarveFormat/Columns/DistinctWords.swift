/// A small table of the distinct words of a column, in the order in which they come.
struct DistinctWords {
    private static let slotCount = 1024
    /// Indices into `words` + 1; 0: empty.
    private var slots = [UInt16](repeating: 0, count: slotCount)
    private(set) var words: [UInt64] = []
    private var counts: [UInt32] = []

    @inline(__always)
    private static func slot(_ word: UInt64) -> Int { Int((word &* 0x9E37_79B9_7F4A_7C15) &>> 54) }

    /// The number of distinct words, or nil if there are more than `most` ≤ 256.
    mutating func count(_ source: UnsafePointer<UInt64>, _ count: Int, most: Int) -> Int? {
        index(source, count, most: most, into: nil) ? words.count : nil
    }

    /// Finds the distinct words; writes the index of each word into `indices`, if given.
    /// - Returns: false if there are more than `most` ≤ 256.
    mutating func index(
        _ source: UnsafePointer<UInt64>, _ count: Int, most: Int, into indices: UnsafeMutablePointer<UInt8>?
    ) -> Bool {
        slots.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
        words.removeAll(keepingCapacity: true)
        counts.removeAll(keepingCapacity: true)
        return slots.withUnsafeMutableBufferPointer { slots in
            for i in 0..<count {
                let word = source[i]
                var at = Self.slot(word)
                while true {
                    let entry = Int(slots[at])
                    if entry == 0 {
                        if words.count == most { return false }
                        words.append(word)
                        counts.append(1)
                        slots[at] = UInt16(words.count)
                        indices?[i] = UInt8(truncatingIfNeeded: words.count - 1)
                        break
                    }
                    if words[entry - 1] == word {
                        counts[entry - 1] &+= 1
                        indices?[i] = UInt8(truncatingIfNeeded: entry - 1)
                        break
                    }
                    at = (at + 1) & (Self.slotCount - 1)
                }
            }
            return true
        }
    }

    /// Bits a word, from how often each came.
    func entropy(of count: Int) -> Double {
        let sum = counts.reduce(0.0) { $0 + Double($1) * Logarithm.base2(Double($1)) }
        return Logarithm.base2(Double(count)) - sum / Double(count)
    }
}
