import Varve
import VarveFiles
import VarveFormat

/// `scaling`: what each question costs as a campaign grows along one axis, each figure in a fresh process. Every size is logged,
/// measured and removed before the next is made.
enum Scaling {
    static func run(_ context: BenchContext) throws -> [Measurement] {
        var results: [Measurement] = []
        for axis in ScalingAxis.allCases {
            for count in axis.sizes(context.size) { results += try measure(context, axis, count) }
        }
        return results
    }

    private static func measure(_ context: BenchContext, _ axis: ScalingAxis, _ count: Int) throws -> [Measurement] {
        let workload = axis.workload(count, context.size)
        context.progress("\(count) \(axis.shape)")
        let repository = try context.newRepository("scaling")
        defer { FileTree.remove(repository.path) }
        let expected = try log(workload, to: repository)
        let points = Double(workload.points)
        var results: [Measurement] = []
        func add(_ question: ScalingQuestion, _ value: Double, of runs: Int = 1) {
            results.append(
                Measurement(
                    "scaling", "\(axis.rawValue) \(count): \(question.rawValue)", value, question.unit, runs: runs,
                    hash: expected.sum))
        }
        func probe(_ probe: Probe) throws -> (wall: Double, grown: Double) {
            var wall = Samples()
            var grown = Samples()
            for _ in 0..<context.repeats {
                let report = try Probe.run(probe, repository.path, context)
                wall.append(report.wall / 1e6)
                grown.append(report.grownBytes / 1e6)
            }
            return (wall.median, grown.median)
        }
        add(.logBytes, Double(try logBytes(repository)) / points)
        // Once: it can't be repeated without the logs of before, and takes long where that matters.
        let compaction = try Probe.run(.compact, repository.path, context)
        add(.compactRate, points * 1e3 / compaction.cpu)
        add(.compactMemory, compaction.grownBytes / 1e6)
        add(.indexBytes, Double(try indexBytes(repository)) / points)
        let found = try read(repository)
        guard found == expected else {
            throw WrongResult(description: "scaling: \(found) was read, but \(expected) was logged")
        }
        let opened = try probe(.open)
        add(.open, opened.wall, of: context.repeats)
        add(.openMemory, opened.grown, of: context.repeats)
        add(.runs, try probe(.runs).wall, of: context.repeats)
        add(.series, try probe(.series).wall, of: context.repeats)
        let metric = try probe(.metric)
        add(.metric, metric.wall, of: context.repeats)
        add(.metricMemory, metric.grown, of: context.repeats)
        return results
    }

    /// - Returns: the sum of all words: 100 million points aren't hashed one by one.
    static func log(_ workload: Workload, to repository: Repository) throws -> WordSum {
        var words = WordSum()
        for run in 0..<workload.runs {
            let columns = RunColumns(workload, run: run)
            try Corpus.log(columns, workload, run: run, to: repository)
            for (m, shape) in workload.metrics.enumerated() {
                let spacing = shape.spacing.rawValue
                words.add(steps: columns.steps[spacing], times: columns.times[spacing], values: columns.values[m])
            }
        }
        return words
    }

    static func read(_ repository: Repository) throws -> WordSum {
        var words = WordSum()
        let reader = try repository.snapshot().series(Query())
        try reader.forEach { words.add($0) }
        return words
    }

    /// The bytes of all segments in force: what a merge has replaced stays for a while, for readers that have it open.
    static func indexBytes(_ repository: Repository) throws -> Int {
        let index = try IndexSnapshot.open(
            repository.environment.fileSystem, directory: repository.paths.index, repository: repository.id,
            codec: ColumnCodec())
        return index.segments.reduce(0) { $0 + $1.size }
    }

    /// The bytes of all log files.
    private static func logBytes(_ repository: Repository) throws -> Int {
        let files = RealFileSystem()
        return try files.list(repository.paths.logs).filter { $0.hasSuffix(".vlog") }.reduce(0) { sum, name in
            sum + (try files.status(Paths.join(repository.paths.logs, name))?.size ?? 0)
        }
    }
}
