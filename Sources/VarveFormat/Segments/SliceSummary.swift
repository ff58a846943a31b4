/// What can be said of a slice's values without decoding them (Format.md, section 6).
package struct SliceSummary: Hashable, Sendable {
    /// Of the finite values; +Inf and −Inf if there are none.
    package var min = Double.infinity
    package var max = -Double.infinity
    /// Where the extremes stand first, counted from the slice's first point.
    package var minPosition = 0
    package var maxPosition = 0
    /// The last value's bit pattern.
    package var last: UInt64 = 0
    package var nan = 0
    package var positiveInfinite = 0
    package var negativeInfinite = 0

    package init() {}

    /// Looks at bit patterns of binary64.
    package init(_ values: Span<UInt64>) {
        for i in values.indices {
            let value = Double(bitPattern: values[i])
            if value.isFinite {
                if value < min {
                    min = value
                    minPosition = i
                }
                if value > max {
                    max = value
                    maxPosition = i
                }
            } else if value.isNaN {
                nan += 1
            } else if value > 0 {
                positiveInfinite += 1
            } else {
                negativeInfinite += 1
            }
        }
        if !values.isEmpty { last = values[values.count - 1] }
    }
}

/// The summaries of one page, of those slices that have one, in order: the page's second chunk.
package enum SummariesChunk {
    package static func bytes(_ rows: [SliceSummary], codec: ColumnCodec) -> [UInt8] {
        var writer = ByteWriter()
        codec.encode(rows.map(\.min.bitPattern), .doubles, effort: .index, into: &writer)
        codec.encode(rows.map(\.max.bitPattern), .doubles, effort: .index, into: &writer)
        codec.encode(rows.map { UInt64($0.minPosition) }, .integers, effort: .index, into: &writer)
        codec.encode(rows.map { UInt64($0.maxPosition) }, .integers, effort: .index, into: &writer)
        codec.encode(rows.map(\.last), .doubles, effort: .index, into: &writer)
        codec.encode(rows.map { UInt64($0.nan) }, .integers, effort: .index, into: &writer)
        codec.encode(rows.map { UInt64($0.positiveInfinite) }, .integers, effort: .index, into: &writer)
        codec.encode(rows.map { UInt64($0.negativeInfinite) }, .integers, effort: .index, into: &writer)
        return writer.bytes
    }

    /// Parses the summaries of those of `slices` that have one; nil stands for the others.
    package static func parse(
        _ bytes: RawSpan, slices: SliceTable, codec: ColumnCodec
    ) throws(FormatError) -> [SliceSummary?] {
        let long = slices.counts.indices.filter { slices.counts[$0] >= FormatConstants.summaryThreshold }
        let limit = FormatConstants.axisPoints + 1
        var reader = ByteReader(bytes)
        let min = try codec.decode(&reader, count: long.count)
        let max = try codec.decode(&reader, count: long.count)
        let minPosition = try codec.decodeRows(&reader, long.count, below: limit, "a position in a slice")
        let maxPosition = try codec.decodeRows(&reader, long.count, below: limit, "a position in a slice")
        let last = try codec.decode(&reader, count: long.count)
        let nan = try codec.decodeRows(&reader, long.count, below: limit, "the NaN of a slice")
        let positive = try codec.decodeRows(&reader, long.count, below: limit, "the +Inf of a slice")
        let negative = try codec.decodeRows(&reader, long.count, below: limit, "the −Inf of a slice")
        try reader.finish("the summaries of a page")
        var rows = [SliceSummary?](repeating: nil, count: slices.count)
        for (i, slice) in long.enumerated() {
            let count = slices.counts[slice]
            var row = SliceSummary()
            row.min = Double(bitPattern: min[i])
            row.max = Double(bitPattern: max[i])
            row.minPosition = Int(minPosition[i])
            row.maxPosition = Int(maxPosition[i])
            row.last = last[i]
            row.nan = Int(nan[i])
            row.positiveInfinite = Int(positive[i])
            row.negativeInfinite = Int(negative[i])
            guard !row.min.isNaN, !row.max.isNaN, minPosition[i] < count, maxPosition[i] < count,
                nan[i] + positive[i] + negative[i] <= count
            else {
                throw FormatError(
                    .corrupt, at: 0, expected: "a summary of \(count) points", found: "\(row)")
            }
            rows[slice] = row
        }
        return rows
    }
}
