import VarveFormat

/// What a manifest and a segment say of a segment's points without their being decoded, held against the points: counts,
/// bounds by which pages are passed over, summaries that answer in their place.
///
/// A wrong one has a checksum that fits: it is no damage of a disk but a mistake of whoever made the segment.
struct SegmentPromises {
    private let segment: SegmentReader
    private let cursor: SegmentCursor
    private(set) var problems: [VarveError] = []

    init(_ segment: SegmentReader, _ cursor: SegmentCursor) {
        self.segment = segment
        self.cursor = cursor
    }

    private mutating func demand(_ condition: Bool, _ offset: Int, _ expected: String, _ found: String) {
        guard !condition else { return }
        problems.append(
            VarveError(
                .damaged, "the index breaks a promise", file: segment.path, offset: offset, expected: expected,
                found: found, remedy: "`varve repair` makes it anew from the logs"))
    }

    /// What the manifest says of the segment as a whole.
    mutating func counts(_ entry: ManifestEntry) {
        let points = segment.metrics.metrics.reduce(0) { $0 + $1.points }
        demand(entry.points == UInt64(points), 0, "\(entry.points) points, as the manifest says", "\(points)")
        demand(entry.runs == UInt32(clamping: segment.runs.count), 0, "\(entry.runs) runs", "\(segment.runs.count)")
        let covered = (0..<segment.coverage.count).reduce(UInt64(0)) { $0 &+ segment.coverage[$1].points }
        demand(covered == UInt64(points), 0, "\(points) points in the coverage", "\(covered)")
    }

    /// One metric: its number of points, and all its pages. Everything in them can be decoded, and was.
    mutating func metric(at position: Int) throws(VarveError) {
        let metric = segment.metrics.metrics[position]
        let pages = metric.pageRange.map { segment.pages[$0] }
        let points = pages.reduce(0) { $0 + $1.points }
        demand(points == metric.points, 0, "\(metric.points) points of \(metric.metric)", "\(points)")
        for page in metric.pageRange { try self.page(page) }
        var slices = SliceIterator(cursor, metric: position)
        while let slice = try slices.next() { try steps(of: slice) }
    }

    private mutating func page(_ page: Int) throws(VarveError) {
        let entry = segment.pages[page]
        let values = try cursor.values(page: page)
        let table = try cursor.slices(page: page)
        let whole = SliceSummary(values.span)
        demand(
            (entry.minValue, entry.maxValue) == (whole.min, whole.max), entry.offset,
            "values from \(entry.minValue) to \(entry.maxValue)", "\(whole.min) to \(whole.max)")
        let infinite = whole.positiveInfinite + whole.negativeInfinite
        demand(
            (entry.nan, entry.infinite) == (whole.nan, infinite), entry.offset,
            "\(entry.nan) NaN and \(entry.infinite) infinite values", "\(whole.nan) and \(infinite)")
        var actual = PageSummaries()
        var start = 0
        for count in table.counts.map({ Int($0) }) {
            _ = actual.append(values.span.extracting(start..<start + count))
            start += count
        }
        let stored = try cursor.summaries(page: page)
        for (row, summary) in stored.slices.enumerated() where row < actual.slices.count {
            var expected = actual.slices[row]
            // The first segments were written without.
            if !stored.hasBlocks { expected.first = summary.first }
            demand(summary == expected, entry.summariesOffset, "\(expected)", "\(summary)")
        }
        if stored.hasBlocks, !stored.isEmpty {
            demand(
                stored.blocks == actual.blocks, entry.summariesOffset, "the summaries of \(actual.blocks.count) blocks",
                "others")
        }
    }

    private mutating func steps(of slice: SliceRef) throws(VarveError) {
        let entry = segment.pages[slice.page]
        var steps: [Int64] = []
        try cursor.appendSteps(of: slice, to: &steps)
        let bounds = try cursor.axisBounds(of: slice).steps
        guard let low = steps.min(), let high = steps.max() else { return }
        demand(
            bounds.contains(low) && bounds.contains(high), entry.offset, "steps of an axis within \(bounds)",
            "\(low) to \(high)")
        demand(
            entry.minStep <= low && high <= entry.maxStep, entry.offset,
            "steps of a page from \(entry.minStep) to \(entry.maxStep)", "\(low) to \(high)")
        let isAscending = zip(steps, steps.dropFirst()).allSatisfy { $0 < $1 }
        demand(
            isAscending || !slice.flags.contains(.ascending), entry.offset, "steps that ascend in slice \(slice.row)",
            "others")
    }
}
