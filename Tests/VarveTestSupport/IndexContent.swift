import Varve
import VarveFiles
import VarveFormat

/// Everything that an index says, read plainly: point after point, in order, without any shortcut of the query layer.
package struct IndexContent {
    /// A series of a run.
    package struct Key: Hashable {
        package var run: UniqueID
        package var metric: MetricKey

        package init(run: UniqueID, metric: MetricKey) {
            self.run = run
            self.metric = metric
        }
    }

    /// A point and the file that it is from.
    package struct Point: Hashable {
        package var file: LogIdentity
        package var step: Int64
        package var time: Int64
        package var value: UInt64

        package init(file: LogIdentity, step: Int64, time: Int64, value: UInt64) {
            self.file = file
            self.step = step
            self.time = time
            self.value = value
        }
    }

    package private(set) var series: [Key: [Point]] = [:]

    /// Reads all trusted slices of all segments; checks summaries, flags and zone maps against the points on the way.
    package init(_ index: IndexSnapshot) throws {
        let codec = ColumnCodec()
        var pieces: [Key: [(row: CoverageRow, points: [Point])]] = [:]
        for (number, segment) in index.segments.enumerated() {
            let cursor = SegmentCursor(segment, codec: codec)
            for (position, metric) in segment.metrics.metrics.enumerated() {
                var slices = SliceIterator(cursor, metric: position)
                var points = 0
                while let slice = try slices.next() {
                    let row = segment.coverage[slice.file]
                    let piece = try Self.points(slice, cursor, row.identity)
                    points += piece.count
                    guard index.coverage.isTrusted(segment: number, row: slice.file) else { continue }
                    pieces[Key(run: segment.runs[slice.run], metric: metric.metric), default: []].append((row, piece))
                }
                try require(points == metric.points, "\(metric.metric) has \(points) points, not \(metric.points)")
            }
        }
        for (key, list) in pieces {
            // Stable: slices of one row stay in the order of the segment.
            let order = list.indices.sorted {
                CoverageRow.precedes(list[$0].row, list[$1].row)
                    || (!CoverageRow.precedes(list[$1].row, list[$0].row) && $0 < $1)
            }
            series[key] = order.flatMap { list[$0].points }
        }
    }

    private static func points(
        _ slice: SliceRef, _ cursor: SegmentCursor, _ file: LogIdentity
    ) throws -> [Point] {
        var steps: [Int64] = []
        var times: [Int64] = []
        var values: [UInt64] = []
        try cursor.appendSteps(of: slice, to: &steps)
        try cursor.appendTimes(of: slice, to: &times)
        try cursor.appendValues(of: slice, to: &values)
        let entry = cursor.segment.pages[slice.page]
        let isAscending = zip(steps, steps.dropFirst()).allSatisfy { $0 < $1 }
        try require(isAscending == slice.flags.contains(.ascending), "flag of \(slice)")
        try require(steps.allSatisfy { entry.minStep <= $0 && $0 <= entry.maxStep }, "steps of \(entry)")
        let summary = SliceSummary(values.span)
        try require(entry.minValue <= summary.min && entry.maxValue >= summary.max, "values of \(entry)")
        try checkSummaries(of: slice, cursor, values, summary)
        return values.indices.map { Point(file: file, step: steps[$0], time: times[$0], value: values[$0]) }
    }

    /// Demands that the summaries of a slice and of its blocks are what its values say.
    private static func checkSummaries(
        of slice: SliceRef, _ cursor: SegmentCursor, _ values: [UInt64], _ summary: SliceSummary
    ) throws {
        guard var stored = try cursor.summary(of: slice) else {
            try require(!PageSummaries.isLong(values.count), "no summary of \(slice)")
            return
        }
        let page = try cursor.summaries(page: slice.page)
        // The first segments say nothing of first values and blocks.
        if !page.hasBlocks { stored.first = summary.first }
        try require(stored == summary, "summary of \(slice)")
        guard page.hasBlocks else { return }
        var fresh = PageSummaries()
        let table = try cursor.slices(page: slice.page)
        for row in 0..<table.count where row < slice.row {
            _ = fresh.append([UInt64](repeating: 0, count: Int(table.counts[row])).span)
        }
        let first = fresh.blocks.count
        _ = fresh.append(values.span)
        try require(
            Array(page.blocks[first..<fresh.blocks.count]) == Array(fresh.blocks[first...]), "blocks of \(slice)")
    }

    /// The newest properties by run and key, of all segments.
    package static func properties(_ index: IndexSnapshot) throws -> [UniqueID: [String: PropertyValue]] {
        var found: [UniqueID: [String: (rank: (UInt64, [UInt8]), value: PropertyValue)]] = [:]
        let codec = ColumnCodec()
        for segment in index.segments {
            for column in try segment.properties(codec: codec) {
                for row in 0..<column.count {
                    let run = segment.runs[Int(column.runs[row])]
                    let name = Array(segment.coverage[Int(column.files[row])].rankName.utf8)
                    let rank = (column.revisions[row], name)
                    if let known = found[run]?[column.key]?.rank {
                        if known.0 > rank.0 || (known.0 == rank.0 && rank.1.lexicographicallyPrecedes(known.1)) {
                            continue
                        }
                    }
                    found[run, default: [:]][column.key] = (rank, column.value(at: row))
                }
            }
        }
        return found.mapValues { $0.mapValues(\.value) }
    }
}
