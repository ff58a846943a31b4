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

    func range(_ slot: Int) -> Range<Int> { starts[slot]..<starts[slot + 1] }
}

/// Sorts batches by series. Keeps a table from series to slot between batches.
struct PointsGrouper {
    /// The slot of each series in the batch at hand, plus 1; 0: none yet.
    private var slots: [UInt32] = []

    /// Sorts `batch`, keeping the order within a series.
    mutating func group(_ batch: PointsBatch) -> GroupedPoints {
        let count = batch.count
        var grouped = GroupedPoints()
        if let highest = batch.series.max(), Int(highest) >= slots.count {
            slots.append(contentsOf: repeatElement(0, count: Int(highest) + 1 - slots.count))
        }
        var counts: [Int] = []
        grouped.owners = [UInt32](unsafeUninitializedCapacity: count) { owners, filled in
            slots.withUnsafeMutableBufferPointer { slots in
                batch.series.withUnsafeBufferPointer { series in
                    for i in 0..<count {
                        let id = series[i]
                        var slot = slots[Int(id)]
                        if slot == 0 {
                            grouped.series.append(id)
                            counts.append(0)
                            slot = UInt32(grouped.series.count)
                            slots[Int(id)] = slot
                        }
                        owners[i] = slot &- 1
                    }
                }
            }
            filled = count
        }
        for id in grouped.series { slots[Int(id)] = 0 }
        for owner in grouped.owners { counts[Int(owner)] &+= 1 }
        grouped.starts.reserveCapacity(counts.count + 1)
        var next = 0
        for count in counts {
            next += count
            grouped.starts.append(next)
        }
        grouped.steps = Self.scatter(batch.steps, grouped)
        grouped.times = Self.scatter(batch.times, grouped)
        grouped.values = Self.scatter(batch.values, grouped)
        return grouped
    }

    /// Moves each word of a column behind the ones of the same series that came before it.
    private static func scatter<Word: BitwiseCopyable>(_ column: [Word], _ grouped: GroupedPoints) -> [Word] {
        precondition(column.count == grouped.owners.count, "the columns of a batch have different lengths")
        // Copied: the cursors move.
        var cursors = grouped.starts
        return [Word](unsafeUninitializedCapacity: column.count) { target, filled in
            cursors.withUnsafeMutableBufferPointer { cursors in
                grouped.owners.withUnsafeBufferPointer { owners in
                    column.withUnsafeBufferPointer { column in
                        for i in 0..<column.count {
                            let owner = Int(owners[i])
                            let at = cursors[owner]
                            cursors[owner] = at &+ 1
                            target[at] = column[i]
                        }
                    }
                }
            }
            filled = column.count
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
