import VarveFormat

/// What a manifest and a segment say of a segment's points without their being decoded, held against the points: counts,
/// bounds by which pages are passed over, summaries that answer in their place.
///
/// A wrong one has a checksum that fits: it is no damage of a disk but a mistake of whoever made the segment.
struct SegmentPromises {
    private let segment: SegmentReader
    private let cursor: SegmentCursor
    private(set) var problems: [VarveError] = []
    /// What the steps of whole axes are: many series share one.
    private var axes: [Int: Steps] = [:]

    /// What some steps are.
    private struct Steps {
        var low: Int64
        var high: Int64
        var isAscending: Bool

        init?(_ steps: ArraySlice<Int64>) {
            guard var before = steps.first else { return nil }
            (low, high, isAscending) = (before, before, true)
            for step in steps.dropFirst() {
                low = min(low, step)
                high = max(high, step)
                if step <= before { isAscending = false }
                before = step
            }
        }
    }

    init(_ segment: SegmentReader, _ cursor: SegmentCursor) {
        self.segment = segment
        self.cursor = cursor
    }

    /// Words are made only where a promise is broken: it is asked for every slice.
    private mutating func demand(
        _ condition: Bool, _ offset: Int, _ expected: @autoclosure () -> String, _ found: @autoclosure () -> String
    ) {
        guard !condition else { return }
        problems.append(
            VarveError(
                .damaged, "the index breaks a promise", file: segment.path, offset: offset, expected: expected(),
                found: found(), remedy: "`varve repair` makes it anew from the logs"))
    }

    /// What the manifest says of the segment as a whole.
    mutating func counts(_ entry: ManifestEntry) {
        let points = segment.metrics.metrics.reduce(0) { $0 + $1.points }
        demand(entry.points == UInt64(points), 0, "\(entry.points) points, as the manifest says", "\(points)")
        let runs = segment.runs.count
        demand(entry.runs == UInt32(clamping: runs), 0, "\(entry.runs) runs", "\(runs)")
        let covered = (0..<segment.coverage.count).reduce(UInt64(0)) { $0 &+ segment.coverage[$1].points }
        demand(covered == UInt64(points), 0, "\(points) points in the coverage", "\(covered)")
    }

    /// What the segment says of a metric as a whole.
    mutating func points(of metric: SegmentMetric) {
        let points = metric.pageRange.reduce(0) { $0 + segment.pages[$1].points }
        demand(points == metric.points, 0, "\(metric.points) points of \(metric.metric)", "\(points)")
    }

    /// What the directory says of a page's values, and the page of its slices.
    mutating func page(_ page: Int) throws(VarveError) {
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

    /// What axes, directory and slices say of the steps of a page.
    mutating func steps(ofPage page: Int) throws(VarveError) {
        let slices = try cursor.loadSlices(page)
        for row in 0..<slices.table.count { try steps(of: slices.ref(page: page, row: row)) }
    }

    private mutating func steps(of slice: SliceRef) throws(VarveError) {
        let place = try cursor.place(of: slice)
        // Column by column: the table as a whole would be counted up and down.
        let page = try cursor.loadAxes(place.page)
        let row = slice.axis - segment.pages[place.page].firstAxis
        let (least, most) = (page.table.minSteps[row], page.table.maxSteps[row])
        let isWhole = slice.count == Int(page.table.counts[row])
        let steps: Steps
        if isWhole, let known = axes[slice.axis] {
            steps = known
        } else {
            guard let found = try Steps(cursor.steps(axisPage: place.page)[place.range]) else { return }
            if isWhole { axes[slice.axis] = found }
            steps = found
        }
        let entry = segment.pages[slice.page]
        let (low, high) = (steps.low, steps.high)
        demand(
            least <= low && high <= most, entry.offset, "steps of an axis from \(least) to \(most)", "\(low) to \(high)"
        )
        demand(
            entry.minStep <= low && high <= entry.maxStep, entry.offset,
            "steps of a page from \(entry.minStep) to \(entry.maxStep)", "\(low) to \(high)")
        demand(
            steps.isAscending || !slice.flags.contains(.ascending), entry.offset,
            "steps that ascend in slice \(slice.row)", "others")
    }
}
