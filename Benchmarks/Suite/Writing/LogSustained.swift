import Varve
import VarveFiles

/// `log-sustained`: logging without a pause, with the drain that moves the points to the log; the clock stops when all are there.
enum LogSustained {
    private static let width = 16

    static func run(_ context: BenchContext) throws -> [Measurement] {
        let rows = context.size.count(40_000_000 / width, atLeast: 4_000)
        return try measure(context, "rows of 16 series, 1 thread", rows: rows, threads: 1, isRow: true)
            + measure(context, "16 series, call by call, 1 thread", rows: rows, threads: 1, isRow: false)
            + measure(context, "rows of 16 series, 2 threads", rows: rows, threads: 2, isRow: true)
    }

    private static func measure(
        _ context: BenchContext, _ what: String, rows: Int, threads: Int, isRow: Bool
    ) throws -> [Measurement] {
        var rates = Samples()
        var costs = Samples()
        var bareRates = Samples()
        var bareCosts = Samples()
        var sum: UInt64?
        let points = Double(rows * width)
        let store = try MappedStore(context.newPath("store"))
        for _ in 0..<context.repeats {
            let repository = try context.newRepository("log-sustained")
            let run = try Burst.startRun(in: repository, "run")
            let series = try (0..<width * threads).map { try run.series(Burst.key($0).name) }
            let share = rows / threads
            let elapsed = try Stopwatch.measure {
                if threads == 1 {
                    if isRow { logRows(run, series[...], share) } else { logCalls(series, share) }
                } else {
                    try Team.run(threads) { logRows(run, series[$0 * width..<($0 + 1) * width], share) }
                }
                try run.flush()
            }
            guard run.health.dropped == 0 else {
                throw WrongResult(description: "log-sustained: \(run.health.dropped) points were dropped")
            }
            try run.finish()
            rates.append(points * 1e3 / elapsed.wall)
            costs.append(elapsed.cpu / points)
            sum = try Burst.check(repository, expected(series: width * threads, rows: share), "log-sustained")
            FileTree.remove(repository.path)
            let bare = Stopwatch.measure { bareStores(store, rows, isRow) }
            bareRates.append(points * 1e3 / bare.wall)
            bareCosts.append(bare.cpu / points)
        }
        return [
            Measurement(
                "log-sustained", what, rates.median, "M points/s", runs: rates.count, floor: bareRates.median, hash: sum
            ),
            Measurement(
                "log-sustained", what, costs.median, "ns CPU/point", runs: costs.count, floor: bareCosts.median,
                hash: sum),
        ]
    }

    private static func value(_ row: Int, _ series: Int) -> Double {
        Burst.values[(row &* 16 &+ series & 15) & (Burst.points - 1)]
    }

    private static func expected(series: Int, rows: Int) -> PointHash {
        var hash = PointHash()
        for s in 0..<series {
            let key = PointHash.series(run: "run", Burst.key(s))
            for row in 0..<rows { hash.add(series: key, step: Int64(row), time: 0, value: value(row, s).bitPattern) }
        }
        return hash
    }

    @inline(never)
    private static func logRows(_ run: Run, _ series: ArraySlice<Series>, _ rows: Int) {
        var row = series.map { ($0, 0.0) }
        Burst.values.withUnsafeBufferPointer { values in
            for i in 0..<rows {
                for s in 0..<width { row[s].1 = values[(i &* width &+ s) & (Burst.points - 1)] }
                run.log(step: i, row)
            }
        }
    }

    @inline(never)
    private static func logCalls(_ series: [Series], _ rows: Int) {
        Burst.values.withUnsafeBufferPointer { values in
            for i in 0..<rows {
                for s in 0..<width { series[s].log(values[(i &* width &+ s) & (Burst.points - 1)], step: i) }
            }
        }
    }

    @inline(never)
    private static func bareStores(_ store: MappedStore, _ rows: Int, _ isRow: Bool) {
        let clock = CounterClock.shared.reader
        var cursor = store.cursor
        Burst.values.withUnsafeBufferPointer { values in
            for i in 0..<rows {
                let time = clock.now()
                for s in 0..<width {
                    cursor.store(
                        step: i, time: isRow ? time : clock.now(),
                        value: values[(i &* width &+ s) & (Burst.points - 1)], series: UInt32(s))
                }
            }
        }
    }
}
