import Varve

/// `read-metric`: one metric of all runs, all columns. The same words copied from a mapped file are the floor.
enum ReadMetric {
    static func run(_ context: BenchContext) throws -> [Measurement] {
        let corpus = try context.corpus("M")
        try corpus.compact()
        let snapshot = try corpus.repository.snapshot()
        let names = snapshot.namesOfRuns
        let workload = corpus.workload
        var results: [Measurement] = []
        for (m, label) in [(0, "losses of 32 bits"), (5, "learning rates of 64 bits")] {
            let metric = workload.metrics[m].metric
            let query = Query(metric: metric.name, context: ["subset": "train"])
            var times = Samples()
            var floors = Samples()
            for round in 0...context.repeats {
                var words = WordSum()
                let elapsed = try Stopwatch.measure {
                    try snapshot.series(query).forEach { words.add($0) }
                }
                keep(words.sum)
                let floor = BytesFloor.copy(corpus.raw.bytes(metrics: m..<m + 1))
                if round > 0 {
                    times.append(elapsed.wall / 1e6)
                    floors.append(floor / 1e6)
                }
            }
            var found = PointHash()
            let reader = try snapshot.series(query)
            while let chunk = try reader.next() { found.add(chunk, run: names[chunk.run] ?? "?") }
            var expected = PointHash()
            for run in 0..<workload.runs {
                let columns = RunColumns(workload, run: run)
                let spacing = workload.metrics[m].spacing.rawValue
                let series = PointHash.series(run: Workload.runName(run), metric)
                for i in 0..<workload.pointsPerSeries {
                    expected.add(
                        series: series, step: columns.steps[spacing][i], time: columns.times[spacing][i],
                        value: columns.values[m][i].bitPattern)
                }
            }
            guard found == expected else {
                throw WrongResult(description: "read-metric \(metric): \(found) was read, but \(expected) was logged")
            }
            let what = "\(label): \(workload.runs) runs, \(found.points) points"
            results.append(
                Measurement(
                    "read-metric", what, times.median, "ms", runs: times.count, floor: floors.median, hash: found.sum))
        }
        return results
    }
}
