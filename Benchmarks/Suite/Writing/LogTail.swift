import Glibc
import Synchronization
import Varve
import VarveFiles

/// `log-tail`: the slow calls, while the run is synced ten times a second and another thread keeps the disk busy with syncs of
/// its own. Bare stores at the same pace, under the same load, show how much of it is the machine's.
///
/// At a million calls a second each tick drains and syncs the log; at a few thousand it syncs the mapped journal, whose pages
/// are then being written to.
enum LogTailLatency {
    static func run(_ context: BenchContext) throws -> [Measurement] {
        try measure(context, "1,000,000 calls/s", pace: 1_000, calls: context.size.count(2_000_000, atLeast: 2_000))
            + measure(context, "5,000 calls/s", pace: 200_000, calls: context.size.count(20_000, atLeast: 20))
    }

    /// - Parameter pace: nanoseconds between two calls.
    private static func measure(
        _ context: BenchContext, _ what: String, pace: Double, calls: Int
    ) throws -> [Measurement] {
        let repository = try context.newRepository("log-tail")
        let store = try MappedStore(context.newPath("store"))
        var options = RunOptions()
        options.sync = .interval(seconds: 0.1)
        options.compaction = .never
        let run = try repository.startRun(name: "run", options: options)
        let series = try run.series(Burst.key(0).name)
        let load = try SyncLoad(context.newPath("load"))
        var quantiles = [(call: Samples, bare: Samples)](repeating: (Samples(), Samples()), count: shares.count)
        var expected = PointHash()
        let hash = PointHash.series(run: "run", Burst.key(0))
        let clock = CounterClock.shared.reader
        var step = 0
        try load.during {
            for _ in 0..<context.repeats {
                let first = step
                let call = paced(calls, pace) { i in series.log(Burst.values[i % Burst.points], step: first + i) }
                var cursor = store.cursor
                let bare = paced(calls, pace) { i in
                    cursor.store(step: first + i, time: clock.now(), value: Burst.values[i % Burst.points], series: 0)
                }
                for (q, share) in shares.enumerated() {
                    quantiles[q].call.append(call.quantile(share.value) / 1e3)
                    quantiles[q].bare.append(bare.quantile(share.value) / 1e3)
                }
                for i in 0..<calls {
                    expected.add(
                        series: hash, step: Int64(first + i), time: 0, value: Burst.values[i % Burst.points].bitPattern)
                }
                step += calls
            }
        }
        try run.finish()
        let sum = try Burst.check(repository, expected, "log-tail")
        return shares.enumerated().map { q, share in
            Measurement(
                "log-tail", "\(what): \(share.name)", quantiles[q].call.median, "µs", runs: context.repeats,
                floor: quantiles[q].bare.median, hash: sum)
        }
    }

    private static let shares = [
        (name: "median", value: 0.5), (name: "p99", value: 0.99), (name: "p99.99", value: 0.9999),
        (name: "longest", value: 1),
    ]

    /// Calls `body` at a steady pace and times each call, nanoseconds; the reading of the clock is in it.
    private static func paced(_ calls: Int, _ pace: Double, _ body: (Int) -> Void) -> Samples {
        var latencies = [Double](repeating: 0, count: calls)
        var next = Stopwatch.now()
        for i in 0..<calls {
            next += pace
            var start = Stopwatch.now()
            // After a long pause the pace goes on from here: a burst of late calls would say nothing new.
            if start > next + 100 * pace { next = start }
            while start < next { start = Stopwatch.now() }
            body(i)
            latencies[i] = Stopwatch.now() - start
        }
        return Samples(latencies)
    }
}

/// A thread that writes a megabyte and syncs it, again and again, with the claims that any thread of a program has.
private final class SyncLoad: Sendable {
    private let file: any OpenFile
    private let isOver = Atomic<Bool>(false)

    init(_ path: String) throws { file = try RealFileSystem().open(path, .createNew) }

    deinit { file.close() }

    func during(_ body: @escaping () throws -> Void) throws {
        let thread = try BackgroundThread(name: "bench-sync") { [self] in
            var parameters = sched_param()
            pthread_setschedparam(pthread_self(), SCHED_OTHER, &parameters)
            let block = [UInt8](repeating: 7, count: 1 << 20)
            while !isOver.load(ordering: .relaxed) {
                // A load that fails is a smaller load: the figure is the lower for it, and the disk's state shows elsewhere.
                try? block.withUnsafeBytes { try file.write($0, at: 0) }
                try? file.sync()
            }
            return nil
        }
        defer {
            isOver.store(true, ordering: .relaxed)
            thread.stop()
        }
        try body()
    }
}
