import Varve
import VarveFiles

/// `compact`: how fast logs become an index, and the memory it takes, in a process of its own. zstd alone on the same words,
/// level 3, is the floor.
enum Compaction {
    static func run(_ context: BenchContext) throws -> [Measurement] {
        try ["M", "W", "L"].flatMap { try measure(context, $0) } + CompactionExtremes.run(context)
            + CompactionCampaign.run(context)
    }

    private static func measure(_ context: BenchContext, _ name: String) throws -> [Measurement] {
        let corpus = try context.corpus(name)
        let points = Double(corpus.workload.points)
        var rates = Samples()
        var peaks = Samples()
        for _ in 0..<context.repeats {
            try corpus.removeIndex()
            let report = try Probe.run(.compact, corpus.repository.path, context)
            rates.append(points * 1e3 / report.cpu)
            peaks.append(report.peakBytes / 1_048_576)
        }
        corpus.noteCompacted()
        let hash = try corpus.check("compact")
        let zstd = try BytesFloor.zstd(corpus.raw.bytes)
        let what = "workload \(name)"
        return [
            Measurement(
                "compact", what, rates.median, "M points/s CPU", runs: rates.count, floor: points * 1e3 / zstd.compress,
                hash: hash),
            Measurement("compact", "\(what): peak memory", peaks.median, "MiB", runs: peaks.count, hash: hash),
        ]
    }
}
