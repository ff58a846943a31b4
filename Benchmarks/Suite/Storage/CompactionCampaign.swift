import Varve
import VarveFiles

/// `compact`, for a campaign whose runs arrive one by one: how often each byte of the index is written. Once as writers compact in
/// passing, by default; once with everything compacted after every run, as somebody impatient would.
enum CompactionCampaign {
    static func run(_ context: BenchContext) throws -> [Measurement] {
        let every = CompactionOptions.inPassing.minimumFiles
        let runs = context.size.count(10_000, atLeast: 3 * every)
        let passing = try arrive(context, runs: runs, every: every, .inPassing)
        let impatient = try arrive(context, runs: max(20, runs / 10), every: 1, CompactionOptions())
        return [
            Measurement(
                "compact", "write amplification, \(runs) runs one by one", passing.amplification, "x",
                hash: passing.hash),
            Measurement(
                "compact", "\(runs) runs one by one", passing.rate, "M points/s CPU", hash: passing.hash),
            Measurement(
                "compact", "\(runs) runs one by one: segments at the end", Double(passing.segments), "segments",
                hash: passing.hash),
            Measurement(
                "compact", "\(max(20, runs / 10)) runs, each compacted at once: bytes written ÷ index",
                impatient.amplification, "x", hash: impatient.hash),
        ]
    }

    private struct Outcome {
        /// Bytes of all segments and manifests that were written ÷ those in force at the end.
        var amplification: Double
        var segments: Int
        /// Points of the index a microsecond of the compactor's processor time, merges included.
        var rate: Double
        var hash: UInt64
    }

    private static func arrive(
        _ context: BenchContext, runs: Int, every: Int, _ options: CompactionOptions
    ) throws -> Outcome {
        let full = Workload.named("W", context.size)
        let workload = Workload(
            name: full.name, runs: runs, metrics: full.metrics, pointsPerSeries: full.pointsPerSeries)
        context.progress("\(runs) runs that arrive one by one")
        let repository = try context.newRepository("campaign")
        defer { FileTree.remove(repository.path) }
        var words = WordSum()
        var written = 0
        var points = 0
        var segments = 0
        var cpu = 0.0
        for run in 0..<runs {
            let columns = RunColumns(workload, run: run)
            try Corpus.log(columns, workload, run: run, to: repository)
            for (m, shape) in workload.metrics.enumerated() {
                let spacing = shape.spacing.rawValue
                words.add(steps: columns.steps[spacing], times: columns.times[spacing], values: columns.values[m])
            }
            guard (run + 1) % every == 0 else { continue }
            cpu += try Stopwatch.measure {
                let report = try repository.compact(options)
                written += report.bytes
                points += report.points
                segments = report.segments
            }.cpu
        }
        let found = try Scaling.read(repository)
        guard found == words else {
            throw WrongResult(description: "compact, one by one: \(found) was read, but \(words) was logged")
        }
        return Outcome(
            amplification: Double(written) / Double(try Scaling.indexBytes(repository)), segments: segments,
            rate: Double(points) * 1e3 / cpu, hash: words.sum)
    }
}
