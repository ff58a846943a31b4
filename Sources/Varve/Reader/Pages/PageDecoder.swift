import VarveFormat

/// Decodes pages of metrics for a reader: of each no more than is wanted. One thread at a time.
final class PageDecoder: @unchecked Sendable {
    let codec = ColumnCodec()
    private var axes: AxisColumns
    private let chunks = ChunkReader()

    init(_ shelf: AxisShelf) { axes = AxisColumns(shelf, codec) }

    /// Fills `page` with what a request wants.
    func decode(_ request: PageRequest, into page: DecodedPage) throws(VarveError) {
        page.segment = request.segment
        page.number = request.page
        page.shared.removeAll(keepingCapacity: true)
        page.rows.removeAll(keepingCapacity: true)
        let entry = request.reader.pages[request.page]
        let differing = try addRows(request, entry, to: page)
        // Decoding by blocks costs as much as all of it where most are wanted.
        try axes.place(page, request, isPart: page.covered.count <= entry.points / 2)
        guard !page.rows.isEmpty else { return }
        let covered = page.covered
        let isPart = covered.count <= entry.points / 2
        if request.columns.contains(.values) {
            try addValues(request, entry, isPart ? covered : 0..<entry.points, to: page)
        }
        if request.columns.contains(.times) { try addDifferences(request, entry, differing, isPart: isPart, to: page) }
    }

    /// Adds a row for each slice of a wanted run. Returns how many points of the page have times of their own.
    private func addRows(
        _ request: PageRequest, _ entry: PageEntry, to page: DecodedPage
    ) throws(VarveError) -> Int {
        let segment = request.reader
        let codec = codec
        let table = try chunks.withContent(of: segment, at: entry.offset, bytes: entry.slicesBytes) {
            bytes throws(FormatError) in
            let table = try SliceTable(parsing: bytes, page: entry, limits: segment.limits, codec: codec)
            try segment.demandOwners(table.runs, table.files)
            return table
        }
        var rows = page.rows
        page.rows = []
        rows.reserveCapacity(request.runs.map { min($0.count, table.count) } ?? table.count)
        let wanted = request.runs
        var next = 0
        var (values, times) = (0, 0)
        for row in 0..<table.count {
            let (run, flags, count) = (table.runs[row], table.flags[row], Int(table.counts[row]))
            var isWanted = true
            if let wanted {
                while next < wanted.count, wanted[next] < Int(run) { next += 1 }
                isWanted = next < wanted.count && wanted[next] == Int(run)
            }
            if isWanted {
                rows.append(
                    PageRow(
                        row: UInt32(row), run: run, file: table.files[row], axis: table.axes[row],
                        start: table.starts[row], count: UInt32(count), valueOffset: UInt32(values),
                        timeOffset: UInt32(times), flags: flags, isAscending: flags.contains(.ascending)))
            }
            values += count
            if flags.contains(.ownTimes) { times += count }
        }
        page.rows = rows
        return times
    }

    private func addValues(
        _ request: PageRequest, _ entry: PageEntry, _ range: Range<Int>, to page: DecodedPage
    ) throws(VarveError) {
        let words = UnsafeMutableBufferPointer(start: page.values.reserve(range.count), count: range.count)
        try decode(request.reader, entry.valuesOffset, entry.valuesBytes, entry.points, range, into: words)
        let values = page.values.values
        page.changeRows { row in
            row.values = UnsafePointer(values + (Int(row.valueOffset) - range.lowerBound))
        }
    }

    /// Adds the differences to the times of slices that have times of their own.
    ///
    /// - Parameter count: of the differences in the page.
    private func addDifferences(
        _ request: PageRequest, _ entry: PageEntry, _ count: Int, isPart: Bool, to page: DecodedPage
    ) throws(VarveError) {
        var range: Range<Int>?
        for row in page.rows where row.flags.contains(.ownTimes) {
            let own = Int(row.timeOffset)..<Int(row.timeOffset + row.count)
            range = min(range?.lowerBound ?? own.lowerBound, own.lowerBound)..<own.upperBound
        }
        guard var range else { return }
        if !isPart { range = 0..<count }
        let words = page.differences.reserve(range.count)
        try decode(
            request.reader, entry.timesOffset, entry.timesBytes, count, range,
            into: UnsafeMutableBufferPointer(start: words, count: range.count))
        // In place: a difference becomes the time.
        let times = page.differences.numbers
        let first = range.lowerBound
        page.changeRows { row in
            guard row.flags.contains(.ownTimes), let axis = row.times else { return }
            let own = times + (Int(row.timeOffset) - first)
            for k in 0..<Int(row.count) { own[k] &+= axis[k] }
            row.times = UnsafePointer(own)
        }
    }

    /// Decodes words of a chunk's column, as few as its form allows.
    private func decode(
        _ segment: SegmentReader, _ offset: Int, _ bytes: Int, _ count: Int, _ range: Range<Int>,
        into words: UnsafeMutableBufferPointer<UInt64>
    ) throws(VarveError) {
        let codec = codec
        try chunks.withContent(of: segment, at: offset, bytes: bytes) { content throws(FormatError) in
            try codec.decode(content, count: count, range: range, into: words)
        }
    }
}

extension ColumnCodec {
    /// Decodes words of a chunk that holds one column of `count` words and nothing else.
    func decode(
        _ content: RawSpan, count: Int, range: Range<Int>, into words: UnsafeMutableBufferPointer<UInt64>
    ) throws(FormatError) {
        var reader = ByteReader(content)
        if range == 0..<count {
            if count > 0 { try decode(&reader, into: words) }
        } else {
            try decode(&reader, count: count, range: range, into: words)
        }
        try reader.finish("a column")
    }
}
