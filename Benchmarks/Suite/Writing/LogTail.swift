import Synchronization
import Varve
import VarveFiles

/// `log-tail`: the slow calls, while the run is synced ten times a second and another thread keeps the disk busy with syncs of
/// its own. Bare stores at the same pace, under the same load, show how much of it is the machine's.
enum LogTailLatency {
    /// Nanoseconds between two calls.
    private static let pace = 1_000.0

    static func run(_ context: BenchContext) throws -> [Measurement] {
        let calls = context.size.count(2_000_000, atLeast: 2_000)
        let repository = try context.newRepository("log-tail")
        let store = try MappedStore(context.newPath("store"))
        var options = RunOptions()
        options.sync = .interval(seconds: 0.1)
        options.compaction = .never
        let run = try repository.startRun(name: "run", options: options)
        let series = try run.series(Burst.key(0).name)
        let load = try SyncLoad(context.newPath("load"))
        var quantiles = (call: Samples(), bare: Samples())
        var longest = (call: Samples(), bare: Samples())
        var expected = PointHash()
        let hash = PointHash.series(run: "run", Burst.key(0))
        let clock = CounterClock.shared.reader
        var step = 0
        try load.during {
            for _ in 0..<context.repeats {
                let first = step
                let call = paced(calls) { i in series.log(Burst.values[i % Burst.points], step: first + i) }
                var cursor = store.cursor
                let bare = paced(calls) { i in
                    cursor.store(step: first + i, time: clock.now(), value: Burst.values[i % Burst.points], series: 0)
                }
                quantiles.call.append(call.quantile(0.9999) / 1e3)
                quantiles.bare.append(bare.quantile(0.9999) / 1e3)
                longest.call.append(call.largest / 1e6)
                longest.bare.append(bare.largest / 1e6)
                for i in 0..<calls {
                    expected.add(
                        series: hash, step: Int64(first + i), time: 0, value: Burst.values[i % Burst.points].bitPattern)
                }
                step += calls
            }
        }
        try run.finish()
        let sum = try Burst.check(repository, expected, "log-tail")
        return [
            Measurement(
                "log-tail", "p99.99 under sync load", quantiles.call.median, "µs", runs: context.repeats,
                floor: quantiles.bare.median, hash: sum),
            Measurement(
                "log-tail", "longest under sync load", longest.call.median, "ms", runs: context.repeats,
                floor: longest.bare.median, hash: sum),
        ]
    }

    /// Calls `body` at a steady pace and times each call, nanoseconds; the reading of the clock is in it.
    private static func paced(_ calls: Int, _ body: (Int) -> Void) -> Samples {
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

/// A thread that writes a megabyte and syncs it, again and again.
private final class SyncLoad: Sendable {
    private let file: any OpenFile
    private let isOver = Atomic<Bool>(false)

    init(_ path: String) throws { file = try RealFileSystem().open(path, .createNew) }

    deinit { file.close() }

    func during(_ body: @escaping () throws -> Void) throws {
        let thread = try BackgroundThread(name: "bench-sync") { [self] in
            guard !isOver.load(ordering: .relaxed) else { return nil }
            let block = [UInt8](repeating: 7, count: 1 << 20)
            // A load that fails is a smaller load: the figure is the lower for it, and the disk's state shows elsewhere.
            try? block.withUnsafeBytes { try file.write($0, at: 0) }
            try? file.sync()
            return RealHost().monotonicTime()
        }
        defer {
            isOver.store(true, ordering: .relaxed)
            thread.stop()
        }
        thread.wake()
        try body()
    }
}
