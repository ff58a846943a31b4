import Varve
import VarveFiles

/// `log-call`: what one call of `log` costs where it stands, without the drain; beside a bare store into a mapped file with the
/// same clock.
enum LogCall {
    static func run(_ context: BenchContext) throws -> [Measurement] {
        let bursts = context.size.count(400, atLeast: 2)
        return try oneThread(context, bursts: bursts, hasTime: false)
            + oneThread(context, bursts: bursts, hasTime: true)
            + twoThreads(context, bursts: bursts)
    }

    // MARK: One thread

    private static func oneThread(_ context: BenchContext, bursts: Int, hasTime: Bool) throws -> [Measurement] {
        let repository = try context.newRepository("log-call")
        let store = try MappedStore(context.newPath("store"))
        let run = try Burst.startRun(in: repository, "run")
        let series = try run.series(Burst.key(0).name)
        var expected = PointHash()
        let hash = PointHash.series(run: "run", Burst.key(0))
        var costs = Samples()
        var floors = Samples()
        var ratios = Samples()
        var step = 0
        for _ in 0..<context.repeats {
            var calls = Samples()
            var stores = Samples()
            for _ in 0..<bursts {
                let call = Stopwatch.measure { log(series, step, 0..<Burst.timed, hasTime) }.wall
                log(series, step, Burst.timed..<Burst.points, hasTime)
                // Not timed either: the ring must be empty again before the next burst.
                try run.flush()
                let bare = Stopwatch.measure { bareStores(store, step, hasTime) }.wall
                calls.append(call / Double(Burst.timed))
                stores.append(bare / Double(Burst.timed))
                for i in 0..<Burst.points {
                    expected.add(series: hash, step: Int64(step + i), time: 0, value: Burst.values[i].bitPattern)
                }
                step += Burst.points
            }
            costs.append(calls.median)
            floors.append(stores.median)
            ratios.append(calls.median / stores.median)
        }
        try run.finish()
        let sum = try Burst.check(repository, expected, "log-call")
        let what = hasTime ? "1 thread, time given" : "1 thread, counter clock"
        return [
            Measurement(
                "log-call", what, ratios.median, "x floor", runs: ratios.count, floor: floors.median, hash: sum),
            Measurement("log-call", what, costs.median, "ns", runs: costs.count, floor: floors.median, hash: sum),
        ]
    }

    @inline(never)
    private static func log(_ series: Series, _ first: Int, _ range: Range<Int>, _ hasTime: Bool) {
        Burst.values.withUnsafeBufferPointer { values in
            if hasTime {
                for i in range { series.log(values[i], step: first &+ i, time: Int64(i)) }
            } else {
                for i in range { series.log(values[i], step: first &+ i) }
            }
        }
    }

    @inline(never)
    private static func bareStores(_ store: MappedStore, _ first: Int, _ hasTime: Bool) {
        let clock = CounterClock.shared.reader
        var cursor = store.cursor
        Burst.values.withUnsafeBufferPointer { values in
            if hasTime {
                for i in 0..<Burst.timed {
                    cursor.store(step: first &+ i, time: Int64(i), value: values[i], series: 0)
                }
            } else {
                for i in 0..<Burst.timed {
                    cursor.store(step: first &+ i, time: clock.now(), value: values[i], series: 0)
                }
            }
        }
    }

    // MARK: Two threads

    /// Each thread logs a series of its own, half a burst at a time, into the same run.
    private static func twoThreads(_ context: BenchContext, bursts: Int) throws -> [Measurement] {
        let repository = try context.newRepository("log-call")
        let run = try Burst.startRun(in: repository, "run")
        let handles = try (0..<2).map { try run.series(Burst.key($0).name) }
        let stores = try (0..<2).map { _ in try MappedStore(context.newPath("store")) }
        var rounds: [(calls: SharedBursts, bare: SharedBursts)] = []
        var first = 0
        for _ in 0..<context.repeats {
            let start = first
            let calls = try together(bursts) { thread, burst in
                half(handles[thread], start + burst * Burst.points / 2, 0..<Burst.timed / 2)
            } rest: { thread, burst in
                half(handles[thread], start + burst * Burst.points / 2, Burst.timed / 2..<Burst.points / 2)
            } after: {
                // A failure shows: the points aren't there when they are counted.
                try? run.flush()
            }
            let bare = try together(bursts) { thread, burst in
                halfBare(stores[thread], start + burst * Burst.points / 2)
            } rest: { _, _ in
            } after: {
            }
            first += bursts * Burst.points / 2
            rounds.append((calls, bare))
        }
        let met = rounds.filter { $0.calls.met > 0 }
        let counted = met.isEmpty ? rounds : met
        let costs = Samples(counted.map(\.calls.cost))
        let floors = Samples(counted.map(\.bare.cost))
        let ratios = Samples(counted.map { $0.calls.cost / $0.bare.cost })
        try run.finish()
        var expected = PointHash()
        for thread in 0..<2 {
            let hash = PointHash.series(run: "run", Burst.key(thread))
            for step in 0..<first {
                let value = Burst.values[step % (Burst.points / 2)]
                expected.add(series: hash, step: Int64(step), time: 0, value: value.bitPattern)
            }
        }
        let sum = try Burst.check(repository, expected, "log-call by two threads")
        // Where others keep the processors busy, the two may never run at the same time: then the figure says less.
        let what = "2 threads, counter clock" + (!met.isEmpty ? "" : " (one after the other)")
        return [
            Measurement(
                "log-call", what, ratios.median, "x floor", runs: ratios.count, floor: floors.median, hash: sum),
            Measurement("log-call", what, costs.median, "ns", runs: costs.count, floor: floors.median, hash: sum),
        ]
    }

    /// Lets two threads do `body` at the same time, once a burst, then `rest`, then one of them `after`.
    private static func together(
        _ bursts: Int, _ body: @escaping @Sendable (_ thread: Int, _ burst: Int) -> Void,
        rest: @escaping @Sendable (_ thread: Int, _ burst: Int) -> Void, after: @escaping @Sendable () -> Void
    ) throws -> SharedBursts {
        let starts = (0..<bursts).map { _ in StartingLine(2) }
        let timed = (0..<bursts).map { _ in StartingLine(2) }
        let ends = (0..<bursts).map { _ in StartingLine(2) }
        let recorder = SharedBursts.Recorder(bursts)
        try Team.run(2) { thread in
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
        return SharedBursts(recorder.spans, points: Burst.timed / 2)
    }

    @inline(never)
    private static func half(_ series: Series, _ first: Int, _ range: Range<Int>) {
        Burst.values.withUnsafeBufferPointer { values in
            for i in range { series.log(values[i], step: first &+ i) }
        }
    }

    @inline(never)
    private static func halfBare(_ store: MappedStore, _ first: Int) {
        let clock = CounterClock.shared.reader
        var cursor = store.cursor
        Burst.values.withUnsafeBufferPointer { values in
            for i in 0..<Burst.timed / 2 {
                cursor.store(step: first &+ i, time: clock.now(), value: values[i], series: 0)
            }
        }
    }
}
