/// Estimates what a body makes of words, without making it.
///
/// The figures are in bits and count what depends on the number of words; they serve to rank bodies, not to size
/// buffers.
struct ColumnStatistics: ~Copyable {
    private var histogram = Scratch<UInt32>()
    private var table = DistinctWords()
    private var seen = Scratch<UInt64>()

    /// One way to store words, and about how many bits that takes.
    struct Estimate {
        var body: BodyCode
        var bits: Double
    }

    /// What a compressed block costs besides its symbols: frame and block headers.
    private static let blockBits = 8.0 * 14

    /// What an exception takes: its word, and its position.
    static let exceptionBits = 76.0

    /// About the share of words that came before, not counting those of a run of equal words, or that have none of the
    /// bits `zeros`: what zstd sees, and counts of distances don't.
    mutating func patterns(_ words: UnsafePointer<UInt64>, _ count: Int, zeros: UInt64) -> Double {
        let bits = count <= 256 ? 9 : 11
        let slot = seen.reserve(1 << bits)
        slot.update(repeating: ~words[0], count: 1 << bits)
        let shift = UInt64(truncatingIfNeeded: 64 &- bits)
        var last = ~words[0]
        var found = 0
        for i in 0..<count {
            let word = words[i]
            let place = Int(truncatingIfNeeded: (word &* 0x9E37_79B9_7F4A_7C15) &>> shift)
            found &+= (slot[place] == word || word & zeros == 0) && word != last ? 1 : 0
            slot[place] = word
            last = word
        }
        return Double(found) / Double(count)
    }

    /// About the share of pairs of different neighbours that came before, however far ahead: a run that was logged twice. A sample of
    /// words can't tell.
    ///
    /// Looks at one pair in sixteen, chosen by what it is, so that what comes again is looked at again.
    mutating func repeatedPairs(_ words: UnsafePointer<UInt64>, _ count: Int) -> Double {
        let slots = seen.reserve(1 << 12)
        slots.update(repeating: 0, count: 1 << 12)
        var (looked, found) = (0, 0)
        for i in 1..<count {
            let pair = (words[i &- 1] &* 0xD6E8_FEB8_6659_FD93 &+ words[i]) &* 0x9E37_79B9_7F4A_7C15
            guard pair &>> 60 == 0, words[i] != words[i &- 1] else { continue }
            // The twelve bits behind the four that are zero.
            let place = Int(truncatingIfNeeded: pair &>> 48)
            looked &+= 1
            found &+= slots[place] == pair ? 1 : 0
            slots[place] = pair
        }
        return looked > 0 ? Double(found) / Double(looked) : 0
    }

    /// The mean number of bits in which words differ from the one in their middle.
    func meanLength(_ words: UnsafePointer<UInt64>, _ count: Int) -> Double {
        let center = Self.middle(words, count)
        var sum = 0
        for i in 0..<count {
            let apart = Int64(bitPattern: words[i] &- center)
            sum &+= 64 &- UInt64(bitPattern: apart ^ apart &>> 63).leadingZeroBitCount
        }
        return Double(sum) / Double(count)
    }

    /// About the median, of a few words.
    private static func middle(_ words: UnsafePointer<UInt64>, _ count: Int) -> UInt64 {
        let picked = Swift.min(count, 15)
        let origin = words[0]
        return withUnsafeTemporaryAllocation(of: Int64.self, capacity: 15) { some in
            for i in 0..<picked {
                let word = Int64(bitPattern: words[i &* count / picked] &- origin)
                var j = i
                while j > 0, some[j &- 1] > word {
                    some[j] = some[j &- 1]
                    j &-= 1
                }
                some[j] = word
            }
            return UInt64(bitPattern: some[picked / 2]) &+ origin
        }
    }

    /// What columns of few distinct words take.
    struct Repeated {
        var distinct: Int
        /// As a dictionary.
        var dictionaryBits: Double
        /// In bins, one for each of them.
        var binBits: Double
    }

    /// What a dictionary and bins take, if few enough words are distinct.
    mutating func repeated(_ words: UnsafePointer<UInt64>, _ count: Int, _ total: Double) -> Repeated? {
        let most = Swift.min(256, count * 3 / 4)
        guard count >= 4, let distinct = table.count(words, count, most: most), distinct > 1 else { return nil }
        let width = BitKernels.width(of: BodyRange.of(words, count).range)
        let entropy = table.entropy(of: count)
        let coded =
            total * Swift.max(entropy * (entropy < 2.5 ? 1.2 : 1.03), 0.1) + Double(distinct) * 6 + Self.blockBits
        let flat = total * Double(BitKernels.width(of: UInt64(distinct - 1)))
        let each = Double(width) * 8 / 7 + 8
        return Repeated(
            distinct: distinct, dictionaryBits: Double(distinct) * each + Swift.min(coded, flat),
            binBits: Double(distinct) * (each + 8) + total * (entropy + 0.04))
    }

    /// The bodies that suit `count` ≥ 1 words of a sample that stands for `scale` times as many.
    ///
    /// Planes only on demand: they take eight passes, and seldom win where bins are tried.
    mutating func estimates(
        _ words: UnsafePointer<UInt64>, _ count: Int, scale: Double, planes: Bool
    ) -> [Estimate] {
        if WordKernels.isConstant(words, count) { return [Estimate(body: .constant, bits: 80)] }
        let total = Double(count) * scale
        let (base, range) = BodyRange.of(words, count)
        let width = BitKernels.width(of: range)
        var result = [Estimate(body: .packed, bits: total * Double(width) + 32)]
        // So few bytes aren't worth a zstd frame.
        let isShort = total < 64
        if !isShort { result.append(Estimate(body: .split, bits: splitBits(words, count, total, base, range))) }
        if let window = window(words, count, full: (base, range)) {
            var outliers = 0
            for i in 0..<count { outliers &+= words[i] &- window.base > window.range ? 1 : 0 }
            if outliers * 20 < count {
                let width = BitKernels.width(of: window.range)
                let bits =
                    isShort
                    ? total * Double(Swift.max(8, width)) + 64
                    : splitBits(words, count, total, window.base, window.range)
                let lost = Double(outliers) * scale * Self.exceptionBits
                result.append(Estimate(body: .trimmed, bits: bits + lost))
            }
        }
        if planes, !isShort {
            var bits = Self.blockBits
            let histogram = histogram.reserve(256)
            for plane in 0..<Swift.max(1, (width + 7) / 8) {
                self.count(words, count, base: base, shift: 8 * plane, range: range, histogram)
                let symbols = self.bits(histogram, 256, count)
                // Few samples of noise show less than all the bytes there are.
                bits += symbols.bits > (count < 1024 ? 6.3 : 7) ? total * 8 : total * symbols.bits + symbols.table
            }
            result.append(Estimate(body: .planes, bits: bits))
        }
        return result
    }

    private mutating func splitBits(
        _ words: UnsafePointer<UInt64>, _ count: Int, _ total: Double, _ base: UInt64, _ range: UInt64
    ) -> Double {
        let upper = upper(words, count, base: base, range: range, total: total)
        return total * (Double(upper.cut) + upper.bits) + upper.table + Self.blockBits
    }

    /// The upper parts of words that are split.
    struct Upper {
        /// The bits below them.
        var cut: Int
        /// What an upper part takes in a Huffman code, in bits; and the code's table.
        var bits: Double
        var table: Double
        /// The same for the finest cut there is.
        var finestCut: Int
        var finestBits: Double
    }

    /// The best cut for a split of words, a sample of `total`, whose range is `range` above `base`.
    private mutating func upper(
        _ words: UnsafePointer<UInt64>, _ count: Int, base: UInt64, range: UInt64, total: Double
    ) -> Upper {
        let width = BitKernels.width(of: range)
        let shift = Swift.max(0, width - 8)
        let histogram = histogram.reserve(256)
        self.count(words, count, base: base, shift: shift, range: range, histogram)
        return upper(histogram, count, shift: shift, width: width, total: total)
    }

    /// The best cut for a split of all these words; `bytes` are then their upper parts by the finest cut.
    mutating func upper(
        of words: UnsafePointer<UInt64>, _ count: Int, base: UInt64, range: UInt64,
        into bytes: UnsafeMutablePointer<UInt8>
    ) -> Upper {
        let width = BitKernels.width(of: range)
        let shift = Swift.max(0, width - 8)
        WordKernels.extract(words, count, base: base, shift: shift, to: bytes)
        let histogram = histogram.reserve(256)
        histogram.update(repeating: 0, count: 256)
        for i in 0..<count { histogram[Int(bytes[i])] &+= 1 }
        return upper(histogram, count, shift: shift, width: width, total: Double(count))
    }

    private func upper(
        _ histogram: UnsafeMutablePointer<UInt32>, _ count: Int, shift: Int, width: Int, total: Double
    ) -> Upper {
        var symbols = bits(histogram, 256, count)
        var upper = Upper(
            cut: shift, bits: symbols.bits, table: symbols.table, finestCut: shift, finestBits: symbols.bits)
        // The table of 256 symbols is small beside many words: then the finest cut is best.
        guard total < 4096 else { return upper }
        var number = 256
        while upper.cut < width - 1 {
            number /= 2
            for i in 0..<number { histogram[i] = histogram[2 * i] &+ histogram[2 * i + 1] }
            symbols = bits(histogram, number, count)
            if total * upper.bits + upper.table < total * (symbols.bits + 1) + symbols.table { break }
            upper.cut += 1
            (upper.bits, upper.table) = symbols
        }
        return upper
    }

    /// Where the bulk of the words lies, if that is much less than their whole range.
    ///
    /// Some times the distance of the quartiles, so that these are far enough apart for 256 upper parts to show the
    /// shape.
    func window(
        _ words: UnsafePointer<UInt64>, _ count: Int, full: (base: UInt64, range: UInt64)
    ) -> (base: UInt64, range: UInt64)? {
        // 256 upper parts of four bits' width or less leave nothing to gain.
        guard count >= 16, full.range >= 1 << 10 else { return nil }
        let picked = Swift.min(count, count < 4096 ? 64 : 256)
        return withUnsafeTemporaryAllocation(of: Int64.self, capacity: picked) { some in
            // Relative to one of them, so that wrapping around does no harm.
            let origin = words[count / 2]
            for i in 0..<picked { some[i] = Int64(bitPattern: words[i &* count / picked] &- origin) }
            var sorted = some
            sorted.sort()
            let low = some[picked / 4]
            let middle = some[picked * 3 / 4] &- low
            guard middle >= 0, middle < Int64.max >> 8 else { return nil }
            for reach in [3, 12, 48] as [Int64] {
                let base = low &- middle &* reach &- reach
                let range = UInt64(middle &* (2 &* reach &+ 1) &+ 2 &* reach)
                guard full.range / 4 > range else { return nil }
                let outliers = some.count { UInt64(bitPattern: $0 &- base) > range }
                if outliers * 50 <= picked { return (UInt64(bitPattern: base) &+ origin, range) }
            }
            return nil
        }
    }

    /// Counts byte `(word − base) >> shift` of each word; of a word beyond `range`, 0.
    private func count(
        _ words: UnsafePointer<UInt64>, _ count: Int, base: UInt64, shift: Int, range: UInt64,
        _ histogram: UnsafeMutablePointer<UInt32>
    ) {
        histogram.update(repeating: 0, count: 256)
        let shift = UInt64(truncatingIfNeeded: shift)
        for i in 0..<count {
            let above = words[i] &- base
            let inside = above <= range ? above : 0
            histogram[Int(truncatingIfNeeded: inside &>> shift & 0xFF)] &+= 1
        }
    }

    /// What a Huffman code makes of `count` bytes below `number` that were counted.
    private func bits(
        _ histogram: UnsafePointer<UInt32>, _ number: Int, _ count: Int
    ) -> (bits: Double, table: Double) {
        var sum = 0.0
        var distinct = 0.0
        var greatest: UInt32 = 0
        if count <= Logarithm.mostKnown {
            let known: (Float, Int32, UInt32) = Logarithm.products.withUnsafeBufferPointer { products in
                guard let products = products.baseAddress else { return (0, 0, 0) }
                var (sum, distinct, greatest): (Float, Int32, UInt32) = (0, 0, 0)
                for i in 0..<number {
                    let size = histogram[i]
                    sum += products[Int(truncatingIfNeeded: size)]
                    distinct &+= size > 0 ? 1 : 0
                    greatest = size > greatest ? size : greatest
                }
                return (sum, distinct, greatest)
            }
            (sum, distinct, greatest) = (Double(known.0), Double(known.1), known.2)
        } else {
            for i in 0..<number where histogram[i] > 0 {
                sum += Double(histogram[i]) * Logarithm.base2(Double(histogram[i]))
                distinct += 1
                greatest = Swift.max(greatest, histogram[i])
            }
        }
        if distinct == 1 { return (0, 0) }
        // A sample shows less entropy than there is: the correction is Miller's.
        let entropy = Logarithm.base2(Double(count)) - sum / Double(count) + (distinct - 1) * 0.72 / Double(count)
        // A Huffman code gives no symbol less than a bit; matches of the same symbol in a row do.
        let share = Double(greatest) / Double(count)
        let floor = share > 0.9 ? entropy * 1.3 : Swift.max(entropy, 1)
        // Of few symbols, zstd makes matches that cost more than the symbols would.
        let matched = floor < 2.5 ? floor * 1.2 : floor < 4 ? floor * 1.06 : floor
        return (Swift.min(matched, 8), distinct * 4.5)
    }
}
