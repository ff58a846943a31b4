/// The summaries of one page: of its slices of at least 256 points, and of the blocks of those of at least two blocks; the
/// page's second chunk (Format.md, section 6).
package struct PageSummaries: Hashable, Sendable {
    /// Of the long slices, in order.
    package private(set) var slices: [SliceSummary] = []
    /// Of the blocks of 1,024 points of the slices that have at least two, slices end to end.
    package private(set) var blocks: [SliceSummary] = []
    /// Whether first values and blocks are known. The first segments were written without.
    package private(set) var hasBlocks = true

    package init() {}

    package var isEmpty: Bool { slices.isEmpty }

    /// Whether a slice of `count` points has a summary.
    package static func isLong(_ count: Int) -> Bool { count >= FormatConstants.summaryThreshold }

    /// The blocks of a slice of `count` points.
    package static func blockCount(_ count: Int) -> Int {
        let block = FormatConstants.summaryBlock
        return count >= 2 * block ? (count + block - 1) / block : 0
    }

    /// Adds the values of the next slice, and returns its summary.
    package mutating func append(_ values: Span<UInt64>) -> SliceSummary {
        let count = values.count
        var whole = SliceSummary()
        if Self.blockCount(count) == 0 {
            whole = SliceSummary(values)
        } else {
            var start = 0
            while start < count {
                let end = min(count, start + FormatConstants.summaryBlock)
                let block = SliceSummary(values.extracting(start..<end))
                whole.append(block, after: start)
                blocks.append(block)
                start = end
            }
        }
        if Self.isLong(count) { slices.append(whole) }
        return whole
    }

    package mutating func removeAll() {
        slices.removeAll(keepingCapacity: true)
        blocks.removeAll(keepingCapacity: true)
    }
}

extension PageSummaries {
    /// The chunk's bytes without checksum.
    package func bytes(codec: ColumnCodec) -> [UInt8] {
        var memories = ColumnMemories()
        return bytes(codec: codec, &memories)
    }

    /// The same, in the forms that served the page before where they serve again.
    package func bytes(codec: ColumnCodec, _ memories: inout ColumnMemories) -> [UInt8] {
        var writer = ByteWriter()
        for (rows, first) in [(slices, 0), (blocks, 9)] where !rows.isEmpty || first == 0 {
            memories.encode(first, rows, codec, .doubles, into: &writer) { $0.min.bitPattern }
            memories.encode(first + 1, rows, codec, .doubles, into: &writer) { $0.max.bitPattern }
            memories.encode(first + 2, rows, codec, into: &writer) { UInt64($0.minPosition) }
            memories.encode(first + 3, rows, codec, into: &writer) { UInt64($0.maxPosition) }
            memories.encode(first + 4, rows, codec, .doubles, into: &writer) { $0.last }
            memories.encode(first + 5, rows, codec, into: &writer) { UInt64($0.nan) }
            memories.encode(first + 6, rows, codec, into: &writer) { UInt64($0.positiveInfinite) }
            memories.encode(first + 7, rows, codec, into: &writer) { UInt64($0.negativeInfinite) }
            memories.encode(first + 8, rows, codec, .doubles, into: &writer) { $0.first }
        }
        return writer.bytes
    }

    /// Parses the chunk of a page with these slices.
    package init(parsing bytes: RawSpan, slices table: SliceTable, codec: ColumnCodec) throws(FormatError) {
        var long: [Int] = []
        var inBlocks: [Int] = []
        let block = FormatConstants.summaryBlock
        for count in table.counts.lazy.map({ Int($0) }) where Self.isLong(count) {
            long.append(count)
            let blocks = Self.blockCount(count)
            for i in 0..<blocks { inBlocks.append(i + 1 < blocks ? block : count - i * block) }
        }
        var reader = ByteReader(bytes)
        slices = try Self.rows(&reader, of: long, codec)
        hasBlocks = reader.remaining > 0
        if hasBlocks {
            let first = try codec.decode(&reader, count: long.count)
            for i in long.indices { slices[i].first = first[i] }
            if !inBlocks.isEmpty {
                blocks = try Self.rows(&reader, of: inBlocks, codec)
                let first = try codec.decode(&reader, count: inBlocks.count)
                for i in inBlocks.indices { blocks[i].first = first[i] }
            }
        }
        try reader.finish("the summaries of a page")
    }

    /// Takes all columns but the first values.
    private static func rows(
        _ reader: inout ByteReader, of counts: [Int], _ codec: ColumnCodec
    ) throws(FormatError) -> [SliceSummary] {
        let limit = FormatConstants.axisPoints + 1
        let n = counts.count
        let min = try codec.decode(&reader, count: n)
        let max = try codec.decode(&reader, count: n)
        let minPosition = try codec.decodeRows(&reader, n, below: limit, "a position in a slice")
        let maxPosition = try codec.decodeRows(&reader, n, below: limit, "a position in a slice")
        let last = try codec.decode(&reader, count: n)
        let nan = try codec.decodeRows(&reader, n, below: limit, "the NaN of a slice")
        let positive = try codec.decodeRows(&reader, n, below: limit, "the +Inf of a slice")
        let negative = try codec.decodeRows(&reader, n, below: limit, "the −Inf of a slice")
        var rows: [SliceSummary] = []
        rows.reserveCapacity(n)
        for (i, count) in counts.enumerated() {
            var row = SliceSummary()
            row.min = Double(bitPattern: min[i])
            row.max = Double(bitPattern: max[i])
            row.minPosition = Int(minPosition[i])
            row.maxPosition = Int(maxPosition[i])
            row.last = last[i]
            row.nan = Int(nan[i])
            row.positiveInfinite = Int(positive[i])
            row.negativeInfinite = Int(negative[i])
            guard !row.min.isNaN, !row.max.isNaN, row.minPosition < count, row.maxPosition < count,
                row.nan + row.positiveInfinite + row.negativeInfinite <= count
            else {
                throw FormatError(.corrupt, at: 0, expected: "a summary of \(count) points", found: "\(row)")
            }
            rows.append(row)
        }
        return rows
    }
}
