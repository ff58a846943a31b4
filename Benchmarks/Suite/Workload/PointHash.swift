import Varve
import VarveFormat

/// A hash of a set of points, whatever the order in which they come: the sum of the XXH64 of each point, over its series, step,
/// time and value. Runs count by their names, since their IDs are new each time.
package struct PointHash: Hashable, Sendable {
    package private(set) var points = 0
    package private(set) var sum: UInt64 = 0

    package init() {}

    /// What stands for a series in the hashes of its points.
    package static func series(run: String, _ metric: MetricKey) -> UInt64 {
        XXHash64.hash(Array("\(run)\0\(metric)".utf8))
    }

    package mutating func add(series: UInt64, step: Int64, time: Int64, value: UInt64) {
        points += 1
        sum &+= withUnsafeBytes(of: (series, step, time, value)) { XXHash64.hash($0) }
    }

    /// - Parameter times: false where the clock made the times, so that nobody knows them beforehand.
    package mutating func add(_ chunk: borrowing SeriesChunk, run: String, times: Bool = true) {
        let series = Self.series(run: run, chunk.metric)
        for i in 0..<chunk.count {
            add(
                series: series, step: Int64(chunk.steps[i]), time: times ? chunk.times[i] : 0,
                value: chunk.values[i].bitPattern)
        }
    }
}

/// The sum of all words of points: as good as free, so it can be taken while reading is timed.
struct WordSum: Hashable {
    private(set) var points = 0
    private(set) var sum: UInt64 = 0

    mutating func add(_ series: borrowing SeriesView) {
        points += series.count
        series.steps.withUnsafeBufferPointer { sum &+= Self.sum(UnsafeRawBufferPointer($0)) }
        series.times.withUnsafeBufferPointer { sum &+= Self.sum(UnsafeRawBufferPointer($0)) }
        series.values.withUnsafeBufferPointer { sum &+= Self.sum(UnsafeRawBufferPointer($0)) }
    }

    mutating func add(steps: [Int64], times: [Int64], values: [Double]) {
        points += values.count
        for column in [steps, times] { column.withUnsafeBytes { sum &+= Self.sum($0) } }
        values.withUnsafeBytes { sum &+= Self.sum($0) }
    }

    /// The sum of the 64-bit words in a buffer.
    static func sum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        bytes.withMemoryRebound(to: UInt64.self) { words in
            var sum: UInt64 = 0
            for word in words { sum &+= word }
            return sum
        }
    }
}
