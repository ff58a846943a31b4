import VarveFormat

/// Which tracks of a file share their axes.
///
/// The longest track becomes a chain of axes, cut at 16,384 points; every other one lies on what is there wherever its
/// steps are those of an axis from some point up to the axis' end or its own, and makes axes of its own where they
/// aren't. So series of a row share one, a row that was cut short too, and one that set in later, too.
struct AxisPlan {
    /// A piece of a track, and where it lies.
    struct Slice {
        var axis: Int
        /// The first of its points on the axis.
        var start: Int
        /// Of the steps and times from which the plan was made.
        var rows: Range<Int>
    }

    /// The rows that become axes.
    private(set) var axes: [Range<Int>] = []
    /// For each axis the track that it was made for.
    private(set) var makers: [Int] = []
    /// Of all tracks, one track after the other.
    private(set) var slices: [Slice] = []
    /// For each track its slices.
    private(set) var ranges: [Range<Int>] = []

    /// The newest axis that begins with a step, and for each axis the one before it that begins with the same.
    private var newest: [Int64: Int] = [:]
    private var before: [Int] = []
    /// Axes of the first few tracks, each in ascending order of steps as far as the track is.
    private var chains: [Range<Int>] = []
    private static let tries = 8

    /// - Parameter tracks: ranges of `steps`.
    init(_ tracks: some RandomAccessCollection<Range<Int>>, steps: [Int64]) {
        let tracks = Array(tracks)
        steps.withUnsafeBufferPointer { steps in
            if tracks.count == 1 {
                // Nothing is looked up.
                place(tracks[0], 0, steps, isOnly: true)
                ranges = [slices.indices]
                return
            }
            ranges = Array(repeating: 0..<0, count: tracks.count)
            for track in tracks.indices.sorted(by: { (tracks[$1].count, $0) < (tracks[$0].count, $1) }) {
                let first = slices.count
                place(tracks[track], track, steps, isOnly: false)
                ranges[track] = first..<slices.count
            }
        }
        newest = [:]
    }

    private mutating func place(
        _ track: Range<Int>, _ number: Int, _ steps: UnsafeBufferPointer<Int64>, isOnly: Bool
    ) {
        var position = track.lowerBound
        let firstAxis = axes.count
        while position < track.upperBound {
            if !isOnly, let found = find(position..<track.upperBound, steps) {
                slices.append(found)
                position = found.rows.upperBound
                continue
            }
            let rows = position..<min(track.upperBound, position + FormatConstants.axisPoints)
            let axis = axes.count
            slices.append(Slice(axis: axis, start: 0, rows: rows))
            axes.append(rows)
            makers.append(number)
            if !isOnly {
                before.append(newest[steps[position]] ?? -1)
                newest[steps[position]] = axis
            }
            position = rows.upperBound
        }
        if axes.count > firstAxis, chains.count < Self.tries { chains.append(firstAxis..<axes.count) }
    }

    /// An axis on which rows lie from their beginning on.
    private func find(_ rows: Range<Int>, _ steps: UnsafeBufferPointer<Int64>) -> Slice? {
        let step = steps[rows.lowerBound]
        var axis = newest[step] ?? -1
        for _ in 0..<Self.tries where axis >= 0 {
            if let slice = match(rows, axis, start: 0, steps) { return slice }
            axis = before[axis]
        }
        for chain in chains {
            // A search by halves is right if the chain's steps ascend; if they don't, it may miss, and an axis more is
            // made.
            var low = chain.lowerBound
            var high = chain.upperBound
            while low < high {
                let middle = (low + high) / 2
                if steps[axes[middle].lowerBound] <= step { low = middle + 1 } else { high = middle }
            }
            guard low > chain.lowerBound else { continue }
            let axis = axes[low - 1]
            var from = axis.lowerBound
            var to = axis.upperBound
            while from < to {
                let middle = (from + to) / 2
                if steps[middle] < step { from = middle + 1 } else { to = middle }
            }
            guard from < axis.upperBound, steps[from] == step else { continue }
            if let slice = match(rows, low - 1, start: from - axis.lowerBound, steps) { return slice }
        }
        return nil
    }

    /// The slice of rows that equals the axis from `start` up to the end of one of them, if it does.
    private func match(_ rows: Range<Int>, _ axis: Int, start: Int, _ steps: UnsafeBufferPointer<Int64>) -> Slice? {
        let there = axes[axis].lowerBound + start
        let count = min(axes[axis].count - start, rows.count)
        // Most that differ do at the end.
        guard steps[rows.lowerBound + count - 1] == steps[there + count - 1] else { return nil }
        for i in 0..<count where steps[rows.lowerBound &+ i] != steps[there &+ i] { return nil }
        return Slice(axis: axis, start: start, rows: rows.lowerBound..<(rows.lowerBound + count))
    }
}
