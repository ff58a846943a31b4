extension ColumnCodec {
    /// Appends the body of an encoding: `count` words, which are differences of its order.
    /// - Returns: false if these words can't have that body.
    func appendBody(
        _ encoding: ColumnEncoding, _ words: UnsafePointer<UInt64>, _ count: Int, level: Int32,
        to writer: inout ByteWriter
    ) -> Bool {
        let body = encoding.body
        guard count > 0 else { return body == .constant || body == .raw }
        switch body {
        case .constant:
            guard WordKernels.isConstant(words, count) else { return false }
            writer.zigzag(Int64(bitPattern: words[0]))
        case .packed:
            let (base, range) = BodyRange.of(words, count)
            let width = BitKernels.width(of: range)
            writer.zigzag(Int64(bitPattern: base))
            writer.u8(UInt8(width))
            appendBits(words, count, base: base, width: width, to: &writer)
        case .dictionary: return appendDictionary(words, count, level: level, to: &writer)
        case .split:
            let (base, range) = BodyRange.of(words, count)
            appendSplit(words, count, base: base, range: range, level: level, to: &writer)
        case .trimmed:
            appendTrimmed(words, count, level: level, to: &writer)
        case .bins: appendBins(words, count, encoding, to: &writer)
        case .planes:
            let (base, range) = BodyRange.of(words, count)
            let planes = Swift.max(1, (BitKernels.width(of: range) + 7) / 8)
            let bytes = plain.reserve(count * planes)
            for plane in 0..<planes {
                WordKernels.extract(words, count, base: base, shift: 8 * plane, to: bytes + plane * count)
            }
            writer.zigzag(Int64(bitPattern: base))
            writer.u8(UInt8(planes))
            appendBytes(bytes, count * planes, run: Swift.max(count, 256), level: level, to: &writer)
        case .raw: appendBits(words, count, base: 0, width: 64, to: &writer)
        }
        return true
    }

    /// Appends a split of the bulk, and the few words that lie far off as exceptions; of all, if too many do.
    private func appendTrimmed(
        _ words: UnsafePointer<UInt64>, _ count: Int, level: Int32, to writer: inout ByteWriter
    ) {
        let full = BodyRange.of(words, count)
        let bytes = plain.reserve(count)
        let upper = statistics.upper(of: words, count, base: full.base, range: full.range, into: bytes)
        // Words that spread over many upper parts have no outliers that would pay.
        if upper.finestBits < Self.crowded, let window = statistics.window(words, count, full: full) {
            let most = count / 16 + 1
            let positions = exceptions.reserve(most)
            let inside = differences.reserve(count)
            let found = WordKernels.clamp(
                words, count, base: window.base, range: window.range, to: inside, positions: positions, most: most)
            if let found {
                ColumnExceptions.append(positions, found, of: words, to: &writer)
                return appendSplit(
                    inside, count, base: window.base, range: window.range, level: level, to: &writer)
            }
        }
        writer.varint(0)
        appendSplit(words, count, base: full.base, upper, bytes, level: level, to: &writer)
    }

    /// Bits of an upper part below which most words share a few of them.
    private static let crowded = 4.5

    private func appendSplit(
        _ words: UnsafePointer<UInt64>, _ count: Int, base: UInt64, range: UInt64, level: Int32,
        to writer: inout ByteWriter
    ) {
        let bytes = plain.reserve(count)
        let upper = statistics.upper(of: words, count, base: base, range: range, into: bytes)
        appendSplit(words, count, base: base, upper, bytes, level: level, to: &writer)
    }

    /// Appends a split whose upper parts, by the finest cut, are `bytes`.
    private func appendSplit(
        _ words: UnsafePointer<UInt64>, _ count: Int, base: UInt64, _ upper: ColumnStatistics.Upper,
        _ bytes: UnsafeMutablePointer<UInt8>, level: Int32, to writer: inout ByteWriter
    ) {
        let coarser = UInt8(upper.cut - upper.finestCut)
        if coarser > 0 { for i in 0..<count { bytes[i] &>>= coarser } }
        writer.zigzag(Int64(bitPattern: base))
        writer.u8(UInt8(upper.cut))
        // In the index zstd may look: of a page of losses it makes 2 % less, and of none much more.
        let isNoise = level == 1 && upper.bits > Self.noise
        appendBytes(bytes, count, level: level, isNoise: isNoise, to: &writer)
        appendBits(words, count, base: base, width: upper.cut, to: &writer)
    }

    /// Bits of an upper part above which zstd finds next to nothing in them that came before.
    private static let noise = 3.0

    private func appendDictionary(
        _ words: UnsafePointer<UInt64>, _ count: Int, level: Int32, to writer: inout ByteWriter
    ) -> Bool {
        let indices = plain.reserve(count)
        guard distinct.number(words, count, into: indices) else { return false }
        let size = distinct.count
        let words = distinct.words
        writer.varint(size)
        for i in 0..<size { writer.zigzag(Int64(bitPattern: words[i])) }
        let width = Self.indexWidth(size)
        if count > Self.shortColumn {
            let start = writer.count
            writer.u8(1)
            appendBytes(indices, count, level: level, to: &writer)
            guard writer.count - start > 1 + BitKernels.bytes(count, width: width) else { return true }
            writer.bytes.removeSubrange(start...)
        }
        writer.u8(0)
        let wide = decoded.reserve(count)
        for i in 0..<count { wide[i] = UInt64(indices[i]) }
        appendBits(wide, count, base: 0, width: width, to: &writer)
        return true
    }

    private func appendBits(
        _ words: UnsafePointer<UInt64>, _ count: Int, base: UInt64, width: Int, to writer: inout ByteWriter
    ) {
        let size = BitKernels.bytes(count, width: width)
        let target = stored.reserve(size)
        BitKernels.pack(words, count, base: base, width: width, to: target)
        writer.raw(UnsafeRawBufferPointer(start: target, count: size))
    }

    /// The most bytes for which it is tried whether parts with a Huffman code of their own pay.
    private static let fewBytes = 16_384

    /// Appends BYTES: a zstd frame if that is smaller.
    ///
    /// - Parameters:
    ///   - run: how long parts are that have a Huffman code of their own.
    ///   - isNoise: whether nothing comes again, so that a Huffman code is all there is to gain.
    private func appendBytes(
        _ bytes: UnsafePointer<UInt8>, _ count: Int, run: Int = .max, level: Int32, isNoise: Bool = false,
        to writer: inout ByteWriter
    ) {
        let source = UnsafeRawBufferPointer(start: bytes, count: count)
        let rooms = stored.reserve(2 * count)
        var room = UnsafeMutableRawBufferPointer(start: rooms, count: count)
        var size =
            isNoise
            ? zstd.compressSymbols(source, into: room) : zstd.compress(source, run: run, into: room, level: level)
        // Of a few bytes the parts may cost more by their blocks than they gain by codes of their own.
        if level > 1, run < count, count <= Self.fewBytes {
            let other = UnsafeMutableRawBufferPointer(start: rooms + count, count: count)
            let whole = zstd.compress(source, into: other, level: level)
            if let whole, whole < size ?? .max { (room, size) = (other, whole) }
        }
        if let size, size < count {
            writer.varint(size)
            writer.raw(UnsafeRawBufferPointer(rebasing: room[0..<size]))
        } else {
            writer.varint(count)
            writer.raw(source)
        }
    }
}
