import Varve
import VarveFiles

/// `open`: opening a repository of many runs and series, in a process of its own. Listing the directory of logs is the floor.
enum Opening {
    static func run(_ context: BenchContext) throws -> [Measurement] {
        try ["W", "R"].flatMap { try measure(context, $0) }
    }

    private static func measure(_ context: BenchContext, _ name: String) throws -> [Measurement] {
        let corpus = try context.corpus(name)
        try corpus.compact()
        let hash = try corpus.check("open")
        let logs = corpus.repository.paths.logs
        var floors = Samples()
        for _ in 0..<max(3, context.repeats) {
            var names = 0
            floors.append(try Stopwatch.measure { names = try RealFileSystem().list(logs).count }.wall / 1e6)
            keep(UInt64(names))
        }
        let shape = "\(corpus.workload.runs) runs, \(corpus.workload.series) series"
        var results: [Measurement] = []
        for (probe, label) in [(Probe.open, "a snapshot"), (Probe.runs, "and all properties")] {
            var times = Samples()
            var memory = Samples()
            for _ in 0..<context.repeats {
                let report = try Probe.run(probe, corpus.repository.path, context)
                times.append(report.wall / 1e6)
                memory.append(report.grownBytes / 1e6)
            }
            results.append(
                Measurement(
                    "open", "\(shape): \(label)", times.median, "ms", runs: times.count, floor: floors.median,
                    hash: hash))
            results.append(
                Measurement("open", "\(shape): \(label): memory", memory.median, "MB", runs: memory.count, hash: hash))
        }
        return results
    }
}
