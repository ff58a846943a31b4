extension ColumnCodec {
    /// Decodes the bytes of a column, which stand at `base` of what the caller reads, into all of `target`.
    func decode(
        _ raw: UnsafeRawBufferPointer, at base: Int, into target: UnsafeMutableBufferPointer<UInt64>
    ) throws(FormatError) {
        guard let words = target.baseAddress, target.count > 0 else { return }
        do throws(FormatError) {
            var reader = ByteReader(raw.bytes)
            try decode(&reader, words, target.count)
            try reader.finish("a column")
        } catch {
            var error = error
            error.offset += base
            throw error
        }
    }

    private func decode(
        _ reader: inout ByteReader, _ words: UnsafeMutablePointer<UInt64>, _ count: Int
    ) throws(FormatError) {
        let head = try ColumnHead(&reader, count)
        let leading = Swift.min(head.order, count)
        for i in 0..<leading { words[i] = UInt64(bitPattern: try reader.zigzag("a leading word")) }
        try decodeBody(head, &reader, words + leading, count - leading)
        for level in (0..<leading).reversed() { WordKernels.sum(words + level, count - level) }
        try restore(head, words, 0..<count)
    }

    /// Turns integers t, the column's from `range` on, into words.
    func restore(
        _ head: ColumnHead, _ words: UnsafeMutablePointer<UInt64>, _ range: Range<Int>
    ) throws(FormatError) {
        guard TransformKernels.backward(words, range.count, head.transform) else {
            throw FormatError(.corrupt, at: 0, expected: "floats of 32 bits", found: "more bits")
        }
        head.exceptions.restore(words, range)
    }

    private func decodeBody(
        _ head: ColumnHead, _ reader: inout ByteReader, _ words: UnsafeMutablePointer<UInt64>, _ count: Int
    ) throws(FormatError) {
        switch head.body {
        case .constant:
            guard count > 0 else { return }
            words.update(repeating: UInt64(bitPattern: try reader.zigzag("a constant")), count: count)
        case .packed:
            let base = UInt64(bitPattern: try reader.zigzag("a base"))
            let width = try takeWidth(&reader, most: 64)
            try takeBits(&reader, words, count, base: base, width: width)
        case .dictionary: try decodeDictionary(&reader, words, count)
        case .split: try decodeSplit(&reader, words, count)
        case .trimmed:
            let outliers = try ColumnExceptions(&reader, count)
            try decodeSplit(&reader, words, count)
            outliers.restore(words, 0..<count)
        case .bins: try decodeBins(&reader, words, count, order: head.order)
        case .planes:
            let base = UInt64(bitPattern: try reader.zigzag("a base"))
            let start = reader.offset
            let planes = Int(try reader.u8("the number of planes"))
            guard (1...8).contains(planes) else {
                throw FormatError(.corrupt, at: start, expected: "1 to 8 planes", found: "\(planes)")
            }
            let bytes = plain.reserve(count * planes)
            try takeBytes(&reader, bytes, count * planes)
            WordKernels.join(bytes, planes: planes, count, base: base, to: words)
        case .raw:
            let bytes = try reader.take(8 * count, "raw words")
            bytes.withUnsafeBytes { source in
                guard let base = source.baseAddress else { return }
                BitKernels.unpack(base, count, base: 0, width: 64, to: words)
            }
        }
    }

    private func decodeSplit(
        _ reader: inout ByteReader, _ words: UnsafeMutablePointer<UInt64>, _ count: Int
    ) throws(FormatError) {
        let base = UInt64(bitPattern: try reader.zigzag("a base"))
        let width = try takeWidth(&reader, most: 63)
        let upper = plain.reserve(count)
        try takeBytes(&reader, upper, count)
        try takeBits(&reader, words, count, base: base, width: width)
        WordKernels.add(upper, count, shift: width, to: words)
    }

    private func decodeDictionary(
        _ reader: inout ByteReader, _ words: UnsafeMutablePointer<UInt64>, _ count: Int
    ) throws(FormatError) {
        let start = reader.offset
        let size = try reader.count("the words of a dictionary", cap: 256)
        guard size >= 1 else {
            throw FormatError(.corrupt, at: start, expected: "a dictionary of 1 to 256 words", found: "0")
        }
        let dictionary = entries.reserve(size)
        for i in 0..<size { dictionary[i] = UInt64(bitPattern: try reader.zigzag("a word of a dictionary")) }
        let codingOffset = reader.offset
        let coding = try reader.u8("the coding of a dictionary")
        let indices = plain.reserve(count)
        switch coding {
        case 0:
            try takeBits(&reader, words, count, base: 0, width: Self.indexWidth(size))
            for i in 0..<count { indices[i] = UInt8(truncatingIfNeeded: words[i]) }
        case 1: try takeBytes(&reader, indices, count)
        default:
            throw FormatError(.corrupt, at: codingOffset, expected: "a coding of 0 or 1", found: "\(coding)")
        }
        guard count > 0 else { return }
        let greatest = Int(WordKernels.greatest(indices, count))
        guard greatest < size else {
            throw FormatError(
                .corrupt, at: codingOffset, expected: "indices below \(size)", found: "\(greatest)")
        }
        for i in 0..<count { words[i] = dictionary[Int(indices[i])] }
    }

    /// The bits of an index into a dictionary of `size` ≥ 1 words: ⌈log₂ size⌉.
    static func indexWidth(_ size: Int) -> Int { BitKernels.width(of: UInt64(size - 1)) }

    func takeWidth(_ reader: inout ByteReader, most: Int) throws(FormatError) -> Int {
        let start = reader.offset
        let width = Int(try reader.u8("a width"))
        guard width <= most else {
            throw FormatError(.corrupt, at: start, expected: "a width of at most \(most) bits", found: "\(width)")
        }
        return width
    }

    func takeBits(
        _ reader: inout ByteReader, _ words: UnsafeMutablePointer<UInt64>, _ count: Int, base: UInt64, width: Int
    ) throws(FormatError) {
        let bytes = try reader.take(BitKernels.bytes(count, width: width), "packed bits")
        bytes.withUnsafeBytes { source in
            // Without bytes there are no bits to read: all words are the base.
            guard let start = source.baseAddress, !source.isEmpty else {
                return words.update(repeating: base, count: count)
            }
            BitKernels.unpack(start, count, base: base, width: width, to: words)
        }
    }

    /// Takes BYTES of which there are `count` plain ones.
    private func takeBytes(
        _ reader: inout ByteReader, _ target: UnsafeMutablePointer<UInt8>, _ count: Int
    ) throws(FormatError) {
        let length = try reader.count("stored bytes", cap: FormatConstants.maxPlainBytes)
        let start = reader.offset
        let bytes = try reader.take(length, "stored bytes")
        guard length != count else {
            let plain = UnsafeMutableRawBufferPointer(start: target, count: count)
            return bytes.withUnsafeBytes { plain.copyMemory(from: $0) }
        }
        do throws(FormatError) {
            try zstd.decompress(bytes, into: UnsafeMutableRawBufferPointer(start: target, count: count))
        } catch {
            var error = error
            error.offset += start
            throw error
        }
    }
}
