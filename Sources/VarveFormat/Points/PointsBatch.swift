/// Points of one log file in columns, one row a point, in the order of their sequences: what a drain hands to the
/// encoder.
@frozen @usableFromInline
package struct PointsBatch: Sendable {
    @usableFromInline package var series: [UInt32]
    @usableFromInline package var steps: [Int64]
    @usableFromInline package var times: [Int64]
    /// Bit patterns of binary64.
    @usableFromInline package var values: [UInt64]

    package init(series: [UInt32] = [], steps: [Int64] = [], times: [Int64] = [], values: [UInt64] = []) {
        self.series = series
        self.steps = steps
        self.times = times
        self.values = values
    }

    package var count: Int { series.count }

    @inlinable @inline(__always)
    package mutating func append(series: UInt32, step: Int64, time: Int64, value: UInt64) {
        self.series.append(series)
        steps.append(step)
        times.append(time)
        values.append(value)
    }

    /// Makes room for exactly `count` points, whose content is what was there or zeros.
    package mutating func resize(to count: Int) {
        Self.resize(&series, count)
        Self.resize(&steps, count)
        Self.resize(&times, count)
        Self.resize(&values, count)
    }

    private static func resize<Word: FixedWidthInteger>(_ words: inout [Word], _ count: Int) {
        if words.count > count {
            words.removeLast(words.count - count)
        } else if words.count < count {
            words.append(contentsOf: repeatElement(0, count: count - words.count))
        }
    }

    package mutating func removeAll() {
        series.removeAll(keepingCapacity: true)
        steps.removeAll(keepingCapacity: true)
        times.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
    }
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
}
