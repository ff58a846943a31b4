/// A small table of the distinct words of a column, in the order in which they come.
struct DistinctWords: ~Copyable {
    /// The most distinct words that it holds.
    static let most = 256
    /// For each slot the number of its word + 1; 0: empty. The words are apart: what is cleared for each column is small.
    private var slots = Scratch<UInt16>()
    private var found = Scratch<UInt64>()
    private var counters = Scratch<UInt32>()
    private(set) var count = 0

    /// The words that were found.
    var words: UnsafeMutablePointer<UInt64> { mutating get { found.reserve(Self.most) } }

    /// How often each of them came, once they were counted.
    var sizes: UnsafeMutablePointer<UInt32> { mutating get { counters.reserve(Self.most) } }

    /// The number of distinct words, or nil if there are more than `most` ≤ 256.
    mutating func count(_ source: UnsafePointer<UInt64>, _ count: Int, most: Int) -> Int? {
        let sizes = sizes
        sizes.update(repeating: 0, count: Self.most)
        return find(source, count, most: most) { _, number in sizes[number] &+= 1 } ? self.count : nil
    }

    /// Finds the distinct words, and writes the number of each word into `numbers`.
    /// - Returns: false if there are more than 256.
    mutating func number(
        _ source: UnsafePointer<UInt64>, _ count: Int, into numbers: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        find(source, count, most: Self.most) { i, number in numbers[i] = UInt8(truncatingIfNeeded: number) }
    }

    /// Calls `found` with the position of each word and the number of the distinct one that it is.
    @inline(__always)
    private mutating func find(
        _ source: UnsafePointer<UInt64>, _ count: Int, most: Int, _ found: (Int, Int) -> Void
    ) -> Bool {
        // At least twice as many slots as words, so that a search ends soon.
        let bits = count <= 64 ? 7 : 10
        let slots = slots.reserve(1 << bits)
        slots.update(repeating: 0, count: 1 << bits)
        let (shift, mask) = (UInt64(truncatingIfNeeded: 64 &- bits), (1 << bits) &- 1)
        let words = words
        var known = 0
        self.count = 0
        for i in 0..<count {
            let word = source[i]
            var at = Int(truncatingIfNeeded: (word &* 0x9E37_79B9_7F4A_7C15) &>> shift)
            var entry = Int(truncatingIfNeeded: slots[at])
            while entry != 0, words[entry &- 1] != word {
                at = (at &+ 1) & mask
                entry = Int(truncatingIfNeeded: slots[at])
            }
            if entry == 0 {
                if known == most { return false }
                words[known] = word
                known &+= 1
                entry = known
                slots[at] = UInt16(truncatingIfNeeded: known)
            }
            found(i, entry &- 1)
        }
        self.count = known
        return true
    }

    /// Bits a word, from how often each came, of `count` in all.
    mutating func entropy(of count: Int) -> Double {
        let sizes = sizes
        var sum = 0.0
        for i in 0..<self.count { sum += Logarithm.product(sizes[i]) }
        return Logarithm.base2(Double(count)) - sum / Double(count)
    }
}
