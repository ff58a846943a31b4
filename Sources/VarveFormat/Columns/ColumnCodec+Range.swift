extension ColumnCodec {
    /// Takes a COLUMN of `count` words and fills `target` with those of `range`, which lies within 0 ..< `count`.
    ///
    /// Decodes no more than the blocks of 1,024 words that hold them where the column's form allows: without differences
    /// constant, packed and raw bodies, and bins; with differences of order 1 constant ones and bins. Other columns are
    /// decoded whole, so that reading a few words of them costs as much as all. Damage outside what is decoded isn't found.
    package func decode(
        _ reader: inout ByteReader, count: Int, range: Range<Int>, into target: UnsafeMutableBufferPointer<UInt64>
    ) throws(FormatError) {
        precondition(target.count == range.count && range.lowerBound >= 0 && range.upperBound <= count)
        let bytes = try Self.take(&reader, count)
        guard let words = target.baseAddress, !range.isEmpty else { return }
        let base = reader.offset - bytes.byteCount
        do throws(FormatError) {
            try bytes.withUnsafeBytes { (raw) throws(FormatError) in
                try self.decode(raw, count, range, into: words)
            }
        } catch {
            var error = error
            error.offset += base
            throw error
        }
    }

    private func decode(
        _ raw: UnsafeRawBufferPointer, _ count: Int, _ range: Range<Int>, into words: UnsafeMutablePointer<UInt64>
    ) throws(FormatError) {
        var reader = ByteReader(raw.bytes)
        let head = try ColumnHead(&reader, count)
        switch (head.body, head.order) {
        case (.constant, 0), (.constant, 1): try decodeConstant(&reader, head.order, range, words)
        case (.packed, 0): try decodePacked(&reader, count, range, words)
        case (.raw, 0):
            let rest = try reader.take(8 * count, "raw words").extracting(8 * range.lowerBound..<8 * range.upperBound)
            rest.withUnsafeBytes { UnsafeMutableRawBufferPointer(start: words, count: $0.count).copyMemory(from: $0) }
            for i in 0..<range.count { words[i] = UInt64(littleEndian: words[i]) }
        case (.bins, 0), (.bins, 1): try decodeBlocks(&reader, head.order, count, range, words)
        default:
            let whole = around.reserve(count)
            try decode(raw, at: 0, into: UnsafeMutableBufferPointer(start: whole, count: count))
            words.update(from: whole + range.lowerBound, count: range.count)
            return
        }
        try restore(head, words, range)
    }

    private func decodeConstant(
        _ reader: inout ByteReader, _ order: Int, _ range: Range<Int>, _ words: UnsafeMutablePointer<UInt64>
    ) throws(FormatError) {
        let first = UInt64(bitPattern: try reader.zigzag("a constant"))
        guard order == 1 else { return words.update(repeating: first, count: range.count) }
        // A leading word alone has no differences.
        let step = reader.isAtEnd ? 0 : UInt64(bitPattern: try reader.zigzag("a constant"))
        for i in range { words[i - range.lowerBound] = first &+ UInt64(truncatingIfNeeded: i) &* step }
    }

    private func decodePacked(
        _ reader: inout ByteReader, _ count: Int, _ range: Range<Int>, _ words: UnsafeMutablePointer<UInt64>
    ) throws(FormatError) {
        let base = UInt64(bitPattern: try reader.zigzag("a base"))
        let width = try takeWidth(&reader, most: 64)
        // Eight values fill whole bytes, whatever their width.
        let start = range.lowerBound & ~7
        try reader.skip(start / 8 * width, "packed bits")
        let number = range.upperBound - start
        let found = around.reserve(number)
        try takeBits(&reader, found, number, base: base, width: width)
        words.update(from: found + (range.lowerBound - start), count: range.count)
    }

    private func decodeBlocks(
        _ reader: inout ByteReader, _ order: Int, _ count: Int, _ range: Range<Int>,
        _ words: UnsafeMutablePointer<UInt64>
    ) throws(FormatError) {
        let block = EntropyKernels.block
        guard order == 1 else {
            let first = range.lowerBound / block
            let found = around.reserve((range.count / block + 2) * block)
            let blocks = first..<(range.upperBound - 1) / block + 1
            try decodeBins(&reader, found, count, order: 0, blocks: blocks)
            return words.update(from: found + (range.lowerBound - first * block), count: range.count)
        }
        // Word i is the leading one and the sum of i differences.
        let leading = UInt64(bitPattern: try reader.zigzag("a leading word"))
        guard range.upperBound > 1 else { return words[0] = leading }
        let first = Swift.max(0, range.lowerBound - 1) / block
        let blocks = first..<(range.upperBound - 2) / block + 1
        let found = around.reserve((blocks.count) * block + 1)
        let before = try decodeBins(&reader, found + 1, count - 1, order: 1, blocks: blocks)
        found[0] = leading &+ before
        WordKernels.sum(found, Swift.min(blocks.upperBound * block, count - 1) - first * block + 1)
        words.update(from: found + (range.lowerBound - first * block), count: range.count)
    }
}
