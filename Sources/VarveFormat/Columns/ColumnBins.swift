/// The bins of a body (Format.md, section 4): what a symbol stands for, and how often it comes.
///
/// Keeps its memory between columns; the pointers inside are valid as long as it is.
struct ColumnBins: ~Copyable {
    private(set) var count = 0
    /// log₂ of the sum of the weights.
    private(set) var log = 0
    /// The most bits that an offset has.
    private(set) var widest = 0
    private var lowerWords = Scratch<UInt64>()
    private var widthWords = Scratch<UInt64>()
    private var weightWords = Scratch<UInt32>()
    private var counters = Scratch<UInt32>()
    private var highs = Scratch<UInt64>()
    private var lookUp = Scratch<UInt8>()

    static let most = 256

    var lowers: UnsafeMutablePointer<UInt64> { mutating get { lowerWords.reserve(Self.most + 1) } }
    var widths: UnsafeMutablePointer<UInt64> { mutating get { widthWords.reserve(Self.most) } }
    var weights: UnsafeMutablePointer<UInt32> { mutating get { weightWords.reserve(Self.most) } }

    // MARK: Reading

    /// Takes the table of bins.
    mutating func take(_ reader: inout ByteReader) throws(FormatError) {
        let (lowers, widths, weights) = (lowers, widths, weights)
        let start = reader.offset
        log = Int(try reader.u8("the logarithm of the states"))
        guard log <= EntropyKernels.maxLog else {
            throw FormatError(
                .corrupt, at: start, expected: "a logarithm of at most \(EntropyKernels.maxLog)", found: "\(log)")
        }
        count = try reader.count("the bins of a column", cap: Self.most)
        guard count >= 1 else { throw FormatError(.corrupt, at: start, expected: "1 to 256 bins", found: "0") }
        var end: UInt64 = 0
        var sum: UInt64 = 0
        widest = 0
        for bin in 0..<count {
            let lower = end &+ UInt64(bitPattern: try reader.zigzag("the gap before a bin"))
            let at = reader.offset
            let width = try reader.u8("the width of a bin")
            guard width <= 64 else {
                throw FormatError(.corrupt, at: at, expected: "a width of at most 64 bits", found: "\(width)")
            }
            let weight = UInt64(try reader.count("the weight of a bin", cap: 1 << log)) &+ 1
            lowers[bin] = lower
            widths[bin] = UInt64(width)
            weights[bin] = UInt32(truncatingIfNeeded: weight)
            end = lower &+ Self.size(width)
            sum &+= weight
            widest = Swift.max(widest, Int(width))
        }
        guard sum == 1 << UInt64(log) else {
            throw FormatError(.corrupt, at: start, expected: "weights that sum up to \(1 << log)", found: "\(sum)")
        }
    }

    /// 2^width; 0 for 2⁶⁴.
    private static func size(_ width: UInt8) -> UInt64 { width < 64 ? 1 << UInt64(width) : 0 }

    // MARK: Writing

    /// Finds the symbol of each word, and with them the bins' widths and weights.
    mutating func fit(
        _ words: UnsafePointer<UInt64>, _ number: Int, base: UInt64, range: UInt64, starts: [UInt64],
        to symbols: UnsafeMutablePointer<UInt8>
    ) {
        let (lowers, widths) = (lowers, widths)
        count = starts.count
        for bin in 0..<count { lowers[bin] = starts[bin] }
        lowers[count] = .max
        assign(words, number, base: base, range: range, symbols)
        let counters = counters.reserve(Self.most)
        let highs = highs.reserve(Self.most)
        counters.update(repeating: 0, count: count)
        highs.update(repeating: 0, count: count)
        for i in 0..<number {
            let symbol = Int(symbols[i])
            counters[symbol] &+= 1
            highs[symbol] = Swift.max(highs[symbol], words[i] &- base)
        }
        dropEmpty(counters, highs, symbols, number)
        weigh(counters, number)
        widest = 0
        var end: UInt64 = 0
        for bin in 0..<count {
            let width = BitKernels.width(of: highs[bin] &- lowers[bin])
            // A bin may begin lower than its words do: where the last one ends, so that no gap is to be told.
            let room = width < 64 ? (UInt64(1) &<< UInt64(width)) &- 1 : .max
            let least = highs[bin] > room ? highs[bin] &- room : 0
            let lower = Swift.min(Swift.max(end, least), lowers[bin])
            widths[bin] = UInt64(width)
            lowers[bin] = lower &+ base
            end = lower &+ Self.size(UInt8(width))
            widest = Swift.max(widest, width)
        }
    }

    /// Leaves out the bins that a sample made room for and that no word came to.
    private mutating func dropEmpty(
        _ counters: UnsafeMutablePointer<UInt32>, _ highs: UnsafeMutablePointer<UInt64>,
        _ symbols: UnsafeMutablePointer<UInt8>, _ number: Int
    ) {
        let lowers = lowers
        let places = lookUp.reserve(Self.most)
        var kept = 0
        for bin in 0..<count where counters[bin] > 0 {
            places[bin] = UInt8(truncatingIfNeeded: kept)
            (lowers[kept], counters[kept], highs[kept]) = (lowers[bin], counters[bin], highs[bin])
            kept += 1
        }
        guard kept < count else { return }
        for i in 0..<number { symbols[i] = places[Int(symbols[i])] }
        count = kept
    }

    /// The bin of each word, by a table over its uppermost bits and a step or two from there.
    private mutating func assign(
        _ words: UnsafePointer<UInt64>, _ number: Int, base: UInt64, range: UInt64,
        _ symbols: UnsafeMutablePointer<UInt8>
    ) {
        let lowers = lowers
        let bits = number <= 64 ? 4 : number < 2048 ? 8 : 11
        let shift = UInt64(truncatingIfNeeded: Swift.max(0, BitKernels.width(of: range) - bits))
        let table = lookUp.reserve(1 << bits)
        var bin = 0
        var steps = 0
        for slot in 0...(range &>> shift) {
            let first = slot &<< shift
            while bin &+ 1 < count, lowers[bin &+ 1] <= first { bin &+= 1 }
            table[Int(slot)] = UInt8(truncatingIfNeeded: bin)
            var ahead = bin
            let last = first | ((1 &<< shift) &- 1)
            while ahead &+ 1 < count, lowers[ahead &+ 1] <= last { ahead &+= 1 }
            steps = Swift.max(steps, ahead &- bin)
        }
        // Without a bin beyond the last to compare with, where words may be as large as that.
        switch range == .max ? 2 : steps {
        case 0:
            for i in 0..<number { symbols[i] = table[Int((words[i] &- base) &>> shift)] }
        case 1:
            for i in 0..<number {
                let above = words[i] &- base
                let bin = table[Int(above &>> shift)]
                symbols[i] = bin &+ (lowers[Int(bin) &+ 1] <= above ? 1 : 0)
            }
        default:
            for i in 0..<number {
                let above = words[i] &- base
                var bin = Int(table[Int(above &>> shift)])
                var left = Swift.max(steps, 1)
                // Halving what may lie ahead; bins beyond the last begin nowhere.
                while left > 0 {
                    let half = (left &+ 1) / 2
                    let ahead = bin &+ half
                    bin = ahead < count && lowers[ahead] <= above ? ahead : bin
                    left = left &- half
                }
                symbols[i] = UInt8(truncatingIfNeeded: bin)
            }
        }
    }

    /// Finds the number of states, and weights ≥ 1 that sum up to it.
    private mutating func weigh(_ counters: UnsafePointer<UInt32>, _ number: Int) {
        let needed = BitKernels.width(of: UInt64(count - 1))
        // A finer scale than the counts tell makes a larger table to build, and nothing smaller.
        let fine = number < 256 ? 7 : number < 1024 ? 8 : number < 4096 ? 9 : number < 8192 ? 10 : 11
        log = count == 1 ? 0 : Swift.min(EntropyKernels.maxLog, Swift.max(fine, needed + 2))
        scale(counters, number)
        guard count > 1, number > EntropyKernels.block else { return }
        // Each block states four states in full: fewer of them cost less where the weights still fit the counts.
        var least = bits(counters, number)
        while log > needed + 2 {
            log -= 1
            scale(counters, number)
            let bits = bits(counters, number)
            if bits >= least {
                log += 1
                return scale(counters, number)
            }
            least = bits
        }
    }

    /// About how many bits the symbols take with these weights.
    private mutating func bits(_ counters: UnsafePointer<UInt32>, _ number: Int) -> Double {
        let weights = weights
        let blocks = (number + EntropyKernels.block - 1) / EntropyKernels.block
        var bits = Double(log) * Double(number + 4 * blocks)
        for bin in 0..<count { bits -= Double(counters[bin]) * Logarithm.base2(Double(weights[bin])) }
        return bits
    }

    /// Scales counts to weights ≥ 1 that sum up to 2^``log``.
    private mutating func scale(_ counters: UnsafePointer<UInt32>, _ number: Int) {
        let weights = weights
        let size = 1 << log
        let scale = Double(size) / Double(number)
        var left = size
        for bin in 0..<count {
            let weight = Swift.max(1, Int((Double(counters[bin]) * scale).rounded()))
            weights[bin] = UInt32(weight)
            left -= weight
        }
        while left != 0 {
            // Where one more or less matters least: at the largest.
            var largest = 0
            for bin in 1..<count where weights[bin] > weights[largest] { largest = bin }
            let change = left > 0 ? left : Swift.max(left, -Int(weights[largest] / 4) - 1)
            weights[largest] = UInt32(Int(weights[largest]) + change)
            left -= change
        }
    }

    /// Appends the table of bins.
    mutating func append(to writer: inout ByteWriter) {
        let (lowers, widths, weights) = (lowers, widths, weights)
        writer.u8(UInt8(log))
        writer.varint(count)
        var end: UInt64 = 0
        for bin in 0..<count {
            let width = UInt8(widths[bin])
            writer.zigzag(Int64(bitPattern: lowers[bin] &- end))
            writer.u8(width)
            writer.varint(Int(weights[bin]) - 1)
            end = lowers[bin] &+ Self.size(width)
        }
    }
}
