extension ColumnCodec {
    /// What coding with bins takes besides its output; made when it is first needed.
    struct EntropyScratch: ~Copyable {
        var table = Scratch<UInt32>()
        var next = Scratch<UInt32>()
        var steps = Scratch<UInt32>()
        var states = Scratch<UInt16>()
        var bits = Scratch<UInt32>()
        var first = Scratch<Int32>()
    }

    /// Appends a body of `count` ≥ 1 words: bins, the blocks' lengths, the blocks.
    func appendBins(_ words: UnsafePointer<UInt64>, _ count: Int, to writer: inout ByteWriter) {
        let (base, range) = BodyRange.of(words, count)
        findBins(words, count, base: base, range: range)
        let symbols = plain.reserve(count)
        bins.fit(words, count, base: base, range: range, starts: finder.starts, to: symbols)
        bins.append(to: &writer)

        let (weights, lowers, widths) = (bins.weights, bins.lowers, bins.widths)
        let stateCount = 1 << bins.log
        let encoder = EntropyKernels.Encoder(
            states: entropy.states.reserve(stateCount), bits: entropy.bits.reserve(ColumnBins.most),
            first: entropy.first.reserve(ColumnBins.most))
        EntropyKernels.makeEncoder(
            weights, bins.count, log: bins.log, encoder, symbols: entropy.table.reserve(stateCount))
        let steps = entropy.steps.reserve(EntropyKernels.block)
        let blocks = (count + EntropyKernels.block - 1) / EntropyKernels.block
        let target = stored.reserve(count * (EntropyKernels.maxLog + 64) / 8 + (blocks + 1) * 32)
        var size = 0
        for start in stride(from: 0, to: count, by: EntropyKernels.block) {
            let bytes = EntropyKernels.encode(
                symbols + start, words + start, Swift.min(EntropyKernels.block, count - start), encoder, log: bins.log,
                weights: weights, lowers: lowers, widths: widths, steps: steps, to: target + size)
            writer.varint(bytes)
            size += bytes
        }
        writer.raw(UnsafeRawBufferPointer(start: target, count: size))
    }

    /// Lets the finder look at the words, or at a sample of them.
    @discardableResult
    func findBins(_ words: UnsafePointer<UInt64>, _ count: Int, base: UInt64, range: UInt64) -> Double {
        guard count > BinFinder.maxWords else { return finder.find(words, count, base: base, range: range, scale: 1) }
        let picked = BinFinder.maxWords / 2
        let some = sample.reserve(picked)
        for i in 0..<picked { some[i] = words[i &* count / picked] }
        return finder.find(some, picked, base: base, range: range, scale: Double(count) / Double(picked))
    }

    /// Takes a body of `count` words.
    func decodeBins(
        _ reader: inout ByteReader, _ words: UnsafeMutablePointer<UInt64>, _ count: Int
    ) throws(FormatError) {
        try bins.take(&reader)
        let table = entropy.table.reserve(1 << bins.log)
        EntropyKernels.makeDecoder(
            bins.weights, bins.count, log: bins.log, table, next: entropy.next.reserve(ColumnBins.most))
        let (lowers, widths) = (bins.lowers, bins.widths)
        let symbols = plain.reserve(EntropyKernels.block)
        var lengths = reader
        var total = 0
        for _ in stride(from: 0, to: count, by: EntropyKernels.block) {
            total += try reader.count("the bytes of a block", cap: EntropyKernels.reach(EntropyKernels.block))
        }
        let at = reader.offset
        let bytes = try reader.take(total, "blocks")
        // A copy that may be read some way beyond its end: wrong bits lead there, and are found out afterwards.
        let reach = EntropyKernels.reach(count)
        let source = stored.reserve(total + reach)
        bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(start: source, count: total).copyMemory(from: $0) }
        (source + total).update(repeating: 0, count: reach)
        var from = 0
        for start in stride(from: 0, to: count, by: EntropyKernels.block) {
            let length = try lengths.count("the bytes of a block", cap: total)
            let number = Swift.min(EntropyKernels.block, count - start)
            let block = UnsafeRawPointer(source + from)
            let middle = EntropyKernels.decode(block, number, table, log: bins.log, to: symbols)
            let end = EntropyKernels.offsets(
                block, bit: middle, symbols, number, lowers: lowers, widths: widths, widest: bins.widest,
                to: words + start)
            guard (end + 7) / 8 == length else {
                throw FormatError(
                    .corrupt, at: at + from, expected: "a block of \(length) bytes", found: "\((end + 7) / 8)")
            }
            from += length
        }
    }
}
