/// A tabled asymmetric numeral system (tANS) over at most 256 symbols, in blocks with four interleaved states.
///
/// After J. Duda, "Asymmetric numeral systems" (arXiv:1311.2540), with the table layout and the encoder's two sums of
/// Y. Collet's FSE. Unsafe: the callers have checked weights, counts and sizes.
enum EntropyKernels {
    /// States a block starts with: value i belongs to state i mod 4, so that four chains of look-ups run side by side.
    static let lanes = 4
    /// Values a block.
    static let block = 1024
    /// log₂ of the most states: a table of 16 KiB.
    static let maxLog = 12

    /// The most bytes that reading a block of `count` values may touch, however wrong its bits are.
    static func reach(_ count: Int) -> Int { Swift.min(count, block) * (maxLog + 64) / 8 + 32 }

    /// Calls `place` with each symbol in the order of the states.
    @inline(__always)
    static func spread(
        _ weights: UnsafePointer<UInt32>, _ count: Int, log: Int, _ place: (_ state: Int, _ symbol: Int) -> Void
    ) {
        let size = 1 &<< log
        // Odd, so that it meets every state once.
        let step = (size &>> 1 &+ size &>> 3 &+ 3) | 1
        var state = 0
        for symbol in 0..<count {
            for _ in 0..<Int(weights[symbol]) {
                place(state, symbol)
                state = (state &+ step) & (size &- 1)
            }
        }
    }

    /// Fills `table`, of 2^log entries: symbol in byte 0, bits to read in byte 1, the state to add them to in the upper half.
    ///
    /// The weights are ≥ 1 and sum up to 2^log; `next` has room for one number a symbol.
    static func makeDecoder(
        _ weights: UnsafePointer<UInt32>, _ count: Int, log: Int, _ table: UnsafeMutablePointer<UInt32>,
        next: UnsafeMutablePointer<UInt32>
    ) {
        spread(weights, count, log: log) { state, symbol in
            table[state] = UInt32(truncatingIfNeeded: symbol)
        }
        next.update(from: weights, count: count)
        let size = UInt32(1) &<< UInt32(truncatingIfNeeded: log)
        for state in 0..<(1 &<< log) {
            let symbol = table[state]
            let number = next[Int(symbol)]
            next[Int(symbol)] = number &+ 1
            let bits = UInt32(truncatingIfNeeded: log &- 31 &+ number.leadingZeroBitCount)
            table[state] = symbol | bits &<< 8 | ((number &<< bits) &- size) &<< 16
        }
    }

    @inline(__always)
    private static func load(_ source: UnsafeRawPointer, _ bit: Int) -> UInt64 {
        UInt64(littleEndian: source.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self))
            &>> UInt64(truncatingIfNeeded: bit & 7)
    }

    @inline(__always)
    private static func low(_ word: UInt64, _ bits: UInt64) -> UInt64 { word & ((1 &<< bits) &- 1) }

    /// Fills `masks` with numbers of as many ones as each of 0 ..< 16 says, for ``decode(_:_:_:log:masks:to:)``.
    static func makeMasks(_ masks: UnsafeMutablePointer<UInt64>) {
        for bits in 0..<16 { masks[bits] = (1 &<< UInt64(truncatingIfNeeded: bits)) &- 1 }
    }

    /// The four states of a block, and how far its symbols were read.
    private struct Lanes {
        var x0: UInt64
        var x1: UInt64
        var x2: UInt64
        var x3: UInt64
        var bit = 0

        /// The states that the block begins with.
        init(_ source: UnsafeRawPointer, _ count: Int, log: Int) {
            let width = UInt64(truncatingIfNeeded: log)
            x0 = low(load(source, 0), width)
            x1 = count > 1 ? low(load(source, log), width) : 0
            x2 = count > 2 ? low(load(source, 2 &* log), width) : 0
            x3 = count > 3 ? low(load(source, 3 &* log), width) : 0
            bit = Swift.min(count, lanes) &* log
        }

        /// Takes four symbols.
        @inline(__always)
        mutating func step(
            _ source: UnsafeRawPointer, _ table: UnsafePointer<UInt32>, _ masks: UnsafePointer<UInt64>,
            to symbols: UnsafeMutablePointer<UInt8>
        ) {
            let (e0, e1, e2, e3) = (entry(table, x0), entry(table, x1), entry(table, x2), entry(table, x3))
            symbols[0] = UInt8(truncatingIfNeeded: e0)
            symbols[1] = UInt8(truncatingIfNeeded: e1)
            symbols[2] = UInt8(truncatingIfNeeded: e2)
            symbols[3] = UInt8(truncatingIfNeeded: e3)
            // Four times at most 12 bits: one word has them all.
            var word = load(source, bit)
            let (n0, n1, n2, n3) = (e0 &>> 8 & 0xFF, e1 &>> 8 & 0xFF, e2 &>> 8 & 0xFF, e3 &>> 8 & 0xFF)
            bit &+= Int(truncatingIfNeeded: n0 &+ n1 &+ n2 &+ n3)
            x0 = e0 &>> 16 &+ word & masks[Int(truncatingIfNeeded: n0)]
            word &>>= n0
            x1 = e1 &>> 16 &+ word & masks[Int(truncatingIfNeeded: n1)]
            word &>>= n1
            x2 = e2 &>> 16 &+ word & masks[Int(truncatingIfNeeded: n2)]
            word &>>= n2
            x3 = e3 &>> 16 &+ word & masks[Int(truncatingIfNeeded: n3)]
        }

        /// Takes the last symbols, from `i` on.
        mutating func finish(
            _ source: UnsafeRawPointer, _ table: UnsafePointer<UInt32>, from start: Int, _ count: Int,
            to symbols: UnsafeMutablePointer<UInt8>
        ) {
            for i in start..<count {
                let found = entry(table, x0)
                symbols[i] = UInt8(truncatingIfNeeded: found)
                var next: UInt64 = 0
                // The last value of each state reads no further.
                if i &+ lanes < count {
                    let bits = found &>> 8 & 0xFF
                    next = found &>> 16 &+ low(load(source, bit), bits)
                    bit &+= Int(truncatingIfNeeded: bits)
                }
                (x0, x1, x2, x3) = (x1, x2, x3, next)
            }
        }

        @inline(__always)
        private func entry(_ table: UnsafePointer<UInt32>, _ state: UInt64) -> UInt64 {
            UInt64(truncatingIfNeeded: table[Int(truncatingIfNeeded: state)])
        }
    }

    /// Takes the symbols of a block of `count` ≥ 1 values.
    /// - Parameter masks: what ``makeMasks(_:)`` has made: looking one up is quicker than making it.
    /// - Returns: the bits that were read, from the beginning of `source`.
    static func decode(
        _ source: UnsafeRawPointer, _ count: Int, _ table: UnsafePointer<UInt32>, log: Int,
        masks: UnsafePointer<UInt64>, to symbols: UnsafeMutablePointer<UInt8>
    ) -> Int {
        var lanes = Lanes(source, count, log: log)
        var i = 0
        while i &+ 8 <= count {
            lanes.step(source, table, masks, to: symbols + i)
            i &+= 4
        }
        lanes.finish(source, table, from: i, count, to: symbols)
        return lanes.bit
    }

    /// Takes the symbols of two whole blocks side by side: each waits for its own look-ups, and the processor does the other's
    /// meanwhile (2.7 to 2.0 ns a value of noisy floats).
    /// - Parameter symbols: has room for both, end to end.
    /// - Returns: the bits that were read of each.
    static func decodePair(
        _ first: UnsafeRawPointer, _ second: UnsafeRawPointer, _ table: UnsafePointer<UInt32>, log: Int,
        masks: UnsafePointer<UInt64>, to symbols: UnsafeMutablePointer<UInt8>
    ) -> (Int, Int) {
        var a = Lanes(first, block, log: log)
        var b = Lanes(second, block, log: log)
        var i = 0
        while i < block &- 4 {
            a.step(first, table, masks, to: symbols + i)
            b.step(second, table, masks, to: symbols + (block &+ i))
            i &+= 4
        }
        a.finish(first, table, from: i, block, to: symbols)
        b.finish(second, table, from: i, block, to: symbols + block)
        return (a.bit, b.bit)
    }

    /// What ``offsets(_:bit:_:_:_:widest:to:)`` looks up for a symbol.
    struct Offset: BitwiseCopyable {
        var lower: UInt64
        /// As many ones as the bin is wide.
        var mask: UInt64
        var width: UInt64

        init(lower: UInt64, width: UInt64) {
            self.lower = lower
            self.width = width
            mask = width < 64 ? (1 &<< width) &- 1 : .max
        }
    }

    /// Makes words of symbols: the lower end of a symbol's bin, and as many bits from `source`, from `bit` on, as it is wide.
    /// - Returns: the bit after the last.
    static func offsets(
        _ source: UnsafeRawPointer, bit: Int, _ symbols: UnsafePointer<UInt8>, _ count: Int,
        _ bins: UnsafePointer<Offset>, widest: Int, to words: UnsafeMutablePointer<UInt64>
    ) -> Int {
        var bit = bit
        var i = 0
        @inline(__always)
        func take(_ word: inout UInt64) -> UInt64 {
            let bin = bins + Int(symbols[i])
            words[i] = bin.pointee.lower &+ word & bin.pointee.mask
            let width = bin.pointee.width
            word &>>= width
            i &+= 1
            return width
        }
        // A load has 57 bits for sure: those of several values, where they are narrow.
        switch widest {
        case 0:
            for i in 0..<count { words[i] = bins[Int(symbols[i])].lower }
            return bit
        case ...14:
            while i &+ 4 <= count {
                var word = load(source, bit)
                bit &+= Int(truncatingIfNeeded: take(&word) &+ take(&word) &+ take(&word) &+ take(&word))
            }
        case ...19:
            while i &+ 3 <= count {
                var word = load(source, bit)
                bit &+= Int(truncatingIfNeeded: take(&word) &+ take(&word) &+ take(&word))
            }
        case ...28:
            while i &+ 2 <= count {
                var word = load(source, bit)
                bit &+= Int(truncatingIfNeeded: take(&word) &+ take(&word))
            }
        case ...57: break
        default:
            while i < count {
                let bin = bins + Int(symbols[i])
                let next = UInt64(source.load(fromByteOffset: bit &>> 3 &+ 8, as: UInt8.self))
                // Shifting in two steps gives 0 where the bits begin with a byte.
                let word = load(source, bit) | (next &<< 1) &<< UInt64(truncatingIfNeeded: 63 &- bit & 7)
                words[i] = bin.pointee.lower &+ word & bin.pointee.mask
                bit &+= Int(truncatingIfNeeded: bin.pointee.width)
                i &+= 1
            }
            return bit
        }
        while i < count {
            var word = load(source, bit)
            bit &+= Int(truncatingIfNeeded: take(&word))
        }
        return bit
    }
}
