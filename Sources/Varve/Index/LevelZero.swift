import VarveFiles
import VarveFormat

/// A segment that is made from logs: parts of log files are collected, then written in the order of a segment.
///
/// Memory: 24 bytes a point, and what a part has besides.
struct LevelZero {
    /// At most about this many points; the last frame may bring more.
    static let maxPoints = 2_000_000
    private let maxPoints: Int
    private static let maxWeight = 16 << 20
    private static let maxParts = 100_000

    private var parts: [LogPart] = []
    private(set) var points = 0
    private var weight = 0

    var isEmpty: Bool { parts.isEmpty }
    var isFull: Bool { points >= maxPoints || weight >= Self.maxWeight || parts.count >= Self.maxParts }
    /// The points for which there is still room.
    var room: Int { max(1, maxPoints - points) }
    var rows: [CoverageRow] { parts.map(\.row) }
    /// Of each file the row that the others go on from, once the segment is written. A file has several if it stands in
    /// two places, cut off in one of them.
    var firstRows: [CoverageRow] {
        var seen: Set<LogIdentity> = []
        return rows.filter { seen.insert($0.identity).inserted }
    }

    init(maxPoints: Int = LevelZero.maxPoints) { self.maxPoints = maxPoints }

    mutating func add(_ part: LogPart) {
        guard !part.isEmpty else { return }
        parts.append(part)
        points += part.points
        weight += part.weight
    }

    /// Writes the segment to an empty file.
    mutating func write(
        to file: any OpenFile, header: SegmentHeader, codec: ColumnCodec
    ) throws(VarveError) -> ManifestEntry {
        parts.sort { CoverageRow.precedes($0.row, $1.row) }
        let coverage = rows
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
        for (row, run) in runs.enumerated() { rowsOfRuns[run] = row }

        let builder = try SegmentBuilder(file, header: header, files: parts.count, codec: codec)
        let plans = try writeAxes(builder, rowsOfRuns)
        try writeMetrics(builder, rowsOfRuns, plans)
        return try builder.finish(
            runs: runs, coverage: coverage, properties: properties.columns(rowsOfRuns: rowsOfRuns), tier: 0)
    }

    /// Where the series of each part lie.
    private struct Plan {
        var axes: AxisPlan
        /// The number that the plan's first axis has in the segment.
        var firstAxis: Int
    }

    private func writeAxes(
        _ builder: SegmentBuilder, _ rowsOfRuns: [UniqueID: Int]
    ) throws(VarveError) -> [Plan] {
        var plans: [Plan] = []
        for (file, part) in parts.enumerated() {
            let plan = Plan(axes: AxisPlan(part.series), firstAxis: builder.axisCount)
            for axis in plan.axes.axes {
                let owner = part.series[axis.series]
                _ = try builder.addAxis(
                    run: rowsOfRuns[part.row.begin.run] ?? 0, file: file, steps: owner.steps[axis.range],
                    times: owner.times[axis.range])
            }
            plans.append(plan)
        }
        return plans
    }

    private func writeMetrics(
        _ builder: SegmentBuilder, _ rowsOfRuns: [UniqueID: Int], _ plans: [Plan]
    ) throws(VarveError) {
        var places: [MetricKey: [(file: Int, series: Int)]] = [:]
        for (file, part) in parts.enumerated() {
            for (series, metric) in part.metrics.enumerated() where !part.series[series].values.isEmpty {
                places[metric, default: []].append((file, series))
            }
        }
        for metric in places.keys.sorted() {
            try builder.beginMetric(metric)
            for place in places[metric, default: []] {
                let part = parts[place.file]
                let plan = plans[place.file]
                let series = part.series[place.series]
                for slice in plan.axes.slices[place.series] {
                    let axis = plan.axes.axes[slice.axis]
                    let steps = series.steps[slice.range]
                    var flags = series.flags
                    var bounds = (min: Int64.max, max: Int64.min)
                    var isAscending = true
                    var last: Int64?
                    for step in steps {
                        bounds = (min(bounds.min, step), max(bounds.max, step))
                        if let last, last >= step { isAscending = false }
                        last = step
                    }
                    if isAscending { flags.insert(.ascending) }
                    let first = axis.range.lowerBound + slice.start
                    let axisTimes = part.series[axis.series].times[first..<(first + slice.range.count)]
                    try builder.addSlice(
                        NewSlice(
                            run: rowsOfRuns[part.row.begin.run] ?? 0, file: place.file,
                            axis: plan.firstAxis + slice.axis, start: slice.start, flags: flags),
                        values: series.values[slice.range],
                        differences: Self.differences(series.times[slice.range], axisTimes),
                        steps: bounds.min...bounds.max)
                }
            }
        }
    }

    /// The differences of times from those of an axis; none if all are equal.
    private static func differences(_ times: ArraySlice<Int64>, _ axis: ArraySlice<Int64>) -> ArraySlice<Int64> {
        if times.elementsEqual(axis) { return [] }
        return zip(times, axis).map { $0 &- $1 }[...]
    }
}
