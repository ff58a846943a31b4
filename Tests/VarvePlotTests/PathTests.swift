import Testing
import VarveFiles
import VarveTestSupport

@testable import VarvePlot

/// Shows that what is drawn of many points covers all of them: no spike is lost, no gap is closed, and memory stays bounded.
struct PathTests {
    private struct Story {
        var points: [(step: Int, x: Double, value: Double)] = []
        var builder: PathBuilder

        init(_ count: Int, pixels: Int, _ random: inout SplitMix64, oneIn odd: Int) {
            builder = PathBuilder(
                steps: 0...count, pixels: pixels, isLogX: false, isLogY: false, breaksBackwards: false)
            for step in 0..<count {
                var value = Double.random(in: -1...1, using: &random)
                if odd > 0, Int.random(in: 0..<odd, using: &random) == 0 {
                    value = [Double.nan, .infinity, -.infinity][Int.random(in: 0..<3, using: &random)]
                }
                points.append((step, Double(step), value))
            }
        }
    }

    @Test func extremesOfEveryPixelAreDrawn() {
        withSeeds(0..<60) { _, random in
            let pixels = Int.random(in: 2...300, using: &random)
            var story = Story(Int.random(in: 1...6000, using: &random), pixels: pixels, &random, oneIn: 50)
            let spike = Int.random(in: 0..<story.points.count, using: &random)
            story.points[spike].value = 1e6
            for point in story.points { story.builder.add(step: point.step, x: point.x, value: point.value) }
            let drawn = story.builder.strokes.flatMap(\.points)
            try require(drawn.contains(PlotPoint(Double(spike), 1e6)), "the spike at \(spike) of \(story.points.count)")
            // Every stretch between two values that aren't finite has its own extremes.
            let finite = story.points.filter { $0.value.isFinite }
            try require(drawn.map(\.y).min() == finite.map(\.value).min(), "the minimum")
            // Nothing is drawn that isn't there, and in order.
            let all = Set(finite.map { PlotPoint($0.x, $0.value) })
            try require(drawn.allSatisfy(all.contains), "a point that isn't there")
            try require(zip(drawn, drawn.dropFirst()).allSatisfy { $0.x < $1.x }, "the order")
            try require(
                drawn.count <= 6 * (pixels + 2 + story.points.count { !$0.value.isFinite }), "\(drawn.count) points")
        }
    }

    @Test func gapsStayOpen() {
        withSeeds(0..<60) { _, random in
            var story = Story(Int.random(in: 1...200, using: &random), pixels: 500, &random, oneIn: 6)
            for point in story.points { story.builder.add(step: point.step, x: point.x, value: point.value) }
            let pieces = story.points.split { !$0.value.isFinite }
            let strokes = story.builder.strokes
            try require(strokes.count == pieces.count, "\(strokes.count) strokes of \(pieces.count)")
            for (stroke, piece) in zip(strokes, pieces) {
                try require(stroke.points == piece.map { PlotPoint($0.x, $0.value) }, "\(stroke)")
            }
            let marks = story.builder.allMarks
            try require(marks.count { $0.kind == .nan } == story.points.count { $0.value.isNaN }, "NaN")
            try require(
                marks.count { $0.kind == .positiveInfinite } == story.points.count { $0.value == .infinity }, "Inf")
        }
    }

    /// An axis that jumps to and fro can't be cut into pixels; a spike on it, in either direction, is drawn all the same.
    @Test func memoryIsBounded() {
        withSeeds(0..<3) { _, random in
            var builder = PathBuilder(
                steps: 0...1, pixels: 100_000, isLogX: false, isLogY: false, breaksBackwards: false)
            let count = 300_000
            let spike = Int.random(in: 0..<count, using: &random)
            for i in 0..<count {
                let x = i == spike ? 77 : Double.random(in: 0...1, using: &random)
                builder.add(step: i % 2, x: x, value: i == spike ? -99 : Double.random(in: 0...1, using: &random))
            }
            let drawn = builder.strokes.flatMap(\.points)
            try require(drawn.count <= 6 * ((1 << 14) + 1), "\(drawn.count)")
            try require(drawn.contains(PlotPoint(77, -99)), "the spike")
        }
    }

    @Test func resumedAttemptsBeginAnew() {
        var builder = PathBuilder(steps: 0...10, pixels: 100, isLogX: false, isLogY: true, breaksBackwards: true)
        for step in [0, 1, 2, 3, 2, 3, 4] { builder.add(step: step, x: Double(step), value: 1) }
        builder.add(step: 5, x: 5, value: 0)
        builder.add(step: 6, x: 6, value: 2)
        #expect(builder.strokes.map { $0.points.map(\.x) } == [[0, 1, 2, 3], [2, 3, 4], [6]])
        #expect(builder.allMarks == [LinePlot.Mark(x: 5, .notPositive)])
    }
}
