import Varve
import VarveFiles

/// `compact`, where there is little in much: a million series of five points in 1,000 runs, and 100,000 runs of twenty points.
/// Each is compacted in a process of its own, whose rate and memory count.
enum CompactionExtremes {
    static func run(_ context: BenchContext) throws -> [Measurement] {
        try [ScalingAxis.series, .runs].flatMap { try measure(context, $0) }
    }

    private static func measure(_ context: BenchContext, _ axis: ScalingAxis) throws -> [Measurement] {
        guard let count = axis.sizes(context.size).last else { return [] }
        let workload = axis.workload(count, context.size)
        let what = "\(count) \(axis.shape)"
        context.progress("logging \(what)")
        let repository = try context.newRepository("extreme")
        defer { FileTree.remove(repository.path) }
        let expected = try Scaling.log(workload, to: repository)
        let report = try Probe.run(.compact, repository.path, context)
        let found = try Scaling.read(repository)
        guard found == expected else {
            throw WrongResult(description: "compact, \(what): \(found) was read, but \(expected) was logged")
        }
        return [
            Measurement(
                "compact", what, Double(workload.points) * 1e3 / report.cpu, "M points/s CPU", hash: expected.sum),
            Measurement(
                "compact", "\(what): peak memory", report.peakBytes / 1_048_576, "MiB", hash: expected.sum),
        ]
    }
}
