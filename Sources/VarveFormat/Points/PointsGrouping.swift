/// Points sorted by series: for each series, in the order in which they first come, its points end to end.
struct GroupedPoints {
    var series: [UInt32] = []
    /// Where each series begins in the columns; one more entry for the end.
    var starts: [Int] = [0]
    var steps: [Int64] = []
    var times: [Int64] = []
    var values: [UInt64] = []
    /// For each point in the order of the batch, the row of `series` to which it belongs.
    var owners: [UInt32] = []

    /// The number of points; the columns may be longer.
    var count: Int { starts[series.count] }

    func range(_ slot: Int) -> Range<Int> { starts[slot]..<starts[slot + 1] }
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
        points.grow(to: count)
        findOwners(batch.series)
        points.starts.removeAll(keepingCapacity: true)
        points.starts.append(0)
        var next = 0
        for slot in cursors.indices {
            let size = cursors[slot]
            cursors[slot] = next
            next += size
            points.starts.append(next)
        }
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
                    for i in 0..<series.count {
                        let id = series[i]
                        var slot = slots[Int(id)]
                        if slot == 0 {
                            points.series.append(id)
                            cursors.append(0)
                            slot = UInt32(cursors.count)
                            slots[Int(id)] = slot
                        }
                        owners[i] = slot &- 1
                    }
                }
            }
        }
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
        owners.append(contentsOf: repeatElement(0, count: more))
    }

    /// Moves each point of a batch to where the cursor of its series stands.
    fileprivate mutating func scatter(_ batch: PointsBatch, _ cursors: inout [Int]) {
        cursors.withUnsafeMutableBufferPointer { cursors in
            owners.withUnsafeBufferPointer { owners in
                steps.withUnsafeMutableBufferPointer { steps in
                    times.withUnsafeMutableBufferPointer { times in
                        values.withUnsafeMutableBufferPointer { values in
                            for i in 0..<batch.count {
                                let owner = Int(owners[i])
                                let at = cursors[owner]
                                cursors[owner] = at &+ 1
                                steps[at] = batch.steps[i]
                                times[at] = batch.times[i]
                                values[at] = batch.values[i]
                            }
                        }
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
            starts.append(values.count)
        }
        precondition(Set(series).count == series.count, "a series has at most one slice a frame")
    }
}
