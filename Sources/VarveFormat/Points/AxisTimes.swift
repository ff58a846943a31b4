/// Chooses whose times an axis has, of the series that lie on it.
///
/// Metrics of a step that are logged one after the other, each some uncertain time after the one before, are less uncertain from
/// the middle of the row than from its first (by half a bit a point); those that share a reading of the clock are one with most.
/// So it is the series nearest to the medians of some rows. Keeps its memory between axes.
struct AxisTimes {
    private var row: [Int64] = []
    private var costs: [Int] = []

    /// A series on the axis.
    struct Member {
        /// The rows of the axis that it has.
        var rows: Range<Int>
        /// Where its times begin.
        var start: Int

        /// Where the time in one of its rows stands.
        func index(_ row: Int) -> Int { start + row - rows.lowerBound }
    }

    /// The times of an axis of `count` ≥ 1 rows, each of which some member has.
    mutating func choose(_ members: [Member], _ count: Int, _ times: UnsafeBufferPointer<Int64>) -> [Int64] {
        let chosen = members.count == 1 ? members[0] : members[nearest(members, count, times)]
        let own = chosen.rows
        guard own.count < count else { return Array(times[chosen.start..<(chosen.start + count)]) }
        // In rows that it lacks, as the edge of a frame cuts them off, the times are those of others.
        var column = [Int64](repeating: 0, count: count)
        func fill(_ rows: Range<Int>, from member: Member) {
            for row in rows { column[row] = times[member.index(row)] }
        }
        for member in members {
            fill(member.rows.clamped(to: 0..<own.lowerBound), from: member)
            fill(member.rows.clamped(to: own.upperBound..<count), from: member)
        }
        fill(own, from: chosen)
        return column
    }

    /// The member whose times are nearest to the medians, in bits.
    private mutating func nearest(_ members: [Member], _ count: Int, _ times: UnsafeBufferPointer<Int64>) -> Int {
        costs.removeAll(keepingCapacity: true)
        costs.append(contentsOf: repeatElement(0, count: members.count))
        let probes = Swift.min(count, Swift.max(3, Swift.min(16, 512 / members.count)))
        for probe in 0..<probes {
            let at = (2 * probe + 1) * count / (2 * probes)
            row.removeAll(keepingCapacity: true)
            for member in members where member.rows.contains(at) { row.append(times[member.index(at)]) }
            row.sort()
            let median = row[row.count / 2]
            for (i, member) in members.enumerated() {
                // Who lacks the row would be as far off as can be.
                let apart = member.rows.contains(at) ? times[member.index(at)] &- median : .min
                costs[i] += BitKernels.width(of: UInt64(bitPattern: apart ^ apart &>> 63))
            }
        }
        var best = 0
        for i in costs.indices where costs[i] < costs[best] { best = i }
        return best
    }
}
