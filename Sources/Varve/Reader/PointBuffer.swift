import VarveFormat

/// Points of one series on their way to the caller.
struct PointBuffer {
    var steps: [Int64] = []
    var times: [Int64] = []
    /// Bit patterns.
    var values: [UInt64] = []

    var count: Int { steps.count }
    var isEmpty: Bool { steps.isEmpty }

    mutating func removeAll() {
        steps.removeAll(keepingCapacity: true)
        times.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
    }

    mutating func append(_ other: PointBuffer) {
        steps += other.steps
        times += other.times
        values += other.values
    }

    /// Keeps the points for which `isWanted` holds.
    mutating func filter(_ isWanted: (_ step: Int64, _ time: Int64) -> Bool) {
        var kept = 0
        for i in 0..<count where isWanted(steps[i], times[i]) {
            if kept != i {
                steps[kept] = steps[i]
                times[kept] = times[i]
                values[kept] = values[i]
            }
            kept += 1
        }
        steps.removeLast(count - kept)
        times.removeLast(times.count - kept)
        values.removeLast(values.count - kept)
    }

    /// The last point of each step, by step.
    func lastPerStep() -> PointBuffer {
        var order = Array(0..<count)
        order.sort { (steps[$0], $0) < (steps[$1], $1) }
        var result = PointBuffer()
        for (i, index) in order.enumerated() {
            if i + 1 < order.count, steps[order[i + 1]] == steps[index] { continue }
            result.steps.append(steps[index])
            result.times.append(times[index])
            result.values.append(values[index])
        }
        return result
    }
}
