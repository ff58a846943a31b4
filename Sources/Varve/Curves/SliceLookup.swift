import VarveFormat

/// Where a slice lies on its axis, and what its steps are as far as the index says so.
struct AxisPlace {
    /// The page of axes, and the points there.
    var page: Int
    var range: Range<Int>
    /// The slice's first step and the difference between any two; spacing 0: its steps have to be decoded.
    var first: Int64 = 0
    var spacing: Int64 = 0
    /// Bounds of the steps, if they are known without decoding any.
    var bounds: ClosedRange<Int64>?
    /// Each step is above the one before it.
    var isAscending: Bool

    var count: Int { range.count }
}

/// Answers from what the index says of slices and blocks; decodes a column only where that isn't enough.
///
/// Keeps the summaries of the last page of each segment. Not thread-safe.
final class SliceLookup {
    let walker: SeriesWalker
    private let content: SnapshotContent
    private var pages: [Int: Page] = [:]

    init(_ content: SnapshotContent) {
        self.content = content
        walker = SeriesWalker(content)
    }

    /// The summaries of a page, and where those of each slice stand.
    private struct Page {
        var number: Int
        var summaries: PageSummaries
        /// By slice.
        var rows: [Int]
        var blocks: [Int]

        init(_ number: Int, _ summaries: PageSummaries, _ table: SliceTable) {
            self.number = number
            self.summaries = summaries
            var (row, block) = (0, 0)
            (rows, blocks) = ([], [])
            for count in table.counts.lazy.map({ Int($0) }) {
                rows.append(row)
                blocks.append(block)
                if PageSummaries.isLong(count) { row += 1 }
                block += PageSummaries.blockCount(count)
            }
        }
    }

    private func page(of slice: IndexedSlice) throws(VarveError) -> Page {
        if let page = pages[slice.segment], page.number == slice.slice.page { return page }
        let cursor = walker.cursor(slice.segment)
        let number = slice.slice.page
        let page = Page(number, try cursor.summaries(page: number), try cursor.slices(page: number))
        pages[slice.segment] = page
        return page
    }

    /// What is known of a slice's values; nil for a short one.
    func summary(of slice: IndexedSlice) throws(VarveError) -> SliceSummary? {
        guard PageSummaries.isLong(slice.slice.count) else { return nil }
        let page = try page(of: slice)
        return page.summaries.slices[page.rows[slice.slice.row]]
    }

    /// What is known of a slice as a whole with its first value, and of its blocks of 1,024 points, if it has any.
    func summaries(
        of slice: IndexedSlice
    ) throws(VarveError) -> (whole: SliceSummary, blocks: ArraySlice<SliceSummary>)? {
        guard PageSummaries.isLong(slice.slice.count) else { return nil }
        let page = try page(of: slice)
        guard page.summaries.hasBlocks else { return nil }
        let first = page.blocks[slice.slice.row]
        let blocks = page.summaries.blocks[first..<(first + PageSummaries.blockCount(slice.slice.count))]
        return (page.summaries.slices[page.rows[slice.slice.row]], blocks)
    }

    // MARK: Steps and times

    /// Where a slice lies.
    func place(of slice: IndexedSlice) throws(VarveError) -> AxisPlace {
        let cursor = walker.cursor(slice.segment)
        let slice = slice.slice
        let (page, range) = try cursor.place(of: slice)
        // Column by column: the table as a whole would be counted up and down.
        let axes = try cursor.loadAxes(page)
        let row = slice.axis - cursor.segment.pages[page].firstAxis
        let count = Int(axes.table.counts[row])
        let (low, high) = (axes.table.minSteps[row], axes.table.maxSteps[row])
        let isAscending = axes.table.flags[row].contains(.ascending)
        var place = AxisPlace(page: page, range: range, isAscending: isAscending || slice.flags.contains(.ascending))
        place.spacing = axes.table.spacings[row]
        // No gap has room among them.
        if isAscending, UInt64(bitPattern: high &- low) == UInt64(count - 1) { place.spacing = 1 }
        if place.spacing > 0 {
            // Within the axis' bounds, which were checked: nothing wraps.
            place.first = low &+ Int64(slice.start) &* place.spacing
            place.bounds = place.first...(place.first &+ Int64(slice.count - 1) &* place.spacing)
        } else if slice.count == count {
            place.bounds = low...high
        }
        return place
    }

    /// The bounds of a slice's steps, both attained.
    func bounds(of slice: IndexedSlice, _ place: AxisPlace) throws(VarveError) -> ClosedRange<Int64> {
        if let bounds = place.bounds { return bounds }
        let steps = try walker.cursor(slice.segment).steps(axisPage: place.page)
        var bounds = steps[place.range.lowerBound]...steps[place.range.lowerBound]
        for step in steps[place.range] {
            bounds = Swift.min(bounds.lowerBound, step)...Swift.max(bounds.upperBound, step)
        }
        return bounds
    }

    /// The step of one point of a slice.
    func step(_ position: Int, of slice: IndexedSlice, _ place: AxisPlace) throws(VarveError) -> Int64 {
        if place.spacing > 0 { return place.first &+ Int64(position) &* place.spacing }
        return try walker.cursor(slice.segment).steps(axisPage: place.page)[place.range.lowerBound + position]
    }

    /// The points of a slice without their times, which aren't decoded.
    func stepsAndValues(of slice: IndexedSlice, _ place: AxisPlace) throws(VarveError) -> PointBuffer {
        let cursor = walker.cursor(slice.segment)
        var points = PointBuffer()
        if place.spacing > 0 {
            let (first, spacing) = (place.first, place.spacing)
            points.steps = (0..<slice.slice.count).map { first &+ Int64($0) &* spacing }
        } else {
            points.steps += try cursor.steps(axisPage: place.page)[place.range]
        }
        points.values += try cursor.values(page: slice.slice.page)[slice.slice.values]
        return points
    }

    /// The time of one point of a slice.
    func time(_ position: Int, of slice: IndexedSlice, _ place: AxisPlace) throws(VarveError) -> Int64 {
        let cursor = walker.cursor(slice.segment)
        let time = try cursor.times(axisPage: place.page)[place.range.lowerBound + position]
        let slice = slice.slice
        guard slice.flags.contains(.ownTimes) else { return time }
        return time &+ (try cursor.timeDifferences(page: slice.page)[slice.timeOffset + position])
    }
}
