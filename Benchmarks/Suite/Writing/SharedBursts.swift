import Synchronization

/// Bursts that two threads made, ideally at the same time.
struct SharedBursts {
    /// Nanoseconds a point of a thread: the median over the bursts, of the slower thread of each.
    let cost: Double
    /// How many bursts the cost is of: those that the threads spent together for the most part. 0: there were none, and all count.
    let met: Int

    /// - Parameters:
    ///   - spans: for each burst when each thread was at it, nanoseconds.
    ///   - points: of one thread in a burst.
    init(_ spans: [[Range<Double>]], points: Int) {
        let together = spans.filter { spans in
            let start = spans.map(\.lowerBound).max() ?? 0
            let end = spans.map(\.upperBound).min() ?? 0
            return end - start >= 0.7 * Self.longest(spans)
        }
        met = together.count
        let counted = together.isEmpty ? spans : together
        cost = Samples(counted.map { Self.longest($0) / Double(points) }).median
    }

    private static func longest(_ spans: [Range<Double>]) -> Double {
        spans.map { $0.upperBound - $0.lowerBound }.max() ?? 0
    }

    /// Takes the times down, from both threads.
    final class Recorder: Sendable {
        private let times: Mutex<[[Range<Double>]]>

        init(_ bursts: Int) { times = Mutex([[Range<Double>]](repeating: [], count: bursts)) }

        func note(_ span: Range<Double>, _ burst: Int) { times.withLock { $0[burst].append(span) } }

        var spans: [[Range<Double>]] { times.withLock { $0 } }
    }
}
