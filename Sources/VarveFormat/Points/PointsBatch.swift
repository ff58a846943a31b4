/// Points of one log file in the order of their sequences: what a seal hands to the encoder.
@frozen @usableFromInline
package struct PointsBatch: Sendable {
    /// The points; their check words don't matter here.
    @usableFromInline package private(set) var rows: [JournalRecord] = []

    package init() {}

    package var count: Int { rows.count }

    @inlinable @inline(__always)
    package mutating func append(series: UInt32, step: Int64, time: Int64, value: UInt64) {
        rows.append(JournalRecord(step: step, time: time, value: value, series: series, check: 0))
    }

    package mutating func removeAll() { rows.removeAll(keepingCapacity: true) }
}

/// The points of one series in one frame.
package struct SeriesPoints: Sendable, Hashable {
    package var series: UInt32
    package var steps: [Int64]
    package var times: [Int64]
    package var values: [UInt64]

    package init(series: UInt32, steps: [Int64] = [], times: [Int64] = [], values: [UInt64] = []) {
        self.series = series
        self.steps = steps
        self.times = times
        self.values = values
    }

    /// Drops the points of the rows that aren't to be kept.
    ///
    /// - Parameter isKept: for each row whether it stays.
    package mutating func keep(_ isKept: [Bool]) {
        var kept = SeriesPoints(series: series)
        for row in isKept.indices where isKept[row] {
            kept.steps.append(steps[row])
            kept.times.append(times[row])
            kept.values.append(values[row])
        }
        self = kept
    }
}
