import Varve

/// `log-call`: what one call of `log` costs where it stands, without the drain; beside a bare store into a mapped file with the
/// same clock.
enum LogCall {
    static func run(_ context: BenchContext) throws -> [Measurement] {
        let bursts = context.size.count(400, atLeast: 2)
        return try oneThread(context, bursts: bursts, .counter, series: 1)
            + oneThread(context, bursts: bursts, .counter, series: 1_024)
            + oneThread(context, bursts: bursts, .system, series: 1)
            + oneThread(context, bursts: bursts, .given, series: 1)
            + threads(2, context, bursts: bursts)
            + threads(4, context, bursts: bursts)
    }

    // MARK: One thread

    /// - Parameter count: of series, a power of two.
    private static func oneThread(
        _ context: BenchContext, bursts: Int, _ clock: CallSite.Clock, series count: Int
    ) throws -> [Measurement] {
        let repository = try context.newRepository("log-call")
        let store = try MappedStore(context.newPath("store"))
        let run = try Burst.startRun(in: repository, "run", clock: clock == .system ? .system : .counter)
        let site = CallSite(clock: clock, series: try (0..<count).map { try run.series(Burst.key($0).name) })
        let hashes = (0..<count).map { PointHash.series(run: "run", Burst.key($0)) }
        var expected = PointHash()
        var costs = Samples()
        var floors = Samples()
        var ratios = Samples()
        var step = 0
        for _ in 0..<context.repeats {
            var calls = Samples()
            var stores = Samples()
            for _ in 0..<bursts {
                let call = Stopwatch.measure { site.log(step, 0..<Burst.timed) }.wall
                site.log(step, Burst.timed..<Burst.points)
                // Not timed either: the ring must be empty again before the next burst.
                try run.flush()
                let bare = Stopwatch.measure { site.store(store, step, 0..<Burst.timed) }.wall
                calls.append(call / Double(Burst.timed))
                stores.append(bare / Double(Burst.timed))
                for i in 0..<Burst.points {
                    expected.add(
                        series: hashes[i % count], step: Int64(step + i), time: 0, value: Burst.values[i].bitPattern)
                }
                step += Burst.points
            }
            costs.append(calls.median)
            floors.append(stores.median)
            ratios.append(calls.median / stores.median)
        }
        try run.finish()
        let sum = try Burst.check(repository, expected, "log-call")
        return measurements(
            "1 thread, \(clock.rawValue)\(count > 1 ? ", \(count) series" : "")", ratios, costs, floors, sum)
    }

    private static func measurements(
        _ what: String, _ ratios: Samples, _ costs: Samples, _ floors: Samples, _ sum: UInt64
    ) -> [Measurement] {
        [
            Measurement(
                "log-call", what, ratios.median, "x floor", runs: ratios.count, floor: floors.median, hash: sum),
            Measurement("log-call", what, costs.median, "ns", runs: costs.count, floor: floors.median, hash: sum),
        ]
    }

    // MARK: Several threads

    /// Each thread logs a series of its own, its share of a burst at a time, into the same run.
    private static func threads(_ count: Int, _ context: BenchContext, bursts: Int) throws -> [Measurement] {
        let repository = try context.newRepository("log-call")
        let run = try Burst.startRun(in: repository, "run")
        let sites = try (0..<count).map { index in
            CallSite(clock: .counter, series: [try run.series(Burst.key(index).name)])
        }
        let stores = try (0..<count).map { _ in try MappedStore(context.newPath("store")) }
        let share = Burst.points / count
        let timed = Burst.timed / count
        var rounds: [(calls: SharedBursts, bare: SharedBursts)] = []
        var first = 0
        for _ in 0..<context.repeats {
            let start = first
            let calls = try SharedBursts.measure(count, bursts, points: timed) { thread, burst in
                sites[thread].log(start + burst * share, 0..<timed)
            } rest: { thread, burst in
                sites[thread].log(start + burst * share, timed..<share)
            } after: {
                // A failure shows: the points aren't there when they are counted.
                try? run.flush()
            }
            let bare = try SharedBursts.measure(count, bursts, points: timed) { thread, burst in
                sites[thread].store(stores[thread], start + burst * share, 0..<timed)
            }
            first += bursts * share
            rounds.append((calls, bare))
        }
        try run.finish()
        var expected = PointHash()
        for thread in 0..<count {
            let hash = PointHash.series(run: "run", Burst.key(thread))
            for step in 0..<first {
                expected.add(
                    series: hash, step: Int64(step), time: 0, value: Burst.values[step % share].bitPattern)
            }
        }
        let sum = try Burst.check(repository, expected, "log-call by \(count) threads")
        let met = rounds.filter { $0.calls.met > 0 }
        let counted = met.isEmpty ? rounds : met
        // Where others keep the processors busy, the threads may never run at the same time: then the figure says less.
        let what = "\(count) threads, counter clock" + (!met.isEmpty ? "" : " (not at the same time)")
        return measurements(
            what, Samples(counted.map { $0.calls.cost / $0.bare.cost }), Samples(counted.map(\.calls.cost)),
            Samples(counted.map(\.bare.cost)), sum)
    }
}
