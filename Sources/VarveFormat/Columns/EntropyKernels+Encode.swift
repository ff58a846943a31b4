/// The way from symbols to blocks.
extension EntropyKernels {
    /// What an encoder looks up: `states` has 2^log entries; `bits` and `first` one a symbol.
    struct Encoder {
        var states: UnsafeMutablePointer<UInt16>
        var bits: UnsafeMutablePointer<UInt32>
        var first: UnsafeMutablePointer<Int32>
    }

    /// `symbols` has room for 2^log numbers.
    static func makeEncoder(
        _ weights: UnsafePointer<UInt32>, _ count: Int, log: Int, _ encoder: Encoder,
        symbols: UnsafeMutablePointer<UInt32>
    ) {
        let size = UInt32(1) &<< UInt32(truncatingIfNeeded: log)
        var sum: Int32 = 0
        for symbol in 0..<count {
            let weight = weights[symbol]
            encoder.first[symbol] = sum
            sum &+= Int32(truncatingIfNeeded: weight)
            let whole = weight > 1 ? 31 &- (weight &- 1).leadingZeroBitCount : 0
            let most = UInt32(truncatingIfNeeded: log &- whole)
            encoder.bits[symbol] = (most &<< 16) &- (weight &<< most)
        }
        spread(weights, count, log: log) { state, symbol in symbols[state] = UInt32(truncatingIfNeeded: symbol) }
        for state in 0..<(1 &<< log) {
            let symbol = Int(symbols[state])
            let place = encoder.first[symbol]
            encoder.states[Int(place)] = UInt16(truncatingIfNeeded: size) &+ UInt16(truncatingIfNeeded: state)
            encoder.first[symbol] = place &+ 1
        }
        // From the number of a symbol's state, which begins at its weight, to the place of its entry.
        for symbol in 0..<count { encoder.first[symbol] &-= 2 &* Int32(truncatingIfNeeded: weights[symbol]) }
    }

    /// Writes a block of `count` ≥ 1 values: states, what the symbols leave, and each word's bits above its bin's lower.
    ///
    /// `steps` has room for `count` numbers, `target` for ``reach(_:)`` bytes.
    /// - Returns: the number of bytes.
    static func encode(
        _ symbols: UnsafePointer<UInt8>, _ words: UnsafePointer<UInt64>, _ count: Int, _ encoder: Encoder, log: Int,
        weights: UnsafePointer<UInt32>, lowers: UnsafePointer<UInt64>, widths: UnsafePointer<UInt64>,
        steps: UnsafeMutablePointer<UInt32>, to target: UnsafeMutableRawPointer
    ) -> Int {
        var x: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
        var i = count
        // The last value of each state costs no bits: any state of its symbol will do.
        while i > 0, i &+ lanes > count {
            i &-= 1
            let symbol = Int(symbols[i])
            let place = Int(encoder.first[symbol]) &+ Int(weights[symbol])
            x = (UInt32(encoder.states[place]), x.0, x.1, x.2)
            steps[i] = 0
        }
        // Now x.0 belongs to value i.
        while i > 0 {
            i &-= 1
            let symbol = Int(symbols[i])
            let state = x.3
            let bits = (state &+ encoder.bits[symbol]) &>> 16
            steps[i] = (state & ((1 &<< bits) &- 1)) | bits &<< 16
            let place = Int(state &>> bits) &+ Int(encoder.first[symbol])
            x = (UInt32(encoder.states[place]), x.0, x.1, x.2)
        }
        var writer = BitCursor(target)
        let size = UInt32(1) &<< UInt32(truncatingIfNeeded: log)
        // With fewer values than states, the first ones of the tuple are theirs all the same.
        for (lane, state) in [x.0, x.1, x.2, x.3].enumerated() where lane < count {
            writer.put(UInt64(state &- size), UInt64(truncatingIfNeeded: log))
        }
        for i in 0..<count {
            let step = steps[i]
            writer.put(UInt64(step & 0xFFFF), UInt64(step &>> 16))
        }
        for i in 0..<count {
            let symbol = Int(symbols[i])
            let width = widths[symbol]
            let above = words[i] &- lowers[symbol]
            if width <= 32 {
                writer.put(above, width)
            } else {
                writer.put(above & 0xFFFF_FFFF, 32)
                writer.put(above &>> 32, width &- 32)
            }
        }
        return writer.finish()
    }

    /// Writes numbers of up to 56 bits one after the other; it may touch 8 bytes more than it fills.
    private struct BitCursor {
        private let start: UnsafeMutableRawPointer
        private var at = 0
        private var pending: UInt64 = 0
        private var filled: UInt64 = 0

        init(_ start: UnsafeMutableRawPointer) { self.start = start }

        @inline(__always)
        mutating func put(_ value: UInt64, _ bits: UInt64) {
            pending |= value &<< filled
            filled &+= bits
            start.storeBytes(of: pending.littleEndian, toByteOffset: at, as: UInt64.self)
            at &+= Int(truncatingIfNeeded: filled &>> 3)
            pending &>>= filled & 56
            filled &= 7
        }

        func finish() -> Int { at &+ (filled > 0 ? 1 : 0) }
    }
}
