import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarvePlot

/// Shows that what is drawn of a repository is what stands in it: single curves, axes, smoothing, and averages over seeds against
/// a naive computation from the same points.
struct CurvePlotTests {
    /// A series as it was logged.
    struct Logged {
        var params: [String: PropertyValue]
        var points: [(step: Int, value: Double)]
    }

    static func log(_ series: [Logged], to repository: Repository, metric: String = "loss") throws {
        for (number, one) in series.enumerated() {
            let run = try repository.startRun(
                name: "run \(number)", params: one.params, options: try nextInOrder(repository))
            let handle = try run.series(metric, context: ["subset": "val"])
            for (step, value) in one.points {
                handle.log(value, step: step, time: Int64(1000 + number) * 1_000_000_000 + Int64(step) * 500_000_000)
            }
            try run.finish()
        }
    }

    /// Runs that begin within one millisecond have IDs in any order; these come one after the other.
    static func nextInOrder(_ repository: Repository) throws -> RunOptions {
        let runs = try repository.snapshot().runIDs.count
        var options = RunOptions()
        options.id = RunID(UniqueID(milliseconds: UInt64(1_000 + runs), random: (1, 2)))
        return options
    }

    static func lines(_ plot: Plot) throws -> LinePlot {
        guard case .lines(let content) = plot.content else { throw Unmet(description: "not lines") }
        return content
    }

    /// At each step that any series of a group has: the values of those that reach over it, between two of their own points by
    /// a straight line, unless something that isn't finite lies between.
    private static func naiveValues(_ series: Logged, at step: Int) -> Double? {
        if let point = series.points.first(where: { $0.step == step }) {
            return point.value.isFinite ? point.value : nil
        }
        guard let before = series.points.last(where: { $0.step < step }),
            let after = series.points.first(where: { $0.step > step }), before.value.isFinite, after.value.isFinite
        else { return nil }
        let share = Double(step - before.step) / Double(after.step - before.step)
        return before.value + (after.value - before.value) * share
    }

    @Test func averagesAreThoseOfANaiveModel() throws {
        try withTemporaryDirectory { directory in
            withSeeds(0..<25) { seed, random in
                let repository = try Repository.create(at: "\(directory)/\(seed)")
                var all: [Logged] = []
                for lr in [0.01, 0.1] {
                    for number in 0..<Int.random(in: 1...4, using: &random) {
                        let spacing = Int.random(in: 1...3, using: &random)
                        let first = Int.random(in: 0...4, using: &random)
                        let points = (0..<Int.random(in: 1...20, using: &random)).map { index -> (Int, Double) in
                            let isOdd = Int.random(in: 0..<8, using: &random) == 0
                            return (first + index * spacing, isOdd ? .nan : Double.random(in: 0...1, using: &random))
                        }
                        all.append(Logged(params: ["lr": .double(lr), "seed": .int(Int64(number))], points: points))
                    }
                }
                try Self.log(all, to: repository)
                if seed % 2 == 0 { _ = try repository.compact() }
                var request = PlotRequest(Query(metric: "loss"))
                (request.groupBy, request.band) = (["lr"], .minMax)
                let content = try Self.lines(Plot(request, in: try repository.snapshot()))
                try require(content.lines.map(\.name) == ["0.01", "0.1"], "\(content.lines.map(\.name))")
                for (line, lr) in zip(content.lines, [0.01, 0.1]) {
                    try Self.compare(line, all.filter { $0.params["lr"] == .double(lr) }, steps: all)
                }
            }
        }
    }

    private static func compare(_ line: LinePlot.Line, _ members: [Logged], steps all: [Logged]) throws {
        var expected: [Int: [Double]] = [:]
        for step in Set(all.flatMap(\.points).map(\.step)) {
            let values = members.compactMap { naiveValues($0, at: step) }
            if !values.isEmpty { expected[step] = values }
        }
        var drawn: Set<Int> = []
        for stroke in line.strokes {
            // Where dashes begin, the point before them is drawn twice.
            for (index, point) in stroke.points.enumerated() {
                let step = Int(point.x)
                drawn.insert(step)
                let values = try #require(expected[step], "step \(step) isn't there")
                let mean = values.reduce(0, +) / Double(values.count)
                try require((point.y - mean).magnitude < 1e-9, "step \(step): \(point.y), not \(mean)")
                if index > 0 {
                    try require(stroke.isPartial == (values.count < members.count), "dashes at step \(step)")
                }
            }
        }
        try require(drawn == Set(expected.keys), "steps \(drawn.sorted()), not \(expected.keys.sorted())")
        for point in line.band.flatMap({ $0 }) {
            let values = try #require(expected[Int(point.x)])
            let (low, high) = (values.min() ?? 0, values.max() ?? 0)
            try require(
                (point.low - low).magnitude < 1e-9 && (point.high - high).magnitude < 1e-9, "the band at \(point.x)")
        }
    }

    @Test func overSeedGroupsByWhatElseDiffers() throws {
        try withTemporaryDirectory { directory in
            let repository = try Repository.create(at: "\(directory)/r")
            let runs = [("adam", 1), ("adam", 2), ("sgd", 1), ("sgd", 2)].map { optimizer, seed in
                Logged(
                    params: ["opt": .string(optimizer), "seed": .int(Int64(seed)), "same": 1],
                    points: (0..<5).map { ($0, Double($0 * seed)) })
            }
            try Self.log(runs, to: repository)
            var request = PlotRequest(Query(metric: "loss"))
            request.over = ["seed"]
            let plot = try Plot(request, in: try repository.snapshot())
            let content = try Self.lines(plot)
            #expect(content.legendTitle == "opt" && content.lines.map(\.name) == ["adam", "sgd"])
            #expect(content.lines[0].strokes.flatMap(\.points).map(\.y) == [0, 1.5, 3, 4.5, 6])
            #expect(plot.title == "loss {subset=val}")
            #expect(plot.notes == ["mean of 2 series over seed, band: min to max"])
            request.x = "wall"
            #expect(throws: VarveError.self) { try Plot(request, in: try repository.snapshot()) }
            request.x = "relative"
            #expect(
                try Self.lines(Plot(request, in: repository.snapshot())).lines[1].strokes[0].points.map(\.x) == [
                    0, 0.5, 1, 1.5, 2,
                ])
            request.x = "step"
            request.over = ["sead"]
            #expect(throws: VarveError.self) { try Plot(request, in: try repository.snapshot()) }
        }
    }

    /// However many points fall onto a pixel: in the lines, in the terminal's topmost row, and in the SVG.
    @Test func noSpikeIsHidden() throws {
        try withTemporaryDirectory { directory in
            withSeeds(0..<6) { seed, random in
                let repository = try Repository.create(at: "\(directory)/\(seed)")
                let count = 40_000
                let spike = Int.random(in: 0..<count, using: &random)
                let points = (0..<count).map { ($0, $0 == spike ? 50.0 : Double.random(in: 0...1, using: &random)) }
                try Self.log([Logged(params: [:], points: points)], to: repository)
                if seed % 2 == 0 { _ = try repository.compact() }
                for (isLogX, x) in [(false, "step"), (true, "step"), (false, "relative"), (false, "wall")] {
                    var request = PlotRequest(Query(metric: "loss"))
                    (request.pixels, request.isLogX, request.x) = (160, isLogX, x)
                    let plot = try Plot(request, in: try repository.snapshot())
                    let drawn = try Self.lines(plot).lines[0].strokes.flatMap(\.points)
                    try require(
                        drawn.contains { $0.y == 50 } || isLogX && spike == 0,
                        "\(x), log \(isLogX): the spike at \(spike)")
                    let rows = TerminalPlot(plot, width: 80, height: 24, style: TerminalStyle()).lines
                    let top = rows[1...3].joined().unicodeScalars.contains { (0x2801...0x28FF).contains($0.value) }
                    try require(top || isLogX && spike == 0, "no dot at the top: \(rows)")
                }
            }
        }
    }

    @Test func smoothingLeavesTheRawCurveBehindIt() throws {
        try withTemporaryDirectory { directory in
            let repository = try Repository.create(at: "\(directory)/r")
            let values = [1.0, 3, 2, .nan, 5, 4]
            try Self.log([Logged(params: [:], points: values.enumerated().map { ($0, $1) })], to: repository)
            var request = PlotRequest(Query(metric: "loss"))
            request.smoothing = 0.5
            let line = try Self.lines(Plot(request, in: repository.snapshot())).lines[0]
            #expect(line.faint.flatMap(\.points).map(\.y) == [1, 3, 2, 5, 4])
            var (last, power) = (0.0, 1.0)
            let expected = values.filter(\.isFinite).map { value -> Double in
                (last, power) = (last * 0.5 + value * 0.5, power * 0.5)
                return last / (1 - power)
            }
            let found = line.strokes.flatMap(\.points).map(\.y)
            #expect(found.count == 5 && zip(found, expected).allSatisfy { ($0 - $1).magnitude < 1e-12 })
            #expect(line.strokes.count == 2 && line.marks == [LinePlot.Mark(x: 3, .nan)])
        }
    }

    @Test func anotherMetricLiesAcross() throws {
        try withTemporaryDirectory { directory in
            let repository = try Repository.create(at: "\(directory)/r")
            let run = try repository.startRun(name: "r")
            let (loss, epoch) = (try run.series("loss"), try run.series("epoch"))
            for step in 0..<10 {
                loss.log(Double(10 - step), step: step)
                epoch.log(Double(step) / 2, step: step)
            }
            try run.finish()
            var request = PlotRequest(Query(metric: "loss"))
            request.x = "epoch"
            let content = try Self.lines(Plot(request, in: repository.snapshot()))
            let expected = (0..<10).map { PlotPoint(Double($0) / 2, Double(10 - $0)) }
            #expect(content.lines[0].strokes.flatMap(\.points) == expected)
            #expect(content.x.title == "epoch")
            request.x = "epohc"
            #expect(throws: VarveError.self) { try Plot(request, in: try repository.snapshot()) }
        }
    }

    /// Of a few hundred lines the ends are named; all are drawn.
    @Test func manyLinesStayReadable() throws {
        try withTemporaryDirectory { directory in
            let repository = try Repository.create(at: "\(directory)/r")
            try Self.log(
                (0..<40).map { n in Logged(params: [:], points: (0..<3).map { ($0, Double(n)) }) }, to: repository)
            let content = try Self.lines(Plot(PlotRequest(Query(metric: "loss")), in: repository.snapshot()))
            #expect(content.lines.count == 40 && content.lines.count { $0.colour != nil } == 6)
            #expect(content.lines.suffix(6).map(\.name) == [39, 38, 37, 2, 1, 0].map { "run \($0) → \($0)" })
        }
    }
}
