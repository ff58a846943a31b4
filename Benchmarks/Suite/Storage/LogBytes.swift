import Varve
import VarveFiles
import VarveFormat

/// `log-bytes`: bytes a point in the log, and what they are spent on: sixteen noisy losses of 32 bits, logged as rows (one time
/// for all sixteen) and call by call (each with a time of its own). zstd alone on the same words is the floor.
enum LogBytes {
    static func run(_ context: BenchContext) throws -> [Measurement] {
        let workload = Workload.losses(points: context.size.count(200_000, atLeast: 1_500))
        let columns = RunColumns(workload, run: 0)
        let raw = try RawFile(context.newPath("raw"), workload)
        try raw.write(columns, run: 0)
        let zstd = try Double(BytesFloor.zstd(raw.bytes).storedBytes) / Double(workload.points)
        return try measure(context, workload, columns, isRow: true, floor: zstd)
            + measure(context, workload, columns, isRow: false, floor: zstd)
    }

    private static func measure(
        _ context: BenchContext, _ workload: Workload, _ columns: RunColumns, isRow: Bool, floor: Double
    ) throws -> [Measurement] {
        let repository = try context.newRepository("log-bytes")
        let run = try Burst.startRun(in: repository, "run")
        let series = try workload.metrics.map { try run.series(for: $0.metric) }
        let hashes = workload.metrics.map { PointHash.series(run: "run", $0.metric) }
        var expected = PointHash()
        var random = SplitMix64(seed: 5)
        var row = series.map { ($0, 0.0) }
        for i in 0..<workload.pointsPerSeries {
            let step = columns.steps[0][i]
            var time = columns.times[0][i]
            for s in series.indices {
                let value = columns.values[s][i]
                // The calls of a step come about a microsecond apart.
                if !isRow {
                    time += Int64(random.number(1, 3)) * 1_000
                    series[s].log(value, step: Int(step), time: time)
                }
                row[s].1 = value
                expected.add(series: hashes[s], step: step, time: time, value: value.bitPattern)
            }
            if isRow { run.log(step: Int(step), time: time, row) }
        }
        try run.finish()
        let found = try Corpus.read(repository)
        guard found == expected else {
            throw WrongResult(description: "log-bytes: \(found) was read, but \(expected) was logged")
        }
        let logs = try RealFileSystem().list(repository.paths.logs).filter { $0.hasSuffix(".vlog") }
        guard let log = logs.first, logs.count == 1 else {
            throw WrongResult(description: "log-bytes: \(logs.count) log files instead of one")
        }
        let sizes = try FrameSizes(Paths.join(repository.paths.logs, log))
        guard sizes.points == workload.points else {
            throw WrongResult(description: "log-bytes: \(sizes.points) points in frames, \(workload.points) logged")
        }
        let what = "16 losses of 32 bits, " + (isRow ? "rows" : "call by call")
        func measurement(_ part: String, _ bytes: Int, floor: Double? = nil) -> Measurement {
            Measurement(
                "log-bytes", "\(what): \(part)", Double(bytes) / Double(workload.points), "B/point", floor: floor,
                hash: found.sum)
        }
        return [
            measurement("all", sizes.file, floor: floor), measurement("steps", sizes.steps),
            measurement("times", sizes.times), measurement("values", sizes.values),
            measurement("overhead", sizes.overhead),
        ]
    }
}
