import Varve
import VarveFormat

/// `statistics`: count, extremes and last values of every series. Decoding all the points and looking at each is the floor.
enum Summing {
    static func run(_ context: BenchContext) throws -> [Measurement] {
        try ["M", "L", "W"].map { name in
            let corpus = try context.corpus(name)
            try corpus.compact()
            let snapshot = try corpus.repository.snapshot()
            var times = Samples()
            var floors = Samples()
            var found: [SeriesStatistics] = []
            for round in 0...context.repeats {
                let elapsed = try Stopwatch.measure { found = try snapshot.statistics(Query()) }
                let floor = try Stopwatch.measure { keep(try look(snapshot)) }
                if round > 0 {
                    times.append(elapsed.cpu / 1e6)
                    floors.append(floor.cpu / 1e6)
                }
            }
            let hash = try check(found, corpus, snapshot)
            return Measurement(
                "statistics", "\(name), \(corpus.workload.series) series", times.median, "ms of CPU", runs: times.count,
                floor: floors.median, hash: hash)
        }
    }

    private static func look(_ snapshot: Snapshot) throws -> UInt64 {
        var (low, high) = (Double.infinity, -Double.infinity)
        var query = Query()
        query.columns = [.steps, .values]
        try snapshot.series(query).forEach { series in
            for i in 0..<series.count {
                low = min(low, series.values[i])
                high = max(high, series.values[i])
            }
        }
        return low.bitPattern ^ high.bitPattern
    }

    /// Compares with the generator's columns; returns a hash of what was found.
    private static func check(_ found: [SeriesStatistics], _ corpus: Corpus, _ snapshot: Snapshot) throws -> UInt64 {
        let names = snapshot.namesOfRuns
        var expected: [UInt64: (min: Double, max: Double, last: Double)] = [:]
        for run in 0..<corpus.workload.runs {
            let columns = RunColumns(corpus.workload, run: run)
            for (m, shape) in corpus.workload.metrics.enumerated() {
                let values = columns.values[m]
                expected[PointHash.series(run: Workload.runName(run), shape.metric)] = (
                    values.min() ?? 0, values.max() ?? 0, values.last ?? 0
                )
            }
        }
        var hash: UInt64 = 0
        for series in found {
            let key = PointHash.series(run: names[series.run] ?? "?", series.metric)
            let (low, high, last) = (series.min?.value, series.max?.value, series.last?.value)
            guard let wanted = expected.removeValue(forKey: key), series.count == corpus.workload.pointsPerSeries,
                low == wanted.min, high == wanted.max, last == wanted.last
            else { throw WrongResult(description: "statistics of \(series.metric): \(series)") }
            hash &+= withUnsafeBytes(of: (key, wanted.min, wanted.max, wanted.last)) { XXHash64.hash($0) }
        }
        guard expected.isEmpty else { throw WrongResult(description: "statistics: \(expected.count) series less") }
        return hash
    }
}
