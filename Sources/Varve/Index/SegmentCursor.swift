import VarveFormat

/// Reads the pages of one segment, and keeps the last page of each kind decoded: reading one metric over all runs
/// decodes each page once.
///
/// Each chunk is proved by its checksum whenever it is read from the file. Not thread-safe: make one a thread.
package final class SegmentCursor {
    package let segment: SegmentReader
    let codec: ColumnCodec
    private let chunks = ChunkReader()
    private var slicePage = Cached<SlicePage>()
    private var axisPage = Cached<AxisPage>()
    private var values = Cached<[UInt64]>()
    private var differences = Cached<[Int64]>()
    private var axisSteps = Cached<[Int64]>()
    private var axisTimes = Cached<[Int64]>()

    package init(_ segment: SegmentReader, codec: ColumnCodec) {
        self.segment = segment
        self.codec = codec
    }

    /// What was decoded last of one kind.
    private struct Cached<Value> {
        private var page = -1
        private var value: Value?

        func get(_ page: Int) -> Value? { page == self.page ? value : nil }

        mutating func set(_ page: Int, _ value: Value) {
            self.page = page
            self.value = value
        }

        /// Takes the value out, so that its memory can be used anew.
        mutating func take() -> Value? {
            page = -1
            defer { value = nil }
            return value
        }
    }

    // MARK: Pages of metrics

    /// The slices of a page.
    package func slices(page: Int) throws(VarveError) -> SliceTable { try loadSlices(page).table }

    func loadSlices(_ page: Int) throws(VarveError) -> SlicePage {
        if let known = slicePage.get(page) { return known }
        let entry = segment.pages[page]
        let limits = segment.limits
        let codec = codec
        let table = try chunk(entry.offset, entry.slicesBytes) { bytes throws(FormatError) in
            let table = try SliceTable(parsing: bytes, page: entry, limits: limits, codec: codec)
            try segment.demandOwners(table.runs, table.files)
            return table
        }
        let loaded = SlicePage(table)
        slicePage.set(page, loaded)
        return loaded
    }

    /// The values of a page as bit patterns, slices end to end. Drop the array before the next page is asked for, and
    /// its
    /// memory is used anew.
    package func values(page: Int) throws(VarveError) -> [UInt64] {
        if let known = values.get(page) { return known }
        let entry = segment.pages[page]
        var words = values.take() ?? []
        try decode(entry.valuesOffset, entry.valuesBytes, count: entry.points, into: &words)
        values.set(page, words)
        return words
    }

    /// The time differences of those slices of a page that have some, end to end.
    package func timeDifferences(page: Int) throws(VarveError) -> [Int64] {
        if let known = differences.get(page) { return known }
        let count = try loadSlices(page).timeCount
        let entry = segment.pages[page]
        var times = differences.take() ?? []
        try decode(entry.timesOffset, entry.timesBytes, count: count, into: &times)
        differences.set(page, times)
        return times
    }

    // MARK: Axes

    func loadAxes(_ page: Int) throws(VarveError) -> AxisPage {
        if let known = axisPage.get(page) { return known }
        let entry = segment.pages[page]
        let limits = segment.limits
        let codec = codec
        let summaries = try content(entry.summariesOffset, entry.summariesBytes)
        let table = try chunk(entry.offset, entry.slicesBytes) { bytes throws(FormatError) in
            let table = try AxisTable(
                parsing: bytes, summaries: summaries.span.bytes, page: entry, limits: limits, codec: codec)
            try segment.demandOwners(table.runs, table.files)
            return table
        }
        let loaded = AxisPage(table)
        axisPage.set(page, loaded)
        return loaded
    }

    /// The steps of a page of axes, end to end.
    package func steps(axisPage page: Int) throws(VarveError) -> [Int64] {
        if let known = axisSteps.get(page) { return known }
        let entry = segment.pages[page]
        var steps = axisSteps.take() ?? []
        try decode(entry.valuesOffset, entry.valuesBytes, count: entry.points, into: &steps)
        axisSteps.set(page, steps)
        return steps
    }

    /// The times of a page of axes, end to end.
    package func times(axisPage page: Int) throws(VarveError) -> [Int64] {
        if let known = axisTimes.get(page) { return known }
        let entry = segment.pages[page]
        var times = axisTimes.take() ?? []
        try decode(entry.timesOffset, entry.timesBytes, count: entry.points, into: &times)
        axisTimes.set(page, times)
        return times
    }

    /// Where the points of a slice stand on the pages of axes.
    func place(of slice: SliceRef) throws(VarveError) -> (page: Int, range: Range<Int>) {
        let page = segment.page(ofAxis: slice.axis)
        let axes = try loadAxes(page)
        let row = slice.axis - segment.pages[page].firstAxis
        guard row < axes.table.count, slice.start + slice.count <= Int(axes.table.counts[row]) else {
            throw VarveError(
                FormatError(
                    .corrupt, at: segment.pages[slice.page].offset, expected: "slice \(slice.row) to lie on its axis",
                    found: "points \(slice.start) to \(slice.start + slice.count) of axis \(slice.axis)",
                    file: segment.path))
        }
        let first = axes.offsets[row] + slice.start
        return (page, first..<(first + slice.count))
    }

    // MARK: Chunks

    /// Reads a chunk and lets `body` see its content, proved.
    private func chunk<R>(
        _ offset: Int, _ bytes: Int, _ body: (RawSpan) throws(FormatError) -> R
    ) throws(VarveError) -> R {
        try chunks.withContent(of: segment, at: offset, bytes: bytes, body)
    }

    /// The content of a chunk without its checksum, proved: for copying it as it is.
    func content(_ offset: Int, _ bytes: Int) throws(VarveError) -> [UInt8] {
        try chunk(offset, bytes) { content in content.withUnsafeBytes { [UInt8]($0) } }
    }

    private func decode<Word: FixedWidthInteger>(
        _ offset: Int, _ bytes: Int, count: Int, into words: inout [Word]
    ) throws(VarveError) {
        if words.count > count {
            words.removeLast(words.count - count)
        } else {
            words.append(contentsOf: repeatElement(0, count: count - words.count))
        }
        guard count > 0 else { return }
        let codec = codec
        var failure: FormatError?
        var target = words
        words = []
        try chunk(offset, bytes) { content throws(FormatError) in
            var reader = ByteReader(content)
            target.withUnsafeMutableBufferPointer { buffer in
                buffer.withMemoryRebound(to: UInt64.self) { words in
                    do throws(FormatError) { try codec.decode(&reader, into: words) } catch { failure = error }
                }
            }
            if let failure { throw failure }
            try reader.finish("a column")
        }
        words = target
    }
}

/// The axes of one page, with where their points stand in it. A class, as ``SlicePage`` is.
final class AxisPage {
    let table: AxisTable
    /// For each axis, and one more for the end.
    let offsets: [Int]

    init(_ table: AxisTable) {
        self.table = table
        var offsets = [0]
        offsets.reserveCapacity(table.count + 1)
        for count in table.counts { offsets.append(offsets[offsets.count - 1] + Int(count)) }
        self.offsets = offsets
    }
}
