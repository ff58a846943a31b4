import VarveFiles
import VarveFormat

/// A segment that is made from logs: parts of log files are collected, then written in the order of a segment.
///
/// Memory: that of ``IntakePoints`` and ``IntakeSeries``, which ``bytes`` bounds, and what a part has besides.
struct LevelZero {
    /// At most about this many points; the last frame may bring more.
    static let maxPoints = 4_000_000
    private static let maxBytes = 64 << 20
    private static let maxWeight = 16 << 20
    private static let maxParts = 32_768

    /// Consecutive frames of one log file: what becomes one row of the segment's coverage.
    struct Part {
        var row: CoverageRow
        var pieces: Range<Int>
        var properties: [PropertyEntry]
    }

    private let maxPoints: Int
    /// What the kinds of pieces are.
    private(set) var kinds = SeriesKinds()
    /// Frames are decoded into this.
    var content: IntakePoints
    private var series = IntakeSeries()
    private var parts: [Part] = []
    private var points = 0
    private var weight = 0
    /// The forms in which the last pages were stored, of values by kind.
    private var memories: [ColumnMemory] = []
    private var chunks = ChunkMemories()

    var isEmpty: Bool { parts.isEmpty }
    var isFull: Bool {
        points >= maxPoints || content.bytes >= Self.maxBytes || weight >= Self.maxWeight
            || parts.count >= Self.maxParts
    }
    /// So many that a new list should be begun.
    var hasManyKinds: Bool { kinds.weight > Self.maxWeight }
    /// The row of the part that was added last.
    var lastRow: CoverageRow? { parts.last?.row }
    /// The points for which there is still room.
    var room: Int { max(1, maxPoints - points) }
    /// Of each file the row that the others go on from, once the segment is written. A file has several if it stands in
    /// two places, cut off in one of them.
    var firstRows: [CoverageRow] {
        var seen: Set<LogIdentity> = []
        return parts.map(\.row).filter { seen.insert($0.identity).inserted }
    }

    init(maxPoints: Int = LevelZero.maxPoints) {
        self.maxPoints = maxPoints
        content = IntakePoints(points: min(maxPoints, Self.maxPoints))
    }

    /// Adds a part whose pieces stand at the end of ``content``.
    mutating func add(_ part: Part, points: Int) {
        guard !part.row.offsets.isEmpty else { return }
        parts.append(part)
        self.points += points
        weight += part.properties.reduce(0) { $0 + $1.weight }
    }

    /// Begins the next segment, in the same memory.
    mutating func removeAll() {
        content.removeAll()
        series.removeAll()
        parts.removeAll(keepingCapacity: true)
        (points, weight) = (0, 0)
    }

    /// Forgets the kinds if they have become many. Only between segments, and when no file is open: their numbers change.
    mutating func renewKinds() {
        kinds = SeriesKinds()
        memories = []
    }

    // MARK: Writing

    /// Writes the segment to an empty file.
    mutating func write(
        to file: any OpenFile, header: SegmentHeader, codec: ColumnCodec
    ) throws(VarveError) -> ManifestEntry {
        parts.sort { CoverageRow.precedes($0.row, $1.row) }
        let coverage = parts.map(\.row)
        var properties = NewestProperties(coverage)
        for (row, part) in parts.enumerated() {
            for entry in part.properties {
                let run = entry.run ?? part.row.begin.run
                guard run != .zero else { continue }
                properties.add(
                    run: run, key: entry.key, revision: entry.revision, time: entry.time, file: row, value: entry.value)
            }
        }
        let runs = properties.runs.union(coverage.map(\.begin.run)).subtracting([.zero]).sorted()
        var rowsOfRuns: [UniqueID: Int] = [:]
        rowsOfRuns.reserveCapacity(runs.count)
        for (row, run) in runs.enumerated() { rowsOfRuns[run] = row }
        let runsOfFiles = coverage.map { rowsOfRuns[$0.begin.run] ?? 0 }

        var builder = try SegmentBuilder(
            file, header: header, files: parts.count, codec: codec, memories: chunks)
        var slices = TrackSlices()
        var lanes = AxisLanes()
        addFiles(&lanes, &slices)
        let metrics = SeriesByMetric(series.series, kinds.kinds)
        try writeAxes(lanes, metrics, &builder, runsOfFiles, &slices)
        try writeMetrics(metrics, &builder, runsOfFiles, slices)
        chunks = builder.memories
        return try builder.finish(
            runs: runs, coverage: coverage, properties: properties.columns(rowsOfRuns: rowsOfRuns), tier: 0)
    }

    /// Finds the series of each file, and the axes on which they lie.
    private mutating func addFiles(_ lanes: inout AxisLanes, _ slices: inout TrackSlices) {
        for (file, part) in parts.enumerated() {
            let tracks = series.add(part.pieces, file: file, kinds: kinds.kinds.count, &content)
            guard !tracks.isEmpty else { continue }
            let plan = AxisPlan(series.tracks[tracks], steps: content.steps)
            slices.append(plan, firstAxis: lanes.axes.count, content)
            lanes.append(plan, firstTrack: tracks.lowerBound, file: file)
        }
    }

    private func writeAxes(
        _ lanes: AxisLanes, _ metrics: SeriesByMetric, _ builder: inout SegmentBuilder, _ runsOfFiles: [Int],
        _ slices: inout TrackSlices
    ) throws(VarveError) {
        let plan = lanes.sorted(metrics, series)
        for lane in plan.lanes {
            let metric = lane.series.map { kinds.kinds[Int(series.series[Int($0)].kind)].metric }
            try builder.beginLane(metric)
            for number in plan.order[lane.axes] {
                let axis = lanes.axes[Int(number)]
                _ = try builder.addAxis(
                    run: runsOfFiles[Int(axis.file)], file: Int(axis.file), steps: content.steps[axis.rows],
                    times: content.times[axis.rows])
            }
        }
        slices.renumber(plan.numbers)
    }

    private mutating func writeMetrics(
        _ metrics: SeriesByMetric, _ builder: inout SegmentBuilder, _ runsOfFiles: [Int], _ slices: TrackSlices
    ) throws(VarveError) {
        if memories.count < kinds.kinds.count {
            memories += Array(repeating: ColumnMemory(), count: kinds.kinds.count - memories.count)
        }
        var writer = SliceWriter(content, series, slices)
        for group in metrics {
            guard let first = group.first else { continue }
            let kind = Int(series.series[Int(first)].kind)
            // Long series have pages enough to choose for, and change their nature on the way.
            let isOfMany = group.count > PageRules.fewSlices
            try builder.beginMetric(
                kinds.kinds[kind].metric, memory: isOfMany ? memories[kind] : ColumnMemory())
            for number in group {
                let one = series.series[Int(number)]
                try writer.write(
                    one, flags: kinds.kinds[Int(one.kind)].flags, run: runsOfFiles[Int(one.file)], to: &builder)
            }
            memories[kind] = try builder.endMetric()
        }
    }
}

extension PropertyEntry {
    /// About the bytes that it takes.
    fileprivate var weight: Int {
        switch value {
        case .string(let text), .json(let text): text.utf8.count + key.utf8.count + 128
        default: key.utf8.count + 128
        }
    }
}
