import VarveFiles
import VarveFormat

/// Writes a segment as a stream: the axes, then the metrics in order, each in the order of files and sequences; then
/// the
/// sections. Memory is bounded by a page, the directory and the sections.
///
/// Rows of runs and of the coverage are those of the arrays that ``finish(runs:coverage:properties:tier:)`` is given.
/// Callers keep the order; what would break the format is checked where it costs nothing.
struct SegmentBuilder: ~Copyable {
    let header: SegmentHeader
    private let codec: ColumnCodec
    private var output: SegmentOutput
    private(set) var pages: [PageEntry] = []
    private var axes = AxisAssembler()
    private var slices = SliceAssembler()
    /// For each page of axes the metric whose axes they are; nil: of any.
    private var lanes: [MetricKey?] = []
    private var lane: MetricKey?
    /// Axes that were added or copied so far.
    private(set) var axisCount = 0
    private var metrics: [SegmentMetric] = []
    private var lastRun = -1
    /// The form of the metric's pages so far.
    private var memory = ColumnMemory()
    /// The forms of all other columns.
    private(set) var memories: ChunkMemories
    /// Points by row of the coverage.
    private var pointsOfFiles: [UInt64]

    /// Begins a segment in an empty file.
    ///
    /// - Parameter memories: the forms of columns in another segment, to be tried first.
    init(
        _ file: any OpenFile, header: SegmentHeader, files: Int, codec: ColumnCodec,
        memories: ChunkMemories = ChunkMemories()
    ) throws(VarveError) {
        self.memories = memories
        self.header = header
        self.codec = codec
        output = SegmentOutput(file)
        pointsOfFiles = [UInt64](repeating: 0, count: files)
        try output.append(header.bytes())
    }

    /// Bytes written so far, about.
    var bytes: Int { output.offset }

    // MARK: Axes

    /// Goes on to the axes of a metric, or to those that are of any. They stand on pages of their own.
    mutating func beginLane(_ metric: MetricKey?) throws(VarveError) {
        try closeAxisPage()
        lane = metric
    }

    /// Adds an axis of 1 to 16,384 points, and returns its number.
    mutating func addAxis(run: Int, file: Int, steps: ArraySlice<Int64>, times: ArraySlice<Int64>) throws(VarveError)
        -> Int
    {
        precondition(metrics.isEmpty, "axes come before metrics")
        if !axes.fits(steps.count) { try closeAxisPage() }
        axes.append(run: run, file: file, steps: steps, times: times)
        axisCount += 1
        return axisCount - 1
    }

    /// Copies a page of axes without decoding its points; rows are given anew. Returns the number of its first axis.
    mutating func copyAxisPage(_ page: Int, from cursor: SegmentCursor, table: AxisTable) throws(VarveError) -> Int {
        try closeAxisPage()
        var entry = cursor.segment.pages[page]
        let old = entry
        entry.firstAxis = axisCount
        entry.lane = 0
        entry.firstRun = Int(table.runs[0])
        entry.lastRun = Int(table.runs[table.count - 1])
        try append(entry, old: old, from: cursor, slices: table.bytes(codec: codec, &memories.axes))
        lanes.append(lane)
        axisCount += table.count
        return entry.firstAxis
    }

    private mutating func closeAxisPage() throws(VarveError) {
        guard !axes.isEmpty else { return }
        var entry = axes.entry
        entry.firstAxis = axisCount - axes.table.count
        let chunks = [
            axes.table.bytes(codec: codec, &memories.axes), axes.table.summaryBytes(codec: codec, &memories.axes),
            memories.points.bytes(0, axes.times, codec), memories.points.bytes(1, axes.steps, codec),
        ]
        try append(entry, chunks)
        axes.removeAll()
        lanes.append(lane)
    }

    // MARK: Metrics

    /// Goes on to the next metric; metrics ascend.
    ///
    /// - Parameter memory: the form of the metric's pages in another segment, to be tried first.
    mutating func beginMetric(_ metric: MetricKey, memory: ColumnMemory = ColumnMemory()) throws(VarveError) {
        try closeAxisPage()
        try closePage()
        precondition(metrics.last.map { $0.metric < metric } ?? true, "metrics ascend")
        metrics.append(SegmentMetric(metric: metric, firstPage: pages.count))
        lastRun = -1
        self.memory = memory
    }

    /// Ends the metric at hand. Returns the form of its pages, for the same metric in the next segment.
    mutating func endMetric() throws(VarveError) -> ColumnMemory {
        try closePage()
        return memory
    }

    /// Adds a slice of the metric at hand.
    ///
    /// - Parameters:
    ///   - differences: of its times from those of its axis; none: they are the same.
    ///   - steps: bounds of its steps.
    mutating func addSlice(
        _ slice: NewSlice, values: ArraySlice<UInt64>, differences: ArraySlice<Int64>, steps: ClosedRange<Int64>
    ) throws(VarveError) {
        try openSlice(values.count)
        append(values.span)
        closeSlice(slice, differences: differences, steps: steps)
    }

    /// Makes room for a slice of `count` points: its values are appended next, in one piece or several.
    mutating func openSlice(_ count: Int) throws(VarveError) {
        if !slices.fits(count) { try closePage() }
    }

    /// Appends values of the slice that was opened.
    mutating func append(_ values: Span<UInt64>) { slices.append(values) }

    /// Adds the slice whose values were appended.
    mutating func closeSlice(_ slice: NewSlice, differences: ArraySlice<Int64>, steps: ClosedRange<Int64>) {
        precondition(slice.axis < axisCount, "a slice lies on an axis")
        let points = slices.close(slice, differences: differences, steps: steps)
        count(slice.run, slice.file, points, slice.flags)
    }

    /// Copies a page of the metric at hand without decoding its points; rows are given anew.
    mutating func copyPage(_ page: Int, from cursor: SegmentCursor, table: SliceTable) throws(VarveError) {
        try closePage()
        var entry = cursor.segment.pages[page]
        let old = entry
        entry.firstRun = Int(table.runs[0])
        entry.lastRun = Int(table.runs[table.count - 1])
        try append(entry, old: old, from: cursor, slices: table.bytes(codec: codec, &memories.slices))
        metrics[metrics.count - 1].pages += 1
        for i in 0..<table.count {
            count(Int(table.runs[i]), Int(table.files[i]), Int(table.counts[i]), table.flags[i])
        }
    }

    private mutating func count(_ run: Int, _ file: Int, _ points: Int, _ flags: SliceFlags) {
        let metric = metrics.count - 1
        metrics[metric].points += points
        metrics[metric].types.insert(ValueTypes(flags.valueType))
        if run != lastRun { metrics[metric].runs += 1 }
        lastRun = run
        pointsOfFiles[file] += UInt64(points)
    }

    private mutating func closePage() throws(VarveError) {
        guard !slices.isEmpty else { return }
        var values = ByteWriter(capacity: slices.values.count * 4)
        // Of a page of many short series a reader often wants one.
        let effort: ColumnEffort = slices.table.count > PageRules.fewSlices ? .parts : .index
        codec.encode(slices.values, .doubles, effort: effort, memory: &memory, into: &values)
        let chunks = [
            slices.table.bytes(codec: codec, &memories.slices),
            slices.summaries.isEmpty ? [] : slices.summaries.bytes(codec: codec, &memories.summaries),
            slices.differences.isEmpty ? [] : memories.points.bytes(2, slices.differences, codec),
            values.bytes,
        ]
        try append(slices.entry, chunks)
        slices.removeAll()
        metrics[metrics.count - 1].pages += 1
    }

    // MARK: Pages

    private mutating func append(_ entry: PageEntry, _ chunks: [[UInt8]]) throws(VarveError) {
        try output.align()
        var entry = entry
        entry.offset = output.offset
        entry.slicesBytes = try output.appendChecked(chunks[0])
        entry.summariesBytes = try output.appendChecked(chunks[1])
        entry.timesBytes = try output.appendChecked(chunks[2])
        entry.valuesBytes = try output.appendChecked(chunks[3])
        pages.append(entry)
    }

    private mutating func append(
        _ entry: PageEntry, old: PageEntry, from cursor: SegmentCursor, slices: [UInt8]
    ) throws(VarveError) {
        func copy(_ offset: Int, _ bytes: Int) throws(VarveError) -> [UInt8] {
            bytes == 0 ? [] : try cursor.content(offset, bytes)
        }
        let chunks = [
            slices, try copy(old.summariesOffset, old.summariesBytes), try copy(old.timesOffset, old.timesBytes),
            try copy(old.valuesOffset, old.valuesBytes),
        ]
        try append(entry, chunks)
    }

    // MARK: The end

    /// Writes the sections and the trailer, and returns what a manifest says of the segment. The file is not synced.
    ///
    /// - Parameters:
    ///   - runs: ascending; all that the coverage and the properties name.
    ///   - coverage: in order; the points of each row are filled in.
    mutating func finish(
        runs: [UniqueID], coverage: [CoverageRow], properties: [StoredPropertyColumn], tier: UInt16
    ) throws(VarveError) -> ManifestEntry {
        try closeAxisPage()
        try closePage()
        try output.align()
        precondition(coverage.count == pointsOfFiles.count, "each file has its row")
        try Self.checkCaps(runs: runs.count, files: coverage.count, metrics: metrics.count, properties)
        var coverage = coverage
        for i in coverage.indices { coverage[i].points = pointsOfFiles[i] }
        let start = output.offset
        var tail: [UInt8] = []
        func section(_ content: [UInt8], isAbsent: Bool = false) -> SegmentTrailer.Section {
            let offset = start + tail.count
            guard !isAbsent else { return SegmentTrailer.Section(offset: offset, bytes: 0) }
            var bytes = content
            CheckedBytes.append(to: &bytes, at: offset)
            tail += bytes
            return SegmentTrailer.Section(offset: offset, bytes: bytes.count)
        }
        let numbers = Dictionary(metrics.indices.map { (metrics[$0].metric, $0 + 1) }) { first, _ in first }
        for (page, lane) in lanes.enumerated() { pages[page].lane = lane.flatMap { numbers[$0] } ?? 0 }
        let directory = MetricsSection(axisPages: lanes.count, axes: axisCount, metrics: metrics)
        let trailer = SegmentTrailer(
            metrics: section(directory.bytes(zstd: codec.zstd)), pages: section(PagesSection.bytes(pages)),
            runs: section(RunsSection.bytes(runs)),
            coverage: section(CoverageSection.bytes(coverage, runs: runs, codec: codec)),
            properties: section(
                PropertiesSection.bytes(properties, codec: codec), isAbsent: properties.isEmpty))
        tail += trailer.bytes()
        try output.append(tail)
        try output.flush()
        func seconds(_ run: UniqueID?) -> UInt32 { UInt32(clamping: (run?.milliseconds ?? 0) / 1000) }
        let owners = coverage.lazy.map(\.begin.run).filter { $0 != .zero }
        return ManifestEntry(
            id: header.id, size: output.offset, sectionsOffset: start, sectionsHash: XXHash64.hash(tail),
            points: pointsOfFiles.reduce(0, +), runs: UInt32(runs.count), tier: tier,
            firstRunSeconds: seconds(owners.min()), lastRunSeconds: seconds(owners.max()))
    }
}

extension SegmentBuilder {
    /// Refuses what no reader would open.
    private static func checkCaps(
        runs: Int, files: Int, metrics: Int, _ properties: [StoredPropertyColumn]
    ) throws(VarveError) {
        func check(_ what: String, _ count: Int, _ cap: Int) throws(VarveError) {
            guard count <= cap else {
                throw VarveError(
                    .limit, "a segment would exceed a limit of the format", expected: "at most \(cap) \(what)",
                    found: "\(count)")
            }
        }
        try check("runs", runs, FormatConstants.maxSegmentRuns)
        try check("files", files, FormatConstants.maxSegmentFiles)
        try check("metrics", metrics, FormatConstants.maxSegmentMetrics)
        try check("bytes of properties", PropertiesSection.weight(properties), FormatConstants.maxPlainBytes)
    }
}

/// Where a slice that is being added belongs.
struct NewSlice {
    var run: Int
    var file: Int
    var axis: Int
    /// The first of its points on the axis.
    var start: Int
    var flags: SliceFlags
}

/// The forms that served the columns of pages, but for values, whose form is the metric's.
struct ChunkMemories {
    var axes = ColumnMemories()
    var slices = ColumnMemories()
    var summaries = ColumnMemories()
    /// Times, steps, and time differences.
    var points = ColumnMemories()
}
