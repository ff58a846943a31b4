import Synchronization
import Varve
import VarveFiles

/// `tail`: how long after `log` a reader that follows the run sees the point, on the same host.
enum TailDelay {
    static func run(_ context: BenchContext) throws -> [Measurement] {
        let points = context.size.count(500, atLeast: 3)
        let repository = try context.newRepository("tail")
        let run = try Burst.startRun(in: repository, "run")
        let series = try run.series(Burst.key(0).name)
        let seen = Seen()
        // It shows what comes from here on.
        let follower = try repository.follow(Query(metric: Burst.key(0).name), interval: .milliseconds(5)) { chunk in
            guard case .success(let chunk) = chunk else { return }
            let now = Stopwatch.now()
            for i in 0..<chunk.count { seen.note(step: chunk.steps[i], value: chunk.values[i], at: now) }
        }
        defer { follower.stop() }
        var random = SplitMix64(seed: 13)
        var delays = Samples()
        var hash = PointHash()
        let key = PointHash.series(run: "run", Burst.key(0))
        for step in 0..<points {
            let value = Burst.values[step % Burst.points]
            let start = Stopwatch.now()
            series.log(value, step: step)
            guard let found = try seen.wait(for: step) else {
                throw WrongResult(description: "tail: point \(step) wasn't seen within ten seconds")
            }
            delays.append((found.time - start) / 1e6)
            hash.add(series: key, step: Int64(step), time: 0, value: found.value.bitPattern)
            // Not in step with the reader's own beat. The first point also starts the reader.
            let pause = Stopwatch.now() + random.uniform(0, 7e6)
            while Stopwatch.now() < pause { Seen.pause() }
        }
        try run.finish()
        let sum = try Burst.check(repository, hash, "tail")
        return [
            Measurement("tail", "median", delays.median, "ms", runs: points, hash: sum),
            Measurement("tail", "p99", delays.quantile(0.99), "ms", runs: points, hash: sum),
        ]
    }
}
