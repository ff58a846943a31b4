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

    /// Sorts the points of `rows` into ``points``, keeping the order within a series.
    ///
    /// - Parameter series: the number of each point's series. Rows of a whole ring are more than the caches near a processor
    ///   hold: they are read once, and what has to be known before, from this.
    mutating func group(_ rows: JournalRows, series: [UInt32]) {
        precondition(series.count == rows.count, "as many numbers as rows")
        points.count = series.count
        if points.owners.count < series.count {
            points.owners.append(contentsOf: repeatElement(0, count: series.count - points.owners.count))
        }
        findOwners(series)
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
        points.scatter(rows, &cursors)
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
                    for i in 0..<series.count {
                        let id = series[i]
                        var slot = slots[Int(id)]
                        if slot == 0 {
                            points.series.append(id)
                            cursors.append(0)
                            slot = UInt32(truncatingIfNeeded: cursors.count)
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
                guard let sizes = sizes.baseAddress, let owners = owners.baseAddress else { return }
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

    /// Moves each point to where the cursor of its series stands.
    fileprivate mutating func scatter(_ rows: JournalRows, _ cursors: inout [Int]) {
        owners.withUnsafeBufferPointer { owners in
            cursors.withUnsafeMutableBufferPointer { cursors in
                steps.withUnsafeMutableBufferPointer { steps in
                    times.withUnsafeMutableBufferPointer { times in
                        values.withUnsafeMutableBufferPointer { values in
                            guard let owner = owners.baseAddress, let cursor = cursors.baseAddress,
                                let step = steps.baseAddress, let time = times.baseAddress,
                                let value = values.baseAddress
                            else { return }
                            var next = owner
                            for part in [rows.head, rows.tail] {
                                for row in part {
                                    let slot = Int(next.pointee)
                                    next += 1
                                    let at = cursor[slot]
                                    cursor[slot] = at &+ 1
                                    step[at] = Int64(littleEndian: row.step)
                                    time[at] = Int64(littleEndian: row.time)
                                    value[at] = UInt64(littleEndian: row.value)
                                }
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
            ranges.append(count..<values.count)
            count = values.count
        }
        precondition(Set(series).count == series.count, "a series has at most one slice a frame")
    }
}
