import Varve
import VarveFiles

/// `read-one`: one series out of many, from a snapshot that is open. The same words copied from a mapped file are the floor.
enum ReadOne {
    static func run(_ context: BenchContext) throws -> [Measurement] {
        let corpus = try context.corpus("M")
        try corpus.compact()
        let snapshot = try corpus.repository.snapshot()
        let runs = snapshot.runs
        let names = snapshot.namesOfRuns
        let workload = corpus.workload
        var random = SplitMix64(seed: 11)
        var times = Samples()
        var floors = Samples()
        var found = PointHash()
        var expected = PointHash()
        for round in 0..<context.size.count(2_000, atLeast: 10) {
            let m = random.below(workload.metrics.count)
            let metric = workload.metrics[m].metric
            let row = random.below(runs.count)
            var context: [String: String] = [:]
            for pair in metric.context { context[pair.key] = pair.value }
            let query = Query(metric: metric.name, context: context, runs: [runs[row].id])
            var words = WordSum()
            let elapsed = try Stopwatch.measure {
                try snapshot.series(query).forEach { words.add($0) }
            }
            keep(words.sum)
            // The first ones also pay for what a process does once.
            if round >= 3 { times.append(elapsed.wall / 1e6) }
            floors.append(BytesFloor.copy(corpus.raw.bytes(metric: m, run: row)) / 1e6)
            if round < 20 {
                let reader = try snapshot.series(query)
                while let chunk = try reader.next() { found.add(chunk, run: names[chunk.run] ?? "?") }
                let columns = RunColumns(workload, run: row)
                let spacing = workload.metrics[m].spacing.rawValue
                let series = PointHash.series(run: Workload.runName(row), metric)
                for i in 0..<workload.pointsPerSeries {
                    expected.add(
                        series: series, step: columns.steps[spacing][i], time: columns.times[spacing][i],
                        value: columns.values[m][i].bitPattern)
                }
            }
        }
        guard found == expected else {
            throw WrongResult(description: "read-one: \(found) was read, but \(expected) was logged")
        }
        let what = "\(workload.pointsPerSeries) points out of \(workload.points)"
        return [
            Measurement("read-one", what, times.median, "ms", runs: times.count, floor: floors.median, hash: found.sum)
        ]
    }
}
