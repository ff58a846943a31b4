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

    /// Takes the symbols of a block of `count` ≥ 1 values.
    /// - Returns: the bits that were read, from the beginning of `source`.
    static func decode(
        _ source: UnsafeRawPointer, _ count: Int, _ table: UnsafePointer<UInt32>, log: Int,
        to symbols: UnsafeMutablePointer<UInt8>
    ) -> Int {
        let width = UInt64(truncatingIfNeeded: log)
        var bit = 0
        func state() -> Int {
            let state = low(load(source, bit), width)
            bit &+= log
            return Int(truncatingIfNeeded: state)
        }
        var x0 = state()
        var x1 = count > 1 ? state() : 0
        var x2 = count > 2 ? state() : 0
        var x3 = count > 3 ? state() : 0
        var i = 0
        while i &+ 8 <= count {
            let (e0, e1, e2, e3) = (table[x0], table[x1], table[x2], table[x3])
            let four = (e0 & 0xFF) | (e1 & 0xFF) &<< 8 | (e2 & 0xFF) &<< 16 | e3 &<< 24
            UnsafeMutableRawPointer(symbols + i).storeBytes(of: four.littleEndian, as: UInt32.self)
            var word = load(source, bit)
            let n0 = UInt64(truncatingIfNeeded: e0 &>> 8 & 0xFF)
            let n1 = UInt64(truncatingIfNeeded: e1 &>> 8 & 0xFF)
            let n2 = UInt64(truncatingIfNeeded: e2 &>> 8 & 0xFF)
            let n3 = UInt64(truncatingIfNeeded: e3 &>> 8 & 0xFF)
            x0 = Int(truncatingIfNeeded: UInt64(truncatingIfNeeded: e0 &>> 16) &+ low(word, n0))
            word &>>= n0
            x1 = Int(truncatingIfNeeded: UInt64(truncatingIfNeeded: e1 &>> 16) &+ low(word, n1))
            word &>>= n1
            x2 = Int(truncatingIfNeeded: UInt64(truncatingIfNeeded: e2 &>> 16) &+ low(word, n2))
            word &>>= n2
            x3 = Int(truncatingIfNeeded: UInt64(truncatingIfNeeded: e3 &>> 16) &+ low(word, n3))
            bit &+= Int(truncatingIfNeeded: n0 &+ n1 &+ n2 &+ n3)
            i &+= 4
        }
        while i < count {
            let entry = table[x0]
            symbols[i] = UInt8(truncatingIfNeeded: entry)
            var next = 0
            // The last value of each state reads no further.
            if i &+ lanes < count {
                let bits = UInt64(truncatingIfNeeded: entry &>> 8 & 0xFF)
                next = Int(truncatingIfNeeded: UInt64(truncatingIfNeeded: entry &>> 16) &+ low(load(source, bit), bits))
                bit &+= Int(truncatingIfNeeded: bits)
            }
            (x0, x1, x2, x3) = (x1, x2, x3, next)
            i &+= 1
        }
        return bit
    }

    /// Makes words of symbols: `lowers[symbol]` and as many bits from `source`, from `bit` on, as `widths[symbol]` says.
    /// - Returns: the bit after the last.
    static func offsets(
        _ source: UnsafeRawPointer, bit: Int, _ symbols: UnsafePointer<UInt8>, _ count: Int,
        lowers: UnsafePointer<UInt64>, widths: UnsafePointer<UInt64>, widest: Int,
        to words: UnsafeMutablePointer<UInt64>
    ) -> Int {
        var bit = bit
        if widest == 0 {
            for i in 0..<count { words[i] = lowers[Int(symbols[i])] }
        } else if widest <= 57 {
            for i in 0..<count {
                let symbol = Int(symbols[i])
                let width = widths[symbol]
                words[i] = lowers[symbol] &+ low(load(source, bit), width)
                bit &+= Int(truncatingIfNeeded: width)
            }
        } else {
            for i in 0..<count {
                let symbol = Int(symbols[i])
                let width = widths[symbol]
                let first = Swift.min(width, 32)
                let lower = low(load(source, bit), first)
                let upper = low(load(source, bit &+ Int(truncatingIfNeeded: first)), width &- first)
                words[i] = lowers[symbol] &+ (lower | upper &<< 32)
                bit &+= Int(truncatingIfNeeded: width)
            }
        }
        return bit
    }
}
