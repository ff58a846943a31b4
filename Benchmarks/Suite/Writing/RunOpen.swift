import Varve
import VarveFiles

/// `run-open`: opening a run and closing it, one after the other, and what an open one weighs.
enum RunOpen {
    static func run(_ context: BenchContext) throws -> [Measurement] {
        try openAndClose(context) + memory(context)
    }

    private static func openAndClose(_ context: BenchContext) throws -> [Measurement] {
        let runs = context.size.count(2_000, atLeast: 5)
        let repository = try context.newRepository("run-open")
        var options = RunOptions()
        options.compaction = .never
        var times = Samples()
        var floors = Samples()
        var expected = PointHash()
        let floorDirectory = context.newPath("files")
        try RealFileSystem().makeDirectory(floorDirectory)
        for i in 0..<runs {
            let name = Workload.runName(i)
            times.append(
                try Stopwatch.measure {
                    let run = try repository.startRun(name: name, options: options)
                    let series = try run.series(Burst.key(0).name)
                    for step in 0..<10 { series.log(Burst.values[step], step: step) }
                    try run.finish()
                }.wall / 1e3)
            floors.append(try Stopwatch.measure { try createAndClose(Paths.join(floorDirectory, "\(i)")) }.wall / 1e3)
            let hash = PointHash.series(run: name, Burst.key(0))
            for step in 0..<10 {
                expected.add(series: hash, step: Int64(step), time: 0, value: Burst.values[step].bitPattern)
            }
        }
        let sum = try Burst.check(repository, expected, "run-open")
        let what = "open, 10 points, close"
        return [
            Measurement(
                "run-open", "\(what): median", times.median, "µs", runs: runs, floor: floors.median, hash: sum),
            Measurement(
                "run-open", "\(what): p99", times.quantile(0.99), "µs", runs: runs, floor: floors.quantile(0.99),
                hash: sum),
        ]
    }

    /// What the names and bytes of a run cost without Varve: a file of 4 KiB that gets a second name and loses the first.
    private static func createAndClose(_ path: String) throws {
        let files = RealFileSystem()
        let file = try files.open(path, .createNew)
        try file.write([UInt8](repeating: 1, count: 4_096), at: 0)
        try files.link(path, path + "b")
        try files.unlink(path)
        file.close()
    }

    private static func memory(_ context: BenchContext) throws -> [Measurement] {
        let writers = 8
        let repository = try context.newRepository("run-memory")
        let values = Burst.values
        let before = ProcessMemory.resident
        var expected = PointHash()
        let runs = try (0..<writers).map { try Burst.startRun(in: repository, Workload.runName($0)) }
        for (i, run) in runs.enumerated() {
            for s in 0..<2 {
                try run.series(Burst.key(s).name).log(contentsOf: values.span, firstStep: 0)
                let hash = PointHash.series(run: Workload.runName(i), Burst.key(s))
                for step in 0..<Burst.points {
                    expected.add(series: hash, step: Int64(step), time: 0, value: Burst.values[step].bitPattern)
                }
            }
            try run.flush()
        }
        let after = ProcessMemory.resident
        for run in runs { try run.finish() }
        let sum = try Burst.check(repository, expected, "the memory of writers")
        return [
            Measurement(
                "run-open", "memory of a writer, after a full ring",
                Double(max(0, after - before)) / Double(writers) / 1_048_576, "MiB", hash: sum)
        ]
    }
}
