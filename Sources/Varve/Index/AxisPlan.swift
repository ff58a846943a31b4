import VarveFormat

/// The points of one series of one log file, joined from its frames.
struct SeriesColumns {
    var flags: SliceFlags
    var steps: [Int64] = []
    var times: [Int64] = []
    /// Bit patterns.
    var values: [UInt64] = []
}

/// Which series of a file share their axes.
///
/// The longest series becomes a chain of axes, cut at 16,384 points; every other one lies on what is there wherever its
/// steps are those of an axis from some point up to the axis' end or its own, and makes axes of its own where they
/// aren't. So series of a row share one, a row that was cut short too, and one that set in later, too.
struct AxisPlan {
    /// A piece of a series that became an axis.
    struct Axis {
        var series: Int
        var range: Range<Int>
    }

    /// A piece of a series, and where it lies.
    struct Slice {
        var axis: Int
        var start: Int
        /// Of the series' points.
        var range: Range<Int>
    }

    private(set) var axes: [Axis] = []
    /// The slices of each series, in order.
    private(set) var slices: [[Slice]]

    private let series: [SeriesColumns]
    /// Axes by their first step.
    private var byFirstStep: [Int64: [Int]] = [:]
    /// Axes of the first few series, each in ascending order of steps as far as the series is.
    private var chains: [[Int]] = []
    private static let tries = 8

    init(_ series: [SeriesColumns]) {
        self.series = series
        slices = Array(repeating: [], count: series.count)
        let order = series.indices.sorted {
            (series[$1].steps.count, $0) < (series[$0].steps.count, $1)
        }
        for index in order { place(index) }
        byFirstStep = [:]
        chains = []
    }

    private mutating func place(_ index: Int) {
        let count = series[index].steps.count
        var position = 0
        var chain: [Int] = []
        while position < count {
            if let found = find(index, from: position) {
                slices[index].append(found)
                position = found.range.upperBound
                continue
            }
            let range = position..<min(count, position + FormatConstants.axisPoints)
            let axis = axes.count
            axes.append(Axis(series: index, range: range))
            byFirstStep[series[index].steps[position], default: []].append(axis)
            chain.append(axis)
            slices[index].append(Slice(axis: axis, start: 0, range: range))
            position = range.upperBound
        }
        if !chain.isEmpty, chains.count < Self.tries { chains.append(chain) }
    }

    /// An axis on which the points from `position` on lie.
    private func find(_ index: Int, from position: Int) -> Slice? {
        let step = series[index].steps[position]
        for axis in byFirstStep[step, default: []].suffix(Self.tries) {
            if let slice = match(index, position, axis, start: 0) { return slice }
        }
        for chain in chains {
            // A search by halves is right if the chain's steps ascend; if they don't, it may miss, and an axis more is
            // made.
            var low = 0
            var high = chain.count
            while low < high {
                let middle = (low + high) / 2
                if firstStep(chain[middle]) <= step { low = middle + 1 } else { high = middle }
            }
            guard low > 0 else { continue }
            let axis = chain[low - 1]
            let owner = axes[axis]
            let steps = series[owner.series].steps
            var from = owner.range.lowerBound
            var to = owner.range.upperBound
            while from < to {
                let middle = (from + to) / 2
                if steps[middle] < step { from = middle + 1 } else { to = middle }
            }
            guard from < owner.range.upperBound, steps[from] == step else { continue }
            if let slice = match(index, position, axis, start: from - owner.range.lowerBound) { return slice }
        }
        return nil
    }

    private func firstStep(_ axis: Int) -> Int64 { series[axes[axis].series].steps[axes[axis].range.lowerBound] }

    /// The slice from `position` on, if it equals the axis from `start` up to the end of one of them.
    private func match(_ index: Int, _ position: Int, _ axis: Int, start: Int) -> Slice? {
        let owner = axes[axis]
        let count = min(owner.range.count - start, series[index].steps.count - position)
        let there = owner.range.lowerBound + start
        let isEqual = series[index].steps.withUnsafeBufferPointer { mine in
            series[owner.series].steps.withUnsafeBufferPointer { theirs in
                mine[position..<(position + count)].elementsEqual(theirs[there..<(there + count)])
            }
        }
        return isEqual ? Slice(axis: axis, start: start, range: position..<(position + count)) : nil
    }
}
