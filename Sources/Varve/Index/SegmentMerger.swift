import VarveFiles
import VarveFormat

/// Makes one segment of several, as a stream of one metric at a time.
///
/// Pages that are full enough, whose files are all still there, and between whose slices no other segment has any, are copied
/// without decoding; the rest is decoded and put into new pages. Memory is bounded by a page of each segment, by the
/// sections, and by 24 bytes an axis.
struct SegmentMerger {
    private let sources: [Source]
    private let runs: [UniqueID]
    private let coverage: [CoverageRow]
    private let rowsOfRuns: [UniqueID: Int]
    private let codec: ColumnCodec

    /// One of the segments.
    private struct Source {
        let segment: SegmentReader
        let cursor: SegmentCursor
        /// For each row of its coverage its place in the order of all; −1: the file is dropped.
        var ranks: [Int]
        /// For each row of its coverage the new row.
        var files: [UInt32]
        /// For each row of its runs the new row.
        var runs: [UInt32]
    }

    /// What the merger knows of the new axes, by number.
    private struct NewAxes {
        var bounds: [ClosedRange<Int64>] = []
        /// By source and old number; −1: dropped.
        var numbers: [[Int32]]
    }

    /// - Parameter isKept: whether a row of a segment's coverage is kept; what isn't is gone from the result.
    init(
        _ segments: [SegmentReader], codec: ColumnCodec, isKept: (_ segment: Int, _ row: Int) -> Bool
    ) throws(VarveError) {
        self.codec = codec
        var kept: [(source: Int, row: Int)] = []
        for (source, segment) in segments.enumerated() {
            for row in segment.coverage.indices where isKept(source, row) { kept.append((source, row)) }
        }
        kept.sort {
            CoverageTable.precedes(
                segments[$0.source].coverage, $0.row, segments[$1.source].coverage, $1.row)
        }

        var ranks = segments.map { [Int](repeating: -1, count: $0.coverage.count) }
        var files = segments.map { [UInt32](repeating: 0, count: $0.coverage.count) }
        var coverage: [CoverageRow] = []
        coverage.reserveCapacity(kept.count)
        for (rank, place) in kept.enumerated() {
            let row = segments[place.source].coverage[place.row]
            if let last = coverage.last, last.isContinued(by: row) {
                coverage[coverage.count - 1] = last.joined(with: row)
            } else {
                coverage.append(row)
            }
            ranks[place.source][place.row] = rank
            files[place.source][place.row] = UInt32(coverage.count - 1)
        }
        self.coverage = coverage

        // Properties may be of runs that have no file here.
        var runs = Set(coverage.map(\.begin.run)).subtracting([.zero])
        for (source, segment) in segments.enumerated() {
            for column in try segment.properties(codec: codec) {
                for i in 0..<column.count where ranks[source][Int(column.files[i])] >= 0 {
                    runs.insert(segment.runs[Int(column.runs[i])])
                }
            }
        }
        self.runs = runs.sorted()
        var rowsOfRuns: [UniqueID: Int] = [:]
        for (row, run) in self.runs.enumerated() { rowsOfRuns[run] = row }
        self.rowsOfRuns = rowsOfRuns
        sources = segments.indices.map { index in
            Source(
                segment: segments[index], cursor: SegmentCursor(segments[index], codec: codec), ranks: ranks[index],
                files: files[index], runs: segments[index].runs.map { UInt32(rowsOfRuns[$0] ?? 0) })
        }
    }

    /// Nothing is left of the segments.
    var isEmpty: Bool { coverage.isEmpty }

    /// Writes the segment to an empty file. `proceed` is asked between pages; false gives up, and the result is nil.
    func write(
        to file: any OpenFile, header: SegmentHeader, tier: UInt16, proceed: () -> Bool
    ) throws(VarveError) -> ManifestEntry? {
        var builder = try SegmentBuilder(file, header: header, files: coverage.count, codec: codec)
        var axes = NewAxes(numbers: sources.map { Array(repeating: -1, count: $0.segment.metrics.axes) })
        guard try mergeAxes(&builder, &axes, proceed) else { return nil }

        var metrics: [MetricKey: [(source: Int, position: Int)]] = [:]
        for (source, entry) in sources.enumerated() {
            for (position, metric) in entry.segment.metrics.metrics.enumerated() {
                metrics[metric.metric, default: []].append((source, position))
            }
        }
        for metric in metrics.keys.sorted() {
            guard try merge(metric, metrics[metric, default: []], &builder, axes, proceed) else { return nil }
        }
        return try builder.finish(runs: runs, coverage: coverage, properties: try properties(), tier: tier)
    }

    /// The newest values of each key, one key after the other: all at once would be many where there are many runs.
    private func properties() throws(VarveError) -> [StoredPropertyColumn] {
        let names = coverage.map(\.rankName)
        var columns: [(source: Int, column: StoredPropertyColumn)] = []
        for (number, source) in sources.enumerated() {
            columns += try source.segment.properties(codec: codec).map { (number, $0) }
        }
        var places: [ExactText: [Int]] = [:]
        for (place, entry) in columns.enumerated() { places[ExactText(entry.column.key), default: []].append(place) }
        return places.keys.sorted().flatMap { key in newest(places[key, default: []].map { columns[$0] }, names) }
    }

    /// The newest values of a key, of which there is a column from each of some sources.
    private func newest(
        _ columns: [(source: Int, column: StoredPropertyColumn)], _ names: [String]
    ) -> [StoredPropertyColumn] {
        // In the order of files, so that of equal revisions in one file the later one counts.
        var rows: [(rank: Int, place: Int, row: Int)] = []
        for (place, entry) in columns.enumerated() {
            for row in 0..<entry.column.count {
                let rank = sources[entry.source].ranks[Int(entry.column.files[row])]
                if rank >= 0 { rows.append((rank, place, row)) }
            }
        }
        rows.sort { $0 < $1 }
        var table = NewestProperties(names: names)
        for (_, place, row) in rows {
            let column = columns[place].column
            let source = sources[columns[place].source]
            table.add(
                run: source.segment.runs[Int(column.runs[row])], key: column.key, revision: column.revisions[row],
                time: column.times[row], file: Int(source.files[Int(column.files[row])]), value: column.value(at: row))
        }
        return table.columns(rowsOfRuns: rowsOfRuns)
    }

    // MARK: Axes

    private func mergeAxes(
        _ builder: inout SegmentBuilder, _ axes: inout NewAxes, _ proceed: () -> Bool
    ) throws(VarveError) -> Bool {
        // Those that are of any metrics come last.
        var lanes: [MetricKey: [(source: Int, pages: Range<Int>)]] = [:]
        var mixed: [(source: Int, pages: Range<Int>)] = []
        for (source, entry) in sources.enumerated() {
            for (metric, pages) in entry.segment.lanes {
                if let metric {
                    lanes[metric, default: []].append((source, pages))
                } else {
                    mixed.append((source, pages))
                }
            }
        }
        for metric in lanes.keys.sorted() {
            try builder.beginLane(metric)
            guard try mergeLane(lanes[metric, default: []], &builder, &axes, proceed) else { return false }
        }
        try builder.beginLane(nil)
        return try mergeLane(mixed, &builder, &axes, proceed)
    }

    private func mergeLane(
        _ places: [(source: Int, pages: Range<Int>)], _ builder: inout SegmentBuilder, _ axes: inout NewAxes,
        _ proceed: () -> Bool
    ) throws(VarveError) -> Bool {
        var streams: [MergeStream] = []
        for place in places {
            let source = sources[place.source]
            var stream = MergeStream(source: place.source, pages: place.pages, ranks: source.ranks)
            try stream.advance { page throws(VarveError) in try source.cursor.loadAxes(page).table.files }
            streams.append(stream)
        }
        while let (index, limit) = MergeStream.first(streams) {
            guard proceed() else { return false }
            let number = streams[index].source
            let source = sources[number]
            let page = streams[index].page
            let entry = source.segment.pages[page]
            let loaded = try source.cursor.loadAxes(page)
            var table = loaded.table
            if PageRules.isWorthCopying(entry), streams[index].isUntouched(below: limit) {
                for i in 0..<table.count {
                    table.runs[i] = source.runs[Int(table.runs[i])]
                    table.files[i] = source.files[Int(table.files[i])]
                }
                let first = try builder.copyAxisPage(page, from: source.cursor, table: table)
                for i in 0..<table.count {
                    axes.bounds.append(table.minSteps[i]...table.maxSteps[i])
                    axes.numbers[number][entry.firstAxis + i] = Int32(first + i)
                }
                streams[index].skipPage()
            } else {
                let steps = try source.cursor.steps(axisPage: page)
                let times = try source.cursor.times(axisPage: page)
                for i in streams[index].takeRows(below: limit) {
                    let range = loaded.offsets[i]..<loaded.offsets[i + 1]
                    let fresh = try builder.addAxis(
                        run: Int(source.runs[Int(table.runs[i])]), file: Int(source.files[Int(table.files[i])]),
                        steps: steps[range], times: times[range])
                    axes.bounds.append(table.minSteps[i]...table.maxSteps[i])
                    axes.numbers[number][entry.firstAxis + i] = Int32(fresh)
                }
            }
            try streams[index].advance { page throws(VarveError) in try source.cursor.loadAxes(page).table.files }
        }
        return true
    }

    // MARK: Metrics

    private func merge(
        _ metric: MetricKey, _ places: [(source: Int, position: Int)], _ builder: inout SegmentBuilder, _ axes: NewAxes,
        _ proceed: () -> Bool
    ) throws(VarveError) -> Bool {
        var streams: [MergeStream] = []
        for place in places {
            let source = sources[place.source]
            var stream = MergeStream(
                source: place.source, pages: source.segment.metrics.metrics[place.position].pageRange,
                ranks: source.ranks)
            try stream.advance { page throws(VarveError) in try source.cursor.loadSlices(page).table.files }
            streams.append(stream)
        }
        // A metric of dropped files only is gone.
        guard streams.contains(where: { $0.rank != nil }) else { return true }
        try builder.beginMetric(metric)
        while let (index, limit) = MergeStream.first(streams) {
            guard proceed() else { return false }
            let number = streams[index].source
            let source = sources[number]
            let page = streams[index].page
            let loaded = try source.cursor.loadSlices(page)
            if PageRules.isWorthCopying(source.segment.pages[page]), streams[index].isUntouched(below: limit) {
                var table = loaded.table
                for i in 0..<table.count {
                    table.axes[i] = UInt32(try newAxis(Int(table.axes[i]), axes, number))
                    table.runs[i] = source.runs[Int(table.runs[i])]
                    table.files[i] = source.files[Int(table.files[i])]
                }
                try builder.copyPage(page, from: source.cursor, table: table)
                streams[index].skipPage()
            } else {
                try copySlices(streams[index].takeRows(below: limit), loaded, page, source, number, &builder, axes)
            }
            try streams[index].advance { page throws(VarveError) in try source.cursor.loadSlices(page).table.files }
        }
        return true
    }

    private func copySlices(
        _ rows: [Int], _ loaded: SlicePage, _ page: Int, _ source: Source, _ number: Int,
        _ builder: inout SegmentBuilder,
        _ axes: NewAxes
    ) throws(VarveError) {
        let values = try source.cursor.values(page: page)
        let hasTimes = loaded.timeCount > 0
        let differences = hasTimes ? try source.cursor.timeDifferences(page: page) : []
        for row in rows {
            let slice = loaded.ref(page: page, row: row)
            let axis = try newAxis(slice.axis, axes, number)
            try builder.addSlice(
                NewSlice(
                    run: Int(source.runs[slice.run]), file: Int(source.files[slice.file]), axis: axis,
                    start: slice.start, flags: slice.flags),
                values: values[slice.values],
                differences: differences[loaded.timeOffsets[row]..<loaded.timeOffsets[row + 1]],
                steps: axes.bounds[axis])
        }
    }

    private func newAxis(_ old: Int, _ axes: NewAxes, _ source: Int) throws(VarveError) -> Int {
        let number = axes.numbers[source][old]
        guard number >= 0 else {
            throw VarveError(
                .damaged, "a slice lies on an axis of another file", file: sources[source].segment.path,
                expected: "an axis of the slice's own file", found: "axis \(old)",
                remedy: "delete the index and compact")
        }
        return Int(number)
    }
}
