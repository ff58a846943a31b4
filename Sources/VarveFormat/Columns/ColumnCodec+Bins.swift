extension ColumnCodec {
    /// What coding with bins takes besides its output; made when it is first needed.
    struct EntropyScratch: ~Copyable {
        var table = Scratch<UInt32>()
        var next = Scratch<UInt32>()
        var steps = Scratch<UInt32>()
        var states = Scratch<UInt16>()
        var bits = Scratch<UInt32>()
        var first = Scratch<Int32>()
        var masks = Scratch<UInt64>()
        var offsets = Scratch<EntropyKernels.Offset>()
    }

    /// Appends a body of `count` ≥ 1 words: bins, the blocks' lengths, with differences of order 1 their sums, the blocks.
    func appendBins(
        _ words: UnsafePointer<UInt64>, _ count: Int, _ encoding: ColumnEncoding, to writer: inout ByteWriter
    ) {
        let (base, range) = BodyRange.of(words, count)
        let found = foundBins.first { $0.encoding == encoding }
        if found == nil { findBins(words, count, base: base, range: range) }
        let symbols = plain.reserve(count)
        bins.fit(words, count, base: base, range: range, starts: found?.starts ?? finder.starts, to: symbols)
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
        if encoding.order == 1 {
            for start in stride(from: 0, to: count - EntropyKernels.block, by: EntropyKernels.block) {
                writer.zigzag(Int64(bitPattern: WordKernels.total(words + start, EntropyKernels.block)))
            }
        }
        writer.raw(UnsafeRawBufferPointer(start: target, count: size))
    }

    /// Lets the finder look at the words, or at a sample of them; where few are distinct, at each of those.
    private func findBins(_ words: UnsafePointer<UInt64>, _ count: Int, base: UInt64, range: UInt64) {
        guard count > BinFinder.maxWords else {
            _ = finder.find(words, count, base: base, range: range, scale: 1)
            return
        }
        let picked = BinFinder.maxWords / 2
        let some = sample.reserve(picked)
        for i in 0..<picked { some[i] = words[i &* count / picked] }
        let most = BinFinder.maxRepeated
        if distinct.count(some, picked, most: most) != nil, distinct.count(words, count, most: most) != nil {
            finder.find(repeated: distinct.words, distinct.sizes, distinct.count, base: base)
        } else {
            _ = finder.find(some, picked, base: base, range: range, scale: Double(count) / Double(picked))
        }
    }

    /// Takes a body of `count` words.
    func decodeBins(
        _ reader: inout ByteReader, _ words: UnsafeMutablePointer<UInt64>, _ count: Int, order: Int
    ) throws(FormatError) {
        try decodeBins(&reader, words, count, order: order, blocks: 0..<Self.blocks(count))
    }

    /// The blocks of bins that `count` words make.
    static func blocks(_ count: Int) -> Int { (count + EntropyKernels.block - 1) / EntropyKernels.block }

    /// Takes some of the blocks of a body of `count` words.
    /// - Returns: the sum of the words before them, if the order is 1, else 0.
    @discardableResult
    func decodeBins(
        _ reader: inout ByteReader, _ words: UnsafeMutablePointer<UInt64>, _ count: Int, order: Int,
        blocks: Range<Int>
    ) throws(FormatError) -> UInt64 {
        try bins.take(&reader)
        let table = entropy.table.reserve(1 << bins.log)
        EntropyKernels.makeDecoder(
            bins.weights, bins.count, log: bins.log, table, next: entropy.next.reserve(ColumnBins.most))
        let masks = entropy.masks.reserve(16)
        EntropyKernels.makeMasks(masks)
        let offsets = entropy.offsets.reserve(ColumnBins.most)
        let (lowers, widths) = (bins.lowers, bins.widths)
        for bin in 0..<bins.count { offsets[bin] = EntropyKernels.Offset(lower: lowers[bin], width: widths[bin]) }
        let symbols = plain.reserve(2 * EntropyKernels.block)
        var lengths = reader
        var total = 0
        var (from, to) = (0, 0)
        for block in 0..<Self.blocks(count) {
            if block == blocks.lowerBound { from = total }
            total += try reader.count("the bytes of a block", cap: EntropyKernels.reach(EntropyKernels.block))
            if block < blocks.upperBound { to = total }
            if block < blocks.lowerBound { _ = try lengths.varint() }
        }
        var sums = reader
        var before: UInt64 = 0
        if order == 1, count > 0 {
            for block in 1..<Swift.max(1, Self.blocks(count)) {
                let sum = UInt64(bitPattern: try reader.zigzag("the sum of a block"))
                if block <= blocks.lowerBound {
                    before &+= sum
                    _ = try sums.zigzag()
                }
            }
        }
        let at = reader.offset
        let bytes = try reader.take(total, "blocks").extracting(from..<to)
        // A copy that may be read some way beyond its end: wrong bits lead there, and are found out afterwards.
        let reach = EntropyKernels.reach(count)
        let source = stored.reserve(to - from + reach)
        bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(start: source, count: to - from).copyMemory(from: $0) }
        (source + (to - from)).update(repeating: 0, count: reach)
        var offset = 0
        var target = words
        var block = blocks.lowerBound
        while block < blocks.upperBound {
            let isPair = block + 1 < blocks.upperBound && (block + 2) * EntropyKernels.block <= count
            var sizes = (first: try lengths.count("the bytes of a block", cap: total), second: 0)
            if isPair { sizes.second = try lengths.count("the bytes of a block", cap: total) }
            let bits = UnsafeRawPointer(source + offset)
            let middles =
                isPair
                ? EntropyKernels.decodePair(
                    bits, bits + sizes.first, table, log: bins.log, masks: masks, to: symbols)
                : (
                    EntropyKernels.decode(
                        bits, Swift.min(EntropyKernels.block, count - block * EntropyKernels.block), table,
                        log: bins.log, masks: masks, to: symbols), 0
                )
            for half in 0..<(isPair ? 2 : 1) {
                let number = Swift.min(EntropyKernels.block, count - block * EntropyKernels.block)
                let size = half == 0 ? sizes.first : sizes.second
                let end = EntropyKernels.offsets(
                    UnsafeRawPointer(source + offset), bit: half == 0 ? middles.0 : middles.1,
                    symbols + half * EntropyKernels.block, number, offsets, widest: bins.widest, to: target)
                guard (end + 7) / 8 == size else {
                    throw FormatError(
                        .corrupt, at: at + from + offset, expected: "a block of \(size) bytes",
                        found: "\((end + 7) / 8)")
                }
                if order == 1, block + 1 < Self.blocks(count) {
                    let place = sums.offset
                    let sum = UInt64(bitPattern: try sums.zigzag("the sum of a block"))
                    guard sum == WordKernels.total(target, number) else {
                        throw FormatError(.corrupt, at: place, expected: "the sum of a block", found: "\(sum)")
                    }
                }
                offset += size
                target += number
                block += 1
            }
        }
        return before
    }
}
