import Varve
import VarveFiles

/// `log-batch`: what a point costs in a call that takes many of them; beside bare stores with one reading of the clock a call.
enum LogBatch {
    private static let width = 16

    static func run(_ context: BenchContext) throws -> [Measurement] {
        let bursts = context.size.count(400, atLeast: 2)
        return [
            try measure(context, "row of 16 series", bursts: bursts, run: logRows, isRow: true),
            try measure(context, "span of 1,024 points", bursts: bursts, run: logSpans, isRow: false),
        ]
    }

    private static func measure(
        _ context: BenchContext, _ what: String, bursts: Int, run log: (Run, [Series], Int, Range<Int>) -> Void,
        isRow: Bool
    ) throws -> Measurement {
        let repository = try context.newRepository("log-batch")
        let store = try MappedStore(context.newPath("store"))
        let run = try Burst.startRun(in: repository, "run")
        let series = try (0..<width).map { try run.series(Burst.key($0).name) }
        let hashes = (0..<width).map { PointHash.series(run: "run", Burst.key($0)) }
        let rows = Burst.points / width
        let calls = isRow ? rows : width
        var expected = PointHash()
        var costs = Samples()
        var floors = Samples()
        var step = 0
        for _ in 0..<context.repeats {
            var costsOfBursts = Samples()
            var stores = Samples()
            for _ in 0..<bursts {
                let call = Stopwatch.measure { log(run, series, step, 0..<calls - 1) }.wall
                log(run, series, step, calls - 1..<calls)
                try run.flush()
                let bare = Stopwatch.measure { bareStores(store, step, calls: calls) }.wall
                costsOfBursts.append(call / Double(Burst.points / calls * (calls - 1)))
                stores.append(bare / Double(Burst.points))
                for s in 0..<width {
                    for i in 0..<rows {
                        let value = Burst.values[isRow ? i * width + s : s * rows + i]
                        expected.add(series: hashes[s], step: Int64(step + i), time: 0, value: value.bitPattern)
                    }
                }
                step += rows
            }
            costs.append(costsOfBursts.median)
            floors.append(stores.median)
        }
        try run.finish()
        let sum = try Burst.check(repository, expected, "log-batch")
        return Measurement(
            "log-batch", what, costs.median, "ns/point", runs: costs.count, floor: floors.median, hash: sum)
    }

    @inline(never)
    private static func logRows(_ run: Run, _ series: [Series], _ first: Int, _ rows: Range<Int>) {
        var row = series.map { ($0, 0.0) }
        Burst.values.withUnsafeBufferPointer { values in
            for i in rows {
                for s in 0..<width { row[s].1 = values[i &* width &+ s] }
                run.log(step: first &+ i, row)
            }
        }
    }

    @inline(never)
    private static func logSpans(_ run: Run, _ series: [Series], _ first: Int, _ spans: Range<Int>) {
        let values = Burst.values
        let span = values.span
        let rows = values.count / width
        for s in spans {
            series[s].log(contentsOf: span.extracting(s * rows..<(s + 1) * rows), firstStep: first)
        }
    }

    @inline(never)
    private static func bareStores(_ store: MappedStore, _ first: Int, calls: Int) {
        let clock = CounterClock.shared.reader
        var cursor = store.cursor
        Burst.values.withUnsafeBufferPointer { values in
            let width = values.count / calls
            for call in 0..<calls {
                let time = clock.now()
                for i in 0..<width {
                    cursor.store(step: first &+ call, time: time, value: values[call &* width &+ i], series: UInt32(i))
                }
            }
        }
    }
}
