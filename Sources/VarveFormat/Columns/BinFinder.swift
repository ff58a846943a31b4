/// Cuts the range of words into bins, each of which is stored as a symbol and the bits above the bin's lower end.
///
/// After M. Loncaric's pcodec: the words' quantiles are the cells, and a dynamic program joins neighbouring cells where
/// one symbol and wider offsets cost less than two. Keeps its memory between columns.
struct BinFinder: ~Copyable {
    /// Bins in ascending order: where each begins, above the base of the words.
    private(set) var starts: [UInt64] = []

    private var keys = Scratch<UInt64>()
    private var spare = Scratch<UInt64>()
    private var cells = Scratch<Cell>()
    private var best = Scratch<Best>()

    private struct Cell {
        /// Of the words that were seen.
        var low: UInt64
        var high: UInt64
        /// Words up to and with this cell.
        var end: Int
    }

    private struct Best {
        var bits: Float
        var from: Int
    }

    /// What a bin's entry in the table of bins takes: width, gap and weight.
    private static let binBits: Float = 25
    /// Cells that equal shares of the words make; runs of equal words can double that.
    private static let most = 120
    /// Of a sample's words, the share that makes a word so frequent that no other may get into its bin unforeseen: one sixteenth.
    private static let frequent = 16
    /// The most words of a sample.
    static let maxWords = Logarithm.mostKnown
    /// The most distinct words of which each is looked at, however rare.
    static let maxRepeated = most

    /// Finds bins for `count` ≥ 1 words that stand for `scale` times as many, whose range is `range` above `base`.
    /// - Returns: about how many bits all words take in them, the table included.
    mutating func find(
        _ words: UnsafePointer<UInt64>, _ count: Int, base: UInt64, range: UInt64, scale: Double
    ) -> Double {
        let sorted = keys.reserve(count)
        for i in 0..<count { sorted[i] = words[i] &- base }
        let ordered = RadixSort.sort(sorted, spare.reserve(count), count, width: BitKernels.width(of: range))
        var number = join(ordered, count, isSample: scale > 1)
        snap(ordered, number, range: range, isSample: scale > 1)
        if scale > 1 { number = setApart(number, count, range: range) }
        return plan(number, count, scale: Float(scale))
    }

    /// Finds bins for words of which `number` ≥ 1 are distinct: those of `words`, each as often as `sizes` says.
    mutating func find(
        repeated words: UnsafePointer<UInt64>, _ sizes: UnsafePointer<UInt32>, _ number: Int, base: UInt64
    ) {
        let cells = cells.reserve(number)
        for i in 0..<number {
            let word = words[i] &- base
            cells[i] = Cell(low: word, high: word, end: Int(sizes[i]))
        }
        var ascending = UnsafeMutableBufferPointer(start: cells, count: number)
        ascending.sort { $0.low < $1.low }
        for i in 1..<number { cells[i].end += cells[i - 1].end }
        _ = plan(number, cells[number - 1].end, scale: 1)
    }

    /// Makes cells of about equal numbers of sorted words; equal words stay together.
    private mutating func join(_ sorted: UnsafePointer<UInt64>, _ count: Int, isSample: Bool) -> Int {
        var runs = count
        if !isSample {
            runs = 1
            for i in 1..<count where sorted[i] != sorted[i &- 1] { runs &+= 1 }
        }
        // Each word of few may be worth a bin of its own, be it rare; of a sample they aren't all.
        let isRepeated = runs <= Self.most && runs * 4 <= count
        let target = isRepeated ? 1 : Swift.max((count + Self.most - 1) / Self.most, Swift.min(count, 5))
        // With room for what `setApart` adds.
        let cells = cells.reserve((isRepeated ? runs : count / target * 2) + Self.frequent + 4)
        var number = 0
        var i = 0
        while i < count {
            let start = i
            var last = i
            // Words in the cell; the next run of equal ones joins it unless it fills a cell of its own.
            repeat {
                let word = sorted[i]
                last = i
                while i < count, sorted[i] == word { i &+= 1 }
                if i &- last >= target { break }
            } while i < count && i &- start < target
            if i &- last >= target, last > start {
                cells[number] = Cell(low: sorted[start], high: sorted[last &- 1], end: last)
                number &+= 1
                cells[number] = Cell(low: sorted[last], high: sorted[last], end: i)
            } else {
                cells[number] = Cell(low: sorted[start], high: sorted[i &- 1], end: i)
            }
            number &+= 1
        }
        return number
    }

    /// Moves the cells' lower ends down to numbers that are round for cells of that size, so that the lengths of some runs of
    /// cells are powers of two: what a bin's offsets would waste otherwise is up to a bit a word.
    private mutating func snap(_ sorted: UnsafePointer<UInt64>, _ number: Int, range: UInt64, isSample: Bool) {
        let cells = cells.reserve(number)
        for j in 0..<number {
            let start = j > 0 ? cells[j &- 1].end : 0
            if j > 0, cells[j].low < cells[j].high, cells[j &- 1].low < cells[j &- 1].high {
                let length = Swift.min(cells[j].high &- cells[j].low, cells[j &- 1].high &- cells[j &- 1].low)
                let shift = UInt64(truncatingIfNeeded: Swift.max(0, 63 &- length.leadingZeroBitCount))
                let low = (cells[j].low &>> shift) &<< shift
                let before = j > 1 ? cells[j &- 2].end : 0
                // The cell before keeps a word.
                if low > sorted[before] {
                    var first = start
                    while sorted[first &- 1] >= low { first &-= 1 }
                    cells[j &- 1].end = first
                    cells[j &- 1].high = sorted[first &- 1]
                    cells[j].low = low
                }
            }
        }
        guard isSample else { return }
        // Words that weren't looked at may lie up to where the next cell begins.
        for j in 0..<number where cells[j].low < cells[j].high {
            cells[j].high = j &+ 1 < number ? cells[j &+ 1].low &- 1 : range
        }
    }

    /// Makes cells of no words around each word that comes often: what wasn't looked at may lie there, and in the bin of the frequent
    /// word it would give all of them offsets.
    /// - Returns: the number of cells.
    private mutating func setApart(_ number: Int, _ count: Int, range: UInt64) -> Int {
        let cells = cells.reserve(number)
        var number = number
        func isFrequent(_ j: Int) -> Bool {
            let words = cells[j].end &- (j > 0 ? cells[j &- 1].end : 0)
            return cells[j].low == cells[j].high && words * Self.frequent >= count
        }
        func insert(_ cell: Cell, at j: Int) {
            (cells + j + 1).update(from: cells + j, count: number - j)
            cells[j] = cell
            number += 1
        }
        for j in (0..<number).reversed() where isFrequent(j) {
            let last = j &+ 1 < number ? cells[j &+ 1].low : range &+ 1
            let high = cells[j].high
            if high < range, last &- high > 1 {
                insert(Cell(low: high &+ 1, high: last &- 1, end: cells[j].end), at: j + 1)
            }
        }
        if isFrequent(0), cells[0].low > 0 { insert(Cell(low: 0, high: cells[0].low &- 1, end: 0), at: 0) }
        return number
    }

    /// Joins cells to bins at the least cost, and keeps the bins' starts.
    private mutating func plan(_ number: Int, _ count: Int, scale: Float) -> Double {
        guard count <= Logarithm.mostKnown else {
            // The weight of a rarer word is more than its due, which all others pay for: log₂ e bits a word.
            let least = Double(count) / Double(1 << EntropyKernels.maxLog)
            let bits = Logarithm.base2(least)
            return plan(number, count, scale: scale) { words in
                let due = Double(words)
                return due < least
                    ? Float(due * bits - (least - due) * 1.443) : Float(due * Logarithm.base2(due))
            }
        }
        return Logarithm.products.withUnsafeBufferPointer { products in
            guard let products = products.baseAddress else { return .infinity }
            return plan(number, count, scale: scale) { products[$0] }
        }
    }

    /// - Parameter product: x · log₂ x.
    @inline(__always)
    private mutating func plan(
        _ number: Int, _ count: Int, scale: Float, _ product: (Int) -> Float
    ) -> Double {
        let cells = cells.reserve(number)
        let best = best.reserve(number + 1)
        best[0] = Best(bits: 0, from: 0)
        let all = product(count)
        let each = all / Float(count)
        let table = Self.binBits / scale
        for j in 0..<number {
            let high = cells[j].high
            let end = cells[j].end
            var least = Best(bits: .infinity, from: 0)
            var i = j
            while i >= 0 {
                let words = end &- (i > 0 ? cells[i &- 1].end : 0)
                let width = 64 &- (high &- cells[i].low).leadingZeroBitCount
                let bits =
                    best[i].bits + Float(words) * (Float(width) + each) - product(words) + table
                if bits < least.bits { least = Best(bits: bits, from: i) }
                i &-= 1
            }
            // A bin of one word can't begin where the last one ends.
            if least.from == j, j > 0, cells[j].low == high {
                let gap = BitKernels.width(of: cells[j].low &- cells[j &- 1].high)
                least.bits += Float(gap / 7 * 8) / scale
            }
            best[j &+ 1] = least
        }
        starts.removeAll(keepingCapacity: true)
        var j = number
        while j > 0 {
            j = best[j].from
            starts.append(j == 0 ? 0 : cells[j].low)
        }
        starts.reverse()
        return Double(best[number].bits * scale)
    }
}

/// Least significant digit first, eight bits a pass.
enum RadixSort {
    /// Sorts `count` words below 2^width.
    /// - Returns: where they stand then: `words` or `spare`.
    static func sort(
        _ words: UnsafeMutablePointer<UInt64>, _ spare: UnsafeMutablePointer<UInt64>, _ count: Int, width: Int
    ) -> UnsafeMutablePointer<UInt64> {
        if count <= 24 {
            insert(words, count)
            return words
        }
        var (from, to) = (words, spare)
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 256) { ends in
            guard let place = ends.baseAddress else { return }
            var shift: UInt64 = 0
            while shift < UInt64(truncatingIfNeeded: width) {
                place.update(repeating: 0, count: 256)
                for i in 0..<count { place[Int(truncatingIfNeeded: from[i] &>> shift & 0xFF)] &+= 1 }
                var sum: UInt32 = 0
                for digit in 0..<256 {
                    let number = place[digit]
                    place[digit] = sum
                    sum &+= number
                }
                for i in 0..<count {
                    let digit = Int(truncatingIfNeeded: from[i] &>> shift & 0xFF)
                    to[Int(place[digit])] = from[i]
                    place[digit] &+= 1
                }
                (from, to) = (to, from)
                shift &+= 8
            }
        }
        return from
    }

    private static func insert(_ words: UnsafeMutablePointer<UInt64>, _ count: Int) {
        var i = 1
        while i < count {
            let word = words[i]
            var j = i
            while j > 0, words[j &- 1] > word {
                words[j] = words[j &- 1]
                j &-= 1
            }
            words[j] = word
            i &+= 1
        }
    }
}
