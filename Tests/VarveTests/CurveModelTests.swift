import Testing
import VarveFiles
import VarveTestSupport

@testable import Varve

/// Shows that what is said of series without looking at their points, statistics and curves, is what a look at every point
/// says: random histories of long and short batches with every kind of steps and values, of several attempts with rewinds, some
/// of it in the index, some in the logs; every view, narrowed by steps and by times.
struct CurveModelTests {
    @Test func statisticsAndCurvesAreThoseOfThePoints() {
        withSeeds(0..<16) { seed, random in
            let history = try CurveHistory(seed: seed, &random)
            let snapshot = try history.repository.snapshot()
            for round in 0..<8 {
                let query = Self.query(round, &random)
                let points = try NaiveSeries.all(snapshot, query)
                let found = try snapshot.statistics(query)
                let expected = points.map(\.statistics)
                try require(found == expected, "\(query): \(found), not \(expected); \(history.story)")
                let axis: Curve.Axis = round % 4 == 3 ? .times : .steps
                let width = [1, 2, 7, 40, 3000][Int.random(in: 0..<5, using: &random)]
                let curves = try snapshot.curves(query, pixels: width, over: axis, includingTimes: true)
                try Self.check(curves, points, axis, query, width, history.story)
            }
        }
    }

    private static func query(_ round: Int, _ random: inout SplitMix64) -> Query {
        var query = Query(view: [.standard, .standard, .all, .lastPerStep][round % 4])
        if Int.random(in: 0..<3, using: &random) == 0 {
            let low = Int.random(in: -100...30_000, using: &random)
            let high = low + Int.random(in: 0...20_000, using: &random)
            query.steps = [low...high, .min...high, low ... .max][Int.random(in: 0..<3, using: &random)]
        }
        if Int.random(in: 0..<6, using: &random) == 0 {
            query.times = 500...Int64.random(in: 500...20_000, using: &random)
        }
        return query
    }

    private static func check(
        _ curves: [Curve], _ series: [NaiveSeries], _ axis: Curve.Axis, _ query: Query, _ width: Int, _ story: [String]
    ) throws {
        let wanted = series.filter { series in axis == .steps || series.points.contains { $0.time != .min } }
        try require(curves.map(\.metric) == wanted.map(\.metric), "\(query) \(axis): \(curves.map(\.metric)); \(story)")
        var ranges: [ClosedRange<Int64>] = []
        for (curve, series) in zip(curves, wanted) {
            let points = series.points.filter { axis == .steps || $0.time != .min }
            func x(_ point: Curve.Point) -> Int64 { axis == .steps ? Int64(point.step) : point.time }
            var inside = curve.pixels.map { _ in [Curve.Point]() }
            for point in points {
                let at = curve.pixels.partition { $0.range.upperBound >= x(point) }
                try require(
                    at < curve.pixels.count && curve.pixels[at].range.contains(x(point)),
                    "\(point) isn't drawn; \(story)")
                inside[at].append(point)
            }
            for (pixel, points) in zip(curve.pixels, inside) {
                let naive = NaiveSeries(run: series.run, metric: series.metric, points: points).pixel(pixel)
                try require(naive == pixel, "\(query) \(axis) \(pixel), not \(naive); \(story)")
                try require(0..<width ~= pixel.index, "\(pixel)")
            }
            ranges += points.map { x($0)...x($0) }
            try require(
                zip(curve.pixels, curve.pixels.dropFirst()).allSatisfy { $0.range.upperBound < $1.range.lowerBound },
                "order of pixels")
        }
        // An edge lies at most an eighth of a pixel beside where it lies on an even line.
        let asked = axis == .steps ? query.steps.map { Int64($0.lowerBound)...Int64($0.upperBound) } : query.times
        guard let first = ranges.map(\.lowerBound).min(), let last = ranges.map(\.upperBound).max() else { return }
        let low = asked.flatMap { $0.lowerBound > .min ? $0.lowerBound : nil } ?? first
        let high = asked.flatMap { $0.upperBound < .max ? $0.upperBound : nil } ?? last
        let even = PixelGrid(low...high, pixels: width)
        for pixel in curves.flatMap(\.pixels) {
            let distance = pixel.range.lowerBound - even[pixel.index].lowerBound
            try require(
                distance.magnitude <= (high - low).magnitude / UInt64(even.count) / 8,
                "\(pixel) begins \(distance) away")
        }
    }
}

/// A series as a list of points.
private struct NaiveSeries {
    var run: RunID
    var metric: MetricKey
    var points: [Curve.Point]

    static func all(_ snapshot: Snapshot, _ query: Query) throws -> [NaiveSeries] {
        var all: [NaiveSeries] = []
        let reader = try snapshot.series(query)
        while let chunk = try reader.next() {
            if all.last?.metric != chunk.metric || all.last?.run != chunk.run {
                all.append(NaiveSeries(run: chunk.run, metric: chunk.metric, points: []))
            }
            for i in 0..<chunk.count {
                all[all.count - 1].points.append(
                    Curve.Point(step: chunk.steps[i], time: chunk.times[i], value: chunk.values[i]))
            }
        }
        return all
    }

    private var finite: [Curve.Point] { points.filter(\.value.isFinite) }
    private var low: Curve.Point? {
        finite.reduce(nil) { best, point in best.map { $0.value <= point.value } ?? false ? best : point }
    }
    private var high: Curve.Point? {
        finite.reduce(nil) { best, point in best.map { $0.value >= point.value } ?? false ? best : point }
    }

    var statistics: SeriesStatistics {
        SeriesStatistics(
            run: run, metric: metric, count: points.count, min: low.map { ($0.value, $0.step) },
            max: high.map { ($0.value, $0.step) }, last: points.last.map { ($0.value, $0.step) },
            steps: points.map(\.step).min().flatMap { low in points.map(\.step).max().map { low...$0 } },
            nan: points.count { $0.value.isNaN }, positiveInfinite: points.count { $0.value == .infinity },
            negativeInfinite: points.count { $0.value == -.infinity })
    }

    /// What `pixel` should be, if these are its points.
    func pixel(_ pixel: Curve.Pixel) -> Curve.Pixel {
        var naive = pixel
        let statistics = statistics
        naive.count = points.count
        (naive.min, naive.max) = (low, high)
        if let first = points.first, let last = points.last { (naive.first, naive.last) = (first, last) }
        func place(_ point: Curve.Point?) -> Int { point.flatMap { points.firstIndex(of: $0) } ?? 0 }
        naive.isMinFirst = place(low) <= place(high)
        (naive.nan, naive.positiveInfinite) = (statistics.nan, statistics.positiveInfinite)
        naive.negativeInfinite = statistics.negativeInfinite
        return naive
    }
}

/// A repository with a random history in it.
private struct CurveHistory {
    let repository: Repository
    private(set) var story: [String] = []

    init(seed: UInt64, _ random: inout SplitMix64) throws {
        let machine = SimulatedMachine(seed: seed)
        let files = SimulatedFileSystem(seed: seed)
        let environment = Environment(fileSystem: files, host: SimulatedHost(machine), hasThreads: false)
        repository = try Repository.create(at: "/repo", name: "curves", environment)
        var options = RunOptions()
        options.compaction = .never
        options.journalBytes = 64 << 10
        var id: RunID?
        for attempt in 0..<Int.random(in: 1...4, using: &random) {
            machine.advance(1_000_000_000)
            let run: Run
            if let id {
                let rewind = Bool.random(using: &random) ? Int.random(in: 0...20_000, using: &random) : nil
                story.append("resume from \(String(describing: rewind))")
                run = try repository.resumeRun(id, from: rewind, options: options)
            } else {
                run = try repository.startRun(options: options)
            }
            id = run.id
            let series = try run.series("given")
            let automatic = try run.series("counted")
            let other = try run.series("other")
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let count = [3, 200, 300, 1_024, 2_047, 2_500, 4_500][Int.random(in: 0..<7, using: &random)]
                let values = Self.values(count, &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0:
                    story.append("\(attempt): \(count) counted")
                    for value in values { automatic.log(value) }
                case 1:
                    // Two that share an axis.
                    let first = Int.random(in: -50...20_000, using: &random)
                    story.append("\(attempt): \(count) rows from \(first)")
                    for (i, value) in values.prefix(3_000).enumerated() {
                        run.log(step: first + i, time: Int64(i), [(series, value), (other, -value)])
                    }
                default:
                    let steps = Self.steps(count, &random)
                    story.append("\(attempt): \(count) given \(steps[0])...\(steps[count - 1])")
                    let times = steps.map { $0 % 11 == 0 ? Int64.min : Int64($0) + 300 }
                    series.log(contentsOf: values.span, steps: steps.span, times: times.span)
                }
                if Int.random(in: 0..<4, using: &random) == 0 { try run.flush() }
            }
            try run.finish()
            if Int.random(in: 0..<3, using: &random) > 0 {
                var compaction = CompactionOptions()
                compaction.mergeWidth = 2
                story.append("compact")
                _ = try repository.compact(compaction)
            }
        }
    }

    private static func values(_ count: Int, _ random: inout SplitMix64) -> [Double] {
        let odd: [Double] = [
            .nan, -.nan, Double(nan: 0x77, signaling: false), .infinity, -.infinity, 0, -0.0, 1e300, -1e300,
            .leastNonzeroMagnitude,
        ]
        let share = [0, 1, 50, 1_000][Int.random(in: 0..<4, using: &random)]
        return (0..<count).map { i in
            if Int.random(in: 0..<1_000, using: &random) < share {
                return odd[Int.random(in: 0..<odd.count, using: &random)]
            }
            return Double(Float.random(in: -1...1, using: &random))
        }
    }

    private static func steps(_ count: Int, _ random: inout SplitMix64) -> [Int] {
        let first = Int.random(in: -50...20_000, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return (0..<count).map { first + $0 }
        case 1: return (0..<count).map { first + 10 * $0 }
        case 2: return (0..<count).map { first - $0 }
        case 3: return (0..<count).map { _ in first + Int.random(in: 0...count, using: &random) }
        case 4: return [Int](repeating: first, count: count)
        default:
            var step = first
            return (0..<count).map { _ in
                step += Int.random(in: 1...9, using: &random)
                return step
            }
        }
    }
}

extension Array {
    /// The first index of which `holds` is true; it is for all behind it, too.
    fileprivate func partition(where holds: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if holds(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
