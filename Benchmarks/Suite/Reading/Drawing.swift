import Varve
import VarveFormat

/// `curve`: series on 1,000 pixels, first, smallest, largest and last point of each. Decoding all their points is the floor of
/// whoever has no summaries.
enum Drawing {
    static func run(_ context: BenchContext) throws -> [Measurement] {
        try long(context) + (try many(context))
    }

    /// One series of ten million points, at three steps' distances.
    private static func long(_ context: BenchContext) throws -> [Measurement] {
        let count = context.size.count(10_000_000, atLeast: 20_000)
        let repository = try context.newRepository("curve")
        context.progress("logging a series of \(count) points")
        let columns = RunColumns(
            Workload(
                name: "curve", runs: 1, metrics: Array(Workload.named("L", .tiny).metrics.prefix(1)),
                pointsPerSeries: min(count, 1_000_000)), run: 0)
        let values = (0..<count).map { columns.values[0][$0 % columns.values[0].count] }
        var step = -1
        let spacings: [(name: String, steps: [Int])] = [
            ("every step", Array(0..<count)), ("every tenth step", (0..<count).map { $0 * 10 }),
            (
                "irregular steps",
                (0..<count).map { i in
                    step += i % 7 == 0 ? 17 : 1
                    return step
                }
            ),
        ]
        var options = RunOptions()
        options.sync = .none
        options.compaction = .never
        let run = try repository.startRun(name: "long", options: options)
        for spacing in spacings {
            let times = [Int64](repeating: .min, count: count)
            try run.series(spacing.name).log(
                contentsOf: values.span, steps: spacing.steps.span, times: times.span)
        }
        try run.finish()
        _ = try repository.compact()
        let snapshot = try repository.snapshot()
        return try spacings.map { spacing in
            try measure(
                context, snapshot, Query(metric: spacing.name), "\(count) points, \(spacing.name)", values: values,
                steps: spacing.steps)
        }
    }

    /// All series of a workload at once.
    private static func many(_ context: BenchContext) throws -> [Measurement] {
        let corpus = try context.corpus("L")
        try corpus.compact()
        let snapshot = try corpus.repository.snapshot()
        return [try measure(context, snapshot, Query(), "L, all \(corpus.workload.series) series")]
    }

    private static func measure(
        _ context: BenchContext, _ snapshot: Snapshot, _ query: Query, _ what: String, values: [Double]? = nil,
        steps: [Int] = []
    ) throws -> Measurement {
        var times = Samples()
        var floors = Samples()
        var curves: [Curve] = []
        for round in 0...context.repeats {
            let elapsed = try Stopwatch.measure { curves = try snapshot.curves(query, pixels: 1_000) }
            let floor = try Stopwatch.measure {
                let reader = try snapshot.series(query)
                while let chunk = try reader.next() { keep(UInt64(chunk.count)) }
            }
            if round > 0 {
                times.append(elapsed.cpu / 1e6)
                floors.append(floor.cpu / 1e6)
            }
        }
        if let values, let curve = curves.first { try check(curve, steps, values) }
        // Edges lie where blocks begin, and those where the writer's frames ended: only the sum of all pixels is the same
        // each time.
        var hash: UInt64 = 0
        for curve in curves {
            let (low, high) = (curve.pixels.compactMap(\.min?.value).min(), curve.pixels.compactMap(\.max?.value).max())
            hash &+= withUnsafeBytes(of: (curve.count, (low ?? 0).bitPattern, (high ?? 0).bitPattern)) {
                XXHash64.hash($0)
            }
        }
        return Measurement(
            "curve", what, times.median, "ms of CPU", runs: times.count, floor: floors.median, hash: hash)
    }

    /// Compares with the columns: on every pixel are just the points that belong there.
    private static func check(_ curve: Curve, _ steps: [Int], _ values: [Double]) throws {
        var i = 0
        for pixel in curve.pixels {
            let first = i
            while i < steps.count, pixel.range.contains(Int64(steps[i])) { i += 1 }
            let part = values[first..<i]
            guard pixel.count == part.count, pixel.first.value == part.first, pixel.last.value == part.last,
                pixel.min?.value == part.min(), pixel.max?.value == part.max(), pixel.first.step == steps[first],
                pixel.last.step == steps[i - 1]
            else { throw WrongResult(description: "curve: \(pixel) of the points \(first) to \(i)") }
        }
        guard i == steps.count else { throw WrongResult(description: "curve: \(steps.count - i) points aren't drawn") }
    }
}
