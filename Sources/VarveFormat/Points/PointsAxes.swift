/// Finds the step columns that series share, so that each is stored once.
struct PointsAxes {
    /// A column of steps, and the time of each.
    struct Axis {
        var steps: [Int64]
        var times: [Int64]
    }

    /// The part of an axis that a series has.
    struct Place {
        var axis: Int
        var from: Int
        /// Whether the series' times aren't those of the axis.
        var differs: Bool
    }

    private(set) var axes: [Axis] = []
    /// One place a series.
    private(set) var places: [Place] = []
    /// The differences to the axis of the series whose `differs` is set, end to end, in the order of the series.
    private(set) var ranges: [Range<Int>] = []
    private(set) var differences: [Int64] = []

    /// How many axes a series is compared with, newest first: a bound on the work where no two series agree.
    private static let patience = 32

    private let count: Int

    init(_ points: GroupedPoints) {
        count = points.count
        places.reserveCapacity(points.series.count)
        ranges.reserveCapacity(points.series.count)
        points.steps.withUnsafeBufferPointer { steps in
            for slot in points.series.indices {
                place(UnsafeBufferPointer(rebasing: steps[points.range(slot)]))
            }
        }
        points.times.withUnsafeBufferPointer { times in
            takeTimes(points, times)
            for slot in points.series.indices {
                let start = differences.count
                places[slot].differs = appendDifferences(
                    UnsafeBufferPointer(rebasing: times[points.range(slot)]), places[slot].axis, places[slot].from)
                ranges.append(start..<differences.count)
            }
        }
    }

    private mutating func place(_ steps: UnsafeBufferPointer<Int64>) {
        for axis in axes.indices.reversed().prefix(Self.patience) {
            guard let from = fit(steps, axis) else { continue }
            let known = axes[axis].steps.count - from
            if steps.count > known { axes[axis].steps.append(contentsOf: steps[known...]) }
            places.append(Place(axis: axis, from: from, differs: false))
            return
        }
        places.append(Place(axis: axes.count, from: 0, differs: false))
        axes.append(Axis(steps: Array(steps), times: []))
    }

    private mutating func takeTimes(_ points: GroupedPoints, _ times: UnsafeBufferPointer<Int64>) {
        var slots = Array(places.indices)
        if axes.count > 1 { slots.sort { (places[$0].axis, $0) < (places[$1].axis, $1) } }
        var finder = AxisTimes()
        var members: [AxisTimes.Member] = []
        members.reserveCapacity(slots.count)
        for (number, slot) in slots.enumerated() {
            let (place, range) = (places[slot], points.range(slot))
            members.append(
                AxisTimes.Member(rows: place.from..<(place.from + range.count), start: range.lowerBound))
            if number + 1 < slots.count, places[slots[number + 1]].axis == place.axis { continue }
            axes[place.axis].times = finder.choose(members, axes[place.axis].steps.count, times)
            members.removeAll(keepingCapacity: true)
        }
    }

    /// Where `steps` begins in an axis, or in what the axis becomes when the rest is appended to it; nil if nowhere.
    ///
    /// The edge of a frame cuts rows of a training loop, so that a series may lack the first row of the others, or have
    /// one
    /// more at the end: other places aren't looked for.
    private func fit(_ steps: UnsafeBufferPointer<Int64>, _ axis: Int) -> Int? {
        axes[axis].steps.withUnsafeBufferPointer { known in
            for from in [0, 1, known.count - steps.count] where from >= 0 && from < known.count {
                let common = Swift.min(steps.count, known.count - from)
                // An axis grows from its beginning, or by a row; else what it shares might be chance.
                guard common == steps.count || from == 0 || common + 1 == steps.count else { continue }
                guard steps[0] == known[from], steps[common - 1] == known[from + common - 1] else { continue }
                var different: Int64 = 0
                for i in 0..<common { different |= steps[i] ^ known[from &+ i] }
                if different == 0 { return from }
            }
            return nil
        }
    }

    /// Appends the differences between `times` and those of an axis; false if all are 0.
    private mutating func appendDifferences(
        _ times: UnsafeBufferPointer<Int64>, _ axis: Int, _ from: Int
    ) -> Bool {
        let start = differences.count
        var any: Int64 = 0
        axes[axis].times.withUnsafeBufferPointer { known in
            for i in 0..<times.count { any |= times[i] ^ known[from &+ i] }
            guard any != 0 else { return }
            // All that may ever come at once: room for each series anew would be a copy for each.
            differences.reserveCapacity(count)
            differences.append(contentsOf: repeatElement(0, count: times.count))
            differences.withUnsafeMutableBufferPointer { differences in
                for i in 0..<times.count { differences[start &+ i] = times[i] &- known[from &+ i] }
            }
        }
        return any != 0
    }

    /// The differences of these series, each once, end to end.
    func differences(of slots: [Int]) -> [Int64] {
        if zip(slots, slots.dropFirst()).allSatisfy({ $0 < $1 }) { return differences }
        var ordered: [Int64] = []
        ordered.reserveCapacity(differences.count)
        for slot in slots { ordered += differences[ranges[slot]] }
        return ordered
    }
}
