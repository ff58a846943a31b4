/// The axes of one page of metric 0: the page's first two chunks (Format.md, section 6).
package struct AxisTable: Hashable, Sendable {
    /// Rows of the runs section, ascending.
    package var runs: [UInt32] = []
    /// Rows of the coverage.
    package var files: [UInt32] = []
    package var counts: [UInt32] = []
    /// Only ``SliceFlags/ascending`` is used.
    package var flags: [SliceFlags] = []
    package var minSteps: [Int64] = []
    package var maxSteps: [Int64] = []
    /// The difference between every step and the next, where it is the same and positive; else 0.
    package var spacings: [Int64] = []

    package init() {}

    package var count: Int { runs.count }

    package mutating func append(
        run: Int, file: Int, count: Int, isAscending: Bool, minStep: Int64, maxStep: Int64, spacing: Int64 = 0
    ) {
        runs.append(UInt32(run))
        files.append(UInt32(file))
        counts.append(UInt32(count))
        flags.append(isAscending ? .ascending : [])
        minSteps.append(minStep)
        maxSteps.append(maxStep)
        spacings.append(spacing)
    }

    package mutating func removeAll() {
        runs.removeAll(keepingCapacity: true)
        files.removeAll(keepingCapacity: true)
        counts.removeAll(keepingCapacity: true)
        flags.removeAll(keepingCapacity: true)
        minSteps.removeAll(keepingCapacity: true)
        maxSteps.removeAll(keepingCapacity: true)
        spacings.removeAll(keepingCapacity: true)
    }

    /// The first chunk's bytes without checksum.
    package func bytes(codec: ColumnCodec) -> [UInt8] {
        var memories = ColumnMemories()
        return bytes(codec: codec, &memories)
    }

    /// The second chunk's bytes without checksum.
    package func summaryBytes(codec: ColumnCodec) -> [UInt8] {
        var memories = ColumnMemories()
        return summaryBytes(codec: codec, &memories)
    }

    /// The first chunk's, in the forms that served the page before where they serve again.
    package func bytes(codec: ColumnCodec, _ memories: inout ColumnMemories) -> [UInt8] {
        var writer = ByteWriter()
        for (number, column) in [runs, files, counts].enumerated() {
            memories.encode(number, column, codec, into: &writer) { UInt64($0) }
        }
        memories.encode(3, flags, codec, into: &writer) { UInt64($0.rawValue) }
        return writer.bytes
    }

    /// The second chunk's likewise.
    package func summaryBytes(codec: ColumnCodec, _ memories: inout ColumnMemories) -> [UInt8] {
        var writer = ByteWriter()
        for (number, column) in [minSteps, maxSteps, spacings].enumerated() {
            memories.encode(4 + number, column, codec, into: &writer) { UInt64(bitPattern: $0) }
        }
        return writer.bytes
    }

    /// Parses both chunks.
    package init(
        parsing bytes: RawSpan, summaries: RawSpan, page: PageEntry, limits: SegmentLimits, codec: ColumnCodec
    ) throws(FormatError) {
        let count = page.slices
        var reader = ByteReader(bytes)
        runs = try codec.decodeRows(&reader, count, below: page.lastRun + 1, "a run of the page")
        files = try codec.decodeRows(&reader, count, below: limits.files, "a file of the segment")
        counts = try codec.decodeRows(&reader, count, below: FormatConstants.axisPoints + 1, "points of an axis")
        flags = try codec.decodeRows(&reader, count, below: 3, "flags of an axis").map {
            SliceFlags(rawValue: UInt8($0))
        }
        try reader.finish("the axes of a page")
        var summaryReader = ByteReader(summaries)
        minSteps = try codec.decodeIntegers(&summaryReader, count: count)
        maxSteps = try codec.decodeIntegers(&summaryReader, count: count)
        spacings = [Int64](repeating: 0, count: count)
        // The first segments were written without.
        if summaryReader.remaining > 0 { spacings = try codec.decodeIntegers(&summaryReader, count: count) }
        try summaryReader.finish("the summaries of axes")
        var points = 0
        for i in 0..<count {
            guard counts[i] >= 1, runs[i] >= (i == 0 ? UInt32(page.firstRun) : runs[i - 1]),
                flags[i].isSubset(of: .ascending), minSteps[i] <= maxSteps[i]
            else {
                throw FormatError(
                    .corrupt, at: 0, expected: "axis \(i) of a page in order, with points",
                    found: "run \(runs[i]), \(counts[i]) points, steps \(minSteps[i]) to \(maxSteps[i])")
            }
            if spacings[i] != 0 {
                let (span, isTooFar) = UInt64(bitPattern: spacings[i]).multipliedReportingOverflow(
                    by: UInt64(counts[i] - 1))
                guard spacings[i] > 0, !isTooFar, span == UInt64(bitPattern: maxSteps[i] &- minSteps[i]),
                    flags[i].contains(.ascending)
                else {
                    throw FormatError(
                        .corrupt, at: 0, expected: "\(counts[i]) steps from \(minSteps[i]) to \(maxSteps[i])",
                        found: "\(spacings[i]) apart")
                }
            }
            points += Int(counts[i])
        }
        guard points == page.points, Int(runs[0]) == page.firstRun, Int(runs[count - 1]) == page.lastRun else {
            throw FormatError(
                .corrupt, at: 0, expected: "\(page.points) points of runs \(page.firstRun) to \(page.lastRun)",
                found: "\(points) of \(runs[0]) to \(runs[count - 1])")
        }
    }
}
