/// What a slice's points have in common.
///
/// Readers ask for flags once a slice, from another module: what they need is inlined there.
// Not `@usableFromInline`, its members would be called in spite of `@inlinable`.
@frozen @usableFromInline
package struct SliceFlags: OptionSet, Hashable, Sendable {
    @usableFromInline package let rawValue: UInt8
    @inlinable package init(rawValue: UInt8) { self.rawValue = rawValue }
    /// Its steps were counted by the writer: a rewind never supersedes it.
    @inlinable package static var automaticSteps: SliceFlags { SliceFlags(rawValue: 1) }
    /// Its steps ascend strictly.
    @inlinable package static var ascending: SliceFlags { SliceFlags(rawValue: 2) }
    /// Its times differ from those of its axis, by the differences in the page.
    @inlinable package static var ownTimes: SliceFlags { SliceFlags(rawValue: 4) }

    @inlinable package func contains(_ flags: SliceFlags) -> Bool { rawValue & flags.rawValue == flags.rawValue }

    /// The value type, in bits 3 and 4.
    package var valueType: ValueType { ValueType(rawValue: rawValue >> 3 & 3) ?? .double }

    package init(_ definition: SeriesDefinition) {
        rawValue = (definition.automaticSteps ? 1 : 0) | definition.valueType.rawValue << 3
    }
}

/// The numbers against which the rows of a segment's chunks are checked.
package struct SegmentLimits: Hashable, Sendable {
    package var runs: Int
    package var files: Int
    package var axes: Int

    package init(runs: Int, files: Int, axes: Int) {
        self.runs = runs
        self.files = files
        self.axes = axes
    }
}

/// The slices of one page of a metric, a column a property: the page's first chunk (Format.md, section 6).
package struct SliceTable: Hashable, Sendable {
    /// Rows of the runs section, ascending.
    package var runs: [UInt32] = []
    /// Rows of the coverage.
    package var files: [UInt32] = []
    /// Numbers of axes, counted over the segment.
    package var axes: [UInt32] = []
    /// Where on its axis each begins.
    package var starts: [UInt32] = []
    package var counts: [UInt32] = []
    package var flags: [SliceFlags] = []

    package init() {}

    package var count: Int { runs.count }

    package mutating func append(run: Int, file: Int, axis: Int, start: Int, count: Int, flags: SliceFlags) {
        runs.append(UInt32(run))
        files.append(UInt32(file))
        axes.append(UInt32(axis))
        starts.append(UInt32(start))
        counts.append(UInt32(count))
        self.flags.append(flags)
    }

    package mutating func removeAll() {
        runs.removeAll(keepingCapacity: true)
        files.removeAll(keepingCapacity: true)
        axes.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        counts.removeAll(keepingCapacity: true)
        flags.removeAll(keepingCapacity: true)
    }

    /// The chunk's bytes without checksum.
    package func bytes(codec: ColumnCodec) -> [UInt8] {
        var memories = ColumnMemories()
        return bytes(codec: codec, &memories)
    }

    /// The same, in the forms that served the page before where they serve again.
    package func bytes(codec: ColumnCodec, _ memories: inout ColumnMemories) -> [UInt8] {
        var writer = ByteWriter()
        for (number, column) in [runs, files, axes, starts, counts].enumerated() {
            memories.encode(number, column, codec, into: &writer) { UInt64($0) }
        }
        memories.encode(5, flags, codec, into: &writer) { UInt64($0.rawValue) }
        return writer.bytes
    }

    /// Parses the chunk of a page that has, says the directory, these runs and this many points.
    package init(parsing bytes: RawSpan, page: PageEntry, limits: SegmentLimits, codec: ColumnCodec) throws(FormatError)
    {
        var reader = ByteReader(bytes)
        let count = page.slices
        runs = try codec.decodeRows(&reader, count, below: page.lastRun + 1, "a run of the page")
        files = try codec.decodeRows(&reader, count, below: limits.files, "a file of the segment")
        axes = try codec.decodeRows(&reader, count, below: limits.axes, "an axis of the segment")
        starts = try codec.decodeRows(&reader, count, below: FormatConstants.axisPoints, "a start on an axis")
        counts = try codec.decodeRows(&reader, count, below: FormatConstants.axisPoints + 1, "points on an axis")
        flags = try codec.decodeRows(&reader, count, below: 24, "flags of a slice").map {
            SliceFlags(rawValue: UInt8($0))
        }
        try reader.finish("the slices of a page")
        var points = 0
        var lastRun = UInt32(page.firstRun)
        for i in 0..<count {
            guard runs[i] >= lastRun, counts[i] >= 1, Int(starts[i] + counts[i]) <= FormatConstants.axisPoints else {
                throw FormatError(
                    .corrupt, at: 0, expected: "slice \(i) of a page in order and within an axis",
                    found: "run \(runs[i]), points \(starts[i]) + \(counts[i])")
            }
            lastRun = runs[i]
            points += Int(counts[i])
        }
        guard points == page.points, Int(runs[0]) == page.firstRun, Int(lastRun) == page.lastRun else {
            throw FormatError(
                .corrupt, at: 0, expected: "\(page.points) points of runs \(page.firstRun) to \(page.lastRun)",
                found: "\(points) of \(runs[0]) to \(lastRun)")
        }
    }
}

extension ColumnCodec {
    /// Takes a column of numbers each of which is below `limit`.
    func decodeRows(
        _ reader: inout ByteReader, _ count: Int, below limit: Int, _ what: StaticString
    ) throws(FormatError) -> [UInt32] {
        let start = reader.offset
        let words = try decode(&reader, count: count)
        // Without a way out of the loop several are looked at at once: the top bit of a sum is set if a word is too large.
        let last = UInt64(bitPattern: Int64(limit - 1))
        var tops: UInt64 = 0
        for word in words { tops |= (last &- word) | word }
        if tops >> 63 != 0, let wrong = words.first(where: { $0 >= UInt64(limit) }) {
            throw FormatError(.corrupt, at: start, expected: "\(what) below \(limit)", found: "\(wrong)")
        }
        return words.map { UInt32(truncatingIfNeeded: $0) }
    }
}
