import VarveFormat

/// What the slices of all tracks have in common with those of every series that takes the track: where they lie, and what is
/// known of their steps.
struct TrackSlices {
    struct Slice {
        /// The number of the axis in the segment, and the first point there.
        var axis: Int
        var start: Int
        var count: Int
        /// Of ``IntakePoints``: those of the track, and those of the axis that are the same steps.
        var rows: Int
        var axisRows: Int
        var steps: ClosedRange<Int64>
        var isAscending: Bool
        /// The axis' times are those of the track.
        var hasAxisTimes: Bool
    }

    private(set) var slices: [Slice] = []
    /// For each track its slices.
    private(set) var ranges: [Range<Int>] = []

    /// Adds the tracks of a file.
    mutating func append(_ plan: AxisPlan, firstAxis: Int, _ content: IntakePoints) {
        let first = slices.count
        for slice in plan.slices {
            var bounds = (min: Int64.max, max: Int64.min)
            var isAscending = true
            var last = content.steps[slice.rows.lowerBound]
            bounds = (last, last)
            for step in content.steps[slice.rows].dropFirst() {
                bounds = (min(bounds.min, step), max(bounds.max, step))
                if last >= step { isAscending = false }
                last = step
            }
            let axisRows = plan.axes[slice.axis].lowerBound + slice.start
            let (mine, theirs) = (slice.rows, axisRows..<(axisRows + slice.rows.count))
            slices.append(
                Slice(
                    axis: firstAxis + slice.axis, start: slice.start, count: slice.rows.count,
                    rows: slice.rows.lowerBound, axisRows: axisRows, steps: bounds.min...bounds.max,
                    isAscending: isAscending,
                    hasAxisTimes: mine == theirs || content.times[mine].elementsEqual(content.times[theirs])))
        }
        for range in plan.ranges { ranges.append((range.lowerBound + first)..<(range.upperBound + first)) }
    }

    /// Gives the axes other numbers.
    mutating func renumber(_ numbers: [UInt32]) {
        for i in slices.indices { slices[i].axis = Int(numbers[slices[i].axis]) }
    }
}

/// Series in the order of a segment, one metric after the other: those of a metric as they stand, in the order of files.
struct SeriesByMetric: Sequence, IteratorProtocol {
    private var order: [UInt32]
    /// Where the metrics begin, and the end of the last.
    private var starts: [Int]
    private var position = 0

    init(_ series: [IntakeSeries.Series], _ kinds: [SeriesKinds.Kind]) {
        var counts = [Int](repeating: 0, count: kinds.count)
        for one in series { counts[Int(one.kind)] += 1 }
        let used = kinds.indices.filter { counts[$0] > 0 }.sorted { kinds[$0].metric < kinds[$1].metric }
        // Two kinds may be of one metric.
        starts = []
        var rank = [Int](repeating: 0, count: kinds.count)
        var next = 0
        for (i, kind) in used.enumerated() {
            if i == 0 || kinds[used[i - 1]].metric != kinds[kind].metric { starts.append(next) }
            rank[kind] = starts.count - 1
            next += counts[kind]
        }
        var cursors = starts
        starts.append(next)
        order = [UInt32](repeating: 0, count: series.count)
        for (number, one) in series.enumerated() {
            let rank = rank[Int(one.kind)]
            order[cursors[rank]] = UInt32(number)
            cursors[rank] += 1
        }
    }

    mutating func next() -> ArraySlice<UInt32>? {
        guard position + 1 < starts.count else { return nil }
        defer { position += 1 }
        return order[starts[position]..<starts[position + 1]]
    }
}

/// Cuts series into slices and hands them to a ``SegmentBuilder``.
struct SliceWriter {
    private let content: IntakePoints
    private let series: IntakeSeries
    private let slices: TrackSlices
    /// Time differences of the slice at hand.
    private var differences: [Int64] = []

    init(_ content: IntakePoints, _ series: IntakeSeries, _ slices: TrackSlices) {
        self.content = content
        self.series = series
        self.slices = slices
    }

    mutating func write(
        _ one: IntakeSeries.Series, flags: SliceFlags, run: Int, to builder: inout SegmentBuilder
    ) throws(VarveError) {
        // The piece at hand, and how much of it was written.
        var next = Int(one.firstPiece)
        var taken = 0
        for index in slices.ranges[Int(one.track)] {
            let slice = slices.slices[index]
            try builder.openSlice(slice.count)
            differences.removeAll(keepingCapacity: true)
            var done = 0
            while done < slice.count {
                let piece = content.pieces[Int(series.order[next])]
                let count = min(slice.count - done, Int(piece.count) - taken)
                let first = Int(piece.values) + taken
                builder.append(content.values.span.extracting(first..<(first + count)))
                if piece.differences != IntakePoints.Piece.none || !slice.hasAxisTimes {
                    appendDifferences(piece, taken, count, slice, done)
                }
                done += count
                taken += count
                if taken == Int(piece.count) { (next, taken) = (next + 1, 0) }
            }
            if !differences.isEmpty {
                if differences.allSatisfy({ $0 == 0 }) {
                    differences.removeAll(keepingCapacity: true)
                } else {
                    fillDifferences(to: slice.count)
                }
            }
            var flags = flags
            if slice.isAscending { flags.insert(.ascending) }
            builder.closeSlice(
                NewSlice(run: run, file: Int(one.file), axis: slice.axis, start: slice.start, flags: flags),
                differences: differences[...], steps: slice.steps)
        }
    }

    /// Appends what is to be added to the axis' times, for `count` points of a piece from its `taken`th on, which are the slice's
    /// from its `done`th on.
    private mutating func appendDifferences(
        _ piece: IntakePoints.Piece, _ taken: Int, _ count: Int, _ slice: TrackSlices.Slice, _ done: Int
    ) {
        fillDifferences(to: done)
        for i in 0..<count {
            let own =
                piece.differences == IntakePoints.Piece.none
                ? 0 : content.differences[Int(piece.differences) + taken + i]
            let base =
                slice.hasAxisTimes
                ? 0 : content.times[slice.rows + done + i] &- content.times[slice.axisRows + done + i]
            differences.append(own &+ base)
        }
    }

    /// The points so far have the axis' times.
    private mutating func fillDifferences(to count: Int) {
        if differences.count < count {
            differences.append(contentsOf: repeatElement(0, count: count - differences.count))
        }
    }
}
