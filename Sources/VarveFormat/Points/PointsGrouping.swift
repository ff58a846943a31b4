/// Points sorted by series: for each series, in the order in which they first come, its points end to end.
struct GroupedPoints {
    var series: [UInt32] = []
    /// Where the points of each series stand in the columns; there may be gaps between them.
    var ranges: [Range<Int>] = []
    var count = 0
    var steps: [Int64] = []
    var times: [Int64] = []
    var values: [UInt64] = []
    /// For each point in the order of the batch, the row of `series` to which it belongs.
    var owners: [UInt32] = []

    func range(_ slot: Int) -> Range<Int> { ranges[slot] }
}

/// Sorts batches by series. Keeps its memory between batches.
struct PointsGrouper {
    /// The slot of each series in the batch at hand, plus 1; 0: none yet.
    private var slots: [UInt32] = []
    private var cursors: [Int] = []
    /// The last result: its columns stay as long as the longest batch so far, so that they aren't allocated anew.
    private(set) var points = GroupedPoints()

    /// Sorts `batch` into ``points``, keeping the order within a series.
    mutating func group(_ batch: PointsBatch) {
        let count = batch.count
        precondition(
            batch.steps.count == count && batch.times.count == count && batch.values.count == count,
            "the columns of a batch have different lengths")
        points.count = count
        if points.owners.count < count {
            points.owners.append(contentsOf: repeatElement(0, count: count - points.owners.count))
        }
        findOwners(batch.series)
        points.ranges.removeAll(keepingCapacity: true)
        var next = 0
        for slot in cursors.indices {
            let size = cursors[slot]
            cursors[slot] = next
            points.ranges.append(next..<(next + size))
            // Series that begin multiples of 4 KiB apart would fight for the same cache lines while they are filled.
            next += size < 256 ? size : size + 8
        }
        points.grow(to: next)
        points.scatter(batch, &cursors)
    }

    /// Lists the series, in the order in which they come, their sizes (as `cursors`), and the slot of each point.
    private mutating func findOwners(_ series: [UInt32]) {
        if let highest = series.max(), Int(highest) >= slots.count {
            slots.append(contentsOf: repeatElement(0, count: Int(highest) + 1 - slots.count))
        }
        points.series.removeAll(keepingCapacity: true)
        cursors.removeAll(keepingCapacity: true)
        slots.withUnsafeMutableBufferPointer { slots in
            points.owners.withUnsafeMutableBufferPointer { owners in
                series.withUnsafeBufferPointer { series in
                    guard let slots = slots.baseAddress, let owners = owners.baseAddress else { return }
                    var known: UInt32 = 0
                    for i in 0..<series.count {
                        let id = series[i]
                        var slot = slots[Int(id)]
                        if slot == 0 {
                            known &+= 1
                            slot = known
                            slots[Int(id)] = slot
                            points.series.append(id)
                        }
                        owners[i] = slot &- 1
                    }
                }
            }
        }
        cursors.append(contentsOf: repeatElement(0, count: points.series.count))
        for id in points.series { slots[Int(id)] = 0 }
        cursors.withUnsafeMutableBufferPointer { sizes in
            points.owners.withUnsafeBufferPointer { owners in
                for i in 0..<series.count { sizes[Int(owners[i])] &+= 1 }
            }
        }
    }
}

extension GroupedPoints {
    fileprivate mutating func grow(to count: Int) {
        let more = count - values.count
        guard more > 0 else { return }
        steps.append(contentsOf: repeatElement(0, count: more))
        times.append(contentsOf: repeatElement(0, count: more))
        values.append(contentsOf: repeatElement(0, count: more))
    }

    /// Moves each point of a batch to where the cursor of its series stands.
    fileprivate mutating func scatter(_ batch: PointsBatch, _ cursors: inout [Int]) {
        owners.withUnsafeBufferPointer { owners in
            let start = cursors
            Self.scatter(batch.steps, owners, start, to: &steps)
            Self.scatter(batch.times, owners, start, to: &times)
            Self.scatter(batch.values, owners, start, to: &values)
        }
    }

    private static func scatter<Word: BitwiseCopyable>(
        _ column: [Word], _ owners: UnsafeBufferPointer<UInt32>, _ start: [Int], to target: inout [Word]
    ) {
        var cursors = start
        cursors.withUnsafeMutableBufferPointer { cursors in
            column.withUnsafeBufferPointer { column in
                target.withUnsafeMutableBufferPointer { target in
                    guard let cursor = cursors.baseAddress, let owner = owners.baseAddress,
                        let from = column.baseAddress, let to = target.baseAddress
                    else { return }
                    for i in 0..<column.count {
                        let slot = Int(owner[i])
                        let at = cursor[slot]
                        cursor[slot] = at &+ 1
                        to[at] = from[i]
                    }
                }
            }
        }
    }
}

extension GroupedPoints {
    /// Joins series that are apart already; empty ones are left out.
    init(_ slices: [SeriesPoints]) {
        let total = slices.reduce(0) { $0 + $1.values.count }
        steps.reserveCapacity(total)
        times.reserveCapacity(total)
        values.reserveCapacity(total)
        for slice in slices where !slice.values.isEmpty {
            precondition(
                slice.steps.count == slice.values.count && slice.times.count == slice.values.count,
                "the columns of a series have different lengths")
            series.append(slice.series)
            steps += slice.steps
            times += slice.times
            values += slice.values
            ranges.append(count..<values.count)
            count = values.count
        }
        precondition(Set(series).count == series.count, "a series has at most one slice a frame")
    }
}
