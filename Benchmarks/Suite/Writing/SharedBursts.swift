import Synchronization

/// Bursts that several threads made, ideally at the same time.
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

    /// Lets threads do `body` at the same time, once a burst, then `rest`, then one of them `after`.
    static func measure(
        _ threads: Int, _ bursts: Int, points: Int, _ body: @escaping @Sendable (_ thread: Int, _ burst: Int) -> Void,
        rest: @escaping @Sendable (_ thread: Int, _ burst: Int) -> Void = { _, _ in },
        after: @escaping @Sendable () -> Void = {}
    ) throws -> SharedBursts {
        let starts = (0..<bursts).map { _ in StartingLine(threads) }
        let timed = (0..<bursts).map { _ in StartingLine(threads) }
        let ends = (0..<bursts).map { _ in StartingLine(threads) }
        let recorder = Recorder(bursts)
        try Team.run(threads) { thread in
            for burst in 0..<bursts {
                starts[burst].wait()
                let start = Stopwatch.now()
                body(thread, burst)
                recorder.note(start..<Stopwatch.now(), burst)
                timed[burst].wait()
                rest(thread, burst)
                ends[burst].wait()
                if thread == 0 { after() }
            }
        }
        return SharedBursts(recorder.spans, points: points)
    }

    /// Takes the times down, from all threads.
    private final class Recorder: Sendable {
        private let times: Mutex<[[Range<Double>]]>

        init(_ bursts: Int) { times = Mutex([[Range<Double>]](repeating: [], count: bursts)) }

        func note(_ span: Range<Double>, _ burst: Int) { times.withLock { $0[burst].append(span) } }

        var spans: [[Range<Double>]] { times.withLock { $0 } }
    }
}
