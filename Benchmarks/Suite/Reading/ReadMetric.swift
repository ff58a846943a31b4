import Varve

/// `read-metric`: one metric of all runs, and all metrics of one run, all columns, shown where they are; `read-kept`: the same, until
/// all of it is in memory. The same words copied from a mapped file are the floor.
enum ReadMetric {
    private enum Way: String {
        case shown = "read-metric"
        case kept = "read-kept"
    }

    static func shown(_ context: BenchContext) throws -> [Measurement] { try run(context, .shown) }
    static func kept(_ context: BenchContext) throws -> [Measurement] { try run(context, .kept) }

    private static func run(_ context: BenchContext, _ way: Way) throws -> [Measurement] {
        let long = try context.corpus("M")
        try long.compact()
        var results: [Measurement] = []
        for (m, label) in [(0, "losses of 32 bits"), (5, "learning rates of 64 bits")] {
            results.append(try measure(context, way, long, label, metrics: m..<m + 1, runs: 0..<long.workload.runs))
        }
        let short = try context.corpus("W")
        try short.compact()
        let (runs, metrics) = (short.workload.runs, short.workload.metrics.count)
        results.append(try measure(context, way, short, "W, losses of 32 bits", metrics: 0..<1, runs: 0..<runs))
        results.append(
            try measure(context, way, short, "W, every metric", metrics: 0..<metrics, runs: runs / 2..<runs / 2 + 1))
        return results
    }

    private static func measure(
        _ context: BenchContext, _ way: Way, _ corpus: Corpus, _ label: String, metrics: Range<Int>, runs: Range<Int>
    ) throws -> Measurement {
        let snapshot = try corpus.repository.snapshot()
        let workload = corpus.workload
        var query = Query()
        if metrics.count == 1 {
            query.metric = workload.metrics[metrics.lowerBound].metric.name
            query.context = ["subset": "train"]
        }
        let all = snapshot.runs
        if runs.count < workload.runs {
            let names = Set(runs.map { Workload.runName($0) })
            query.runs = all.filter { names.contains($0.name) }.map(\.id)
        }
        var times = Samples()
        var floors = Samples()
        for round in 0...max(context.repeats, 5) {
            let elapsed =
                switch way {
                case .shown: try timeShown(snapshot, query)
                case .kept: try timeKept(snapshot, query)
                }
            let floor =
                runs.count == 1
                ? metrics.reduce(0.0) { $0 + BytesFloor.copy(corpus.raw.bytes(metric: $1, run: runs.lowerBound)) }
                : BytesFloor.copy(corpus.raw.bytes(metrics: metrics))
            if round > 0 {
                times.append(elapsed.wall / 1e6)
                floors.append(floor / 1e6)
            }
        }
        let names = snapshot.namesOfRuns
        var found = PointHash()
        for chunk in try snapshot.series(query).readAll() { found.add(chunk, run: names[chunk.run] ?? "?") }
        guard found == expected(workload, metrics, runs) else {
            throw WrongResult(description: "read-metric \(label): \(found) was read, something else was logged")
        }
        let what = "\(label): \(runs.count) runs, \(found.points) points"
        return Measurement(
            way.rawValue, what, times.median, "ms", runs: times.count, floor: floors.median, hash: found.sum)
    }

    private static func timeShown(_ snapshot: Snapshot, _ query: Query) throws -> Elapsed {
        var words = WordSum()
        let elapsed = try Stopwatch.measure { try snapshot.series(query).forEach { words.add($0) } }
        keep(words.sum)
        return elapsed
    }

    private static func timeKept(_ snapshot: Snapshot, _ query: Query) throws -> Elapsed {
        var chunks: [SeriesChunk] = []
        let elapsed = try Stopwatch.measure { chunks = try snapshot.series(query).readAll() }
        keep(UInt64(chunks.count))
        return elapsed
    }

    private static func expected(_ workload: Workload, _ metrics: Range<Int>, _ runs: Range<Int>) -> PointHash {
        var expected = PointHash()
        for run in runs {
            let columns = RunColumns(workload, run: run)
            for m in metrics {
                let spacing = workload.metrics[m].spacing.rawValue
                let series = PointHash.series(run: Workload.runName(run), workload.metrics[m].metric)
                for i in 0..<workload.pointsPerSeries {
                    expected.add(
                        series: series, step: columns.steps[spacing][i], time: columns.times[spacing][i],
                        value: columns.values[m][i].bitPattern)
                }
            }
        }
        return expected
    }
}
