/// Something that can be measured.
package struct Benchmark: Sendable {
    package let name: String
    /// What it is about, for people.
    package let summary: String
    /// Only if it is asked for by name: it takes many minutes.
    package let isSlow: Bool
    package let run: @Sendable (BenchContext) throws -> [Measurement]

    init(
        name: String, summary: String, isSlow: Bool = false,
        run: @escaping @Sendable (BenchContext) throws -> [Measurement]
    ) {
        self.name = name
        self.summary = summary
        self.isSlow = isSlow
        self.run = run
    }

    /// All of them, in the order in which data flows.
    package static let all: [Benchmark] = [
        Benchmark(name: "log-call", summary: "one call of log, at the call site", run: LogCall.run),
        Benchmark(name: "log-batch", summary: "a point of a call that takes many", run: LogBatch.run),
        Benchmark(name: "log-tail", summary: "the slowest calls, while the disk is busy", run: LogTailLatency.run),
        Benchmark(name: "log-sustained", summary: "logging without a pause, drain included", run: LogSustained.run),
        Benchmark(name: "kill", summary: "points lost, doubled and wrong when the writer is killed", run: Kill.run),
        Benchmark(name: "run-open", summary: "opening and closing a run; memory of a writer", run: RunOpen.run),
        Benchmark(name: "log-bytes", summary: "bytes a point in the log", run: LogBytes.run),
        Benchmark(name: "codec", summary: "columns of each kind: bytes and time a value", run: CodecSpeed.run),
        Benchmark(name: "compact", summary: "building the index: rate and memory", run: Compaction.run),
        Benchmark(name: "index-bytes", summary: "bytes a point in the index", run: IndexBytes.run),
        Benchmark(name: "read-one", summary: "one series out of many", run: ReadOne.run),
        Benchmark(name: "read-metric", summary: "one metric of all runs", run: ReadMetric.shown),
        Benchmark(name: "read-kept", summary: "the same, all of it in memory", run: ReadMetric.kept),
        Benchmark(name: "read-all", summary: "every point, from logs and from the index", run: ReadAll.run),
        Benchmark(name: "statistics", summary: "counts, extremes and last values of every series", run: Summing.run),
        Benchmark(name: "find", summary: "choosing among runs by an expression", run: Finding.run),
        Benchmark(name: "curve", summary: "series as they are drawn on 1,000 pixels", run: Drawing.run),
        Benchmark(name: "export", summary: "points in each format", run: Exporting.run),
        Benchmark(name: "open", summary: "opening a repository of many runs", run: Opening.run),
        Benchmark(name: "tail", summary: "how soon a reader that follows a run sees a point", run: TailDelay.run),
        Benchmark(name: "verbs", summary: "each verb of the program, as a whole process", run: VerbTimes.run),
        Benchmark(name: "artifact", summary: "large files: adding, proving, copying out", run: ArtifactSpeed.run),
        Benchmark(name: "console", summary: "lines of output: keeping them, searching them", run: ConsoleTimes.run),
        Benchmark(name: "damage", summary: "what one damaged byte costs", run: Damage.run),
        Benchmark(
            name: "scaling", summary: "time and memory against runs, series and points (slow)", isSlow: true,
            run: Scaling.run),
    ]
}
