import Testing
import VarveFiles
import VarveTestSupport

@testable import Varve

/// Shows what a curve draws: spikes, marks and the order of points, by known examples; and what is kept of it for small pictures.
struct CurveTests {
    private func curve(_ values: [Double], pixels: Int) throws -> Curve {
        let environment = Environment(
            fileSystem: SimulatedFileSystem(seed: 1), host: SimulatedHost(SimulatedMachine(seed: 1)), hasThreads: false)
        let repository = try Repository.create(at: "/repo", name: "curve", environment)
        var options = RunOptions()
        options.compaction = .never
        let run = try repository.startRun(options: options)
        try run.series("loss").log(contentsOf: values.span, firstStep: 0)
        try run.finish()
        _ = try repository.compact()
        return try #require(try repository.snapshot().curves(Query(), pixels: pixels).first)
    }

    @Test func aSpikeIsNeverLost() throws {
        for place in [0, 1, 1_023, 1_024, 5_000, 9_999] {
            for spike in [1e6, -1e6] {
                var values = (0..<10_000).map { Double($0 % 7) }
                values[place] = spike
                for pixels in [1, 2, 10, 1_000, 20_000] {
                    let points = try curve(values, pixels: pixels).points
                    #expect(
                        points.contains { $0.step == place && $0.value == spike }, "\(spike) at \(place) of \(pixels)")
                }
            }
        }
    }

    @Test func pointsComeInOrderAndOnce() throws {
        let one = try curve([3, 1, 4, 1, 5, 9, 2, 6], pixels: 2)
        #expect(one.pixels.map(\.range) == [0...3, 4...7])
        // 3 1 4 1: first, smallest, largest, last. 5 9 2 6 likewise.
        #expect(one.points.map(\.step) == Array(0...7))
        #expect(try curve([3, 9, 1, 2], pixels: 1).points.map(\.value) == [3, 9, 1, 2])
        #expect(try curve([1, 2, 2, 9], pixels: 1).points.map(\.step) == [0, 3])
        #expect(try curve([5], pixels: 100).points.map(\.step) == [0])
    }

    @Test func whatIsNotFiniteIsCounted() throws {
        let one = try curve([.nan, 2, .infinity, 1, -.infinity, .nan], pixels: 1)
        let pixel = try #require(one.pixels.first)
        #expect([pixel.nan, pixel.positiveInfinite, pixel.negativeInfinite, pixel.count] == [2, 1, 1, 6])
        #expect(pixel.min?.step == 3 && pixel.max?.step == 1 && !pixel.isMinFirst)
        #expect(pixel.first.value.isNaN && pixel.last.value.isNaN)
        let none = try #require(try curve([.nan, .nan], pixels: 1).pixels.first)
        #expect(none.min == nil && none.max == nil && none.nan == 2)
    }

    @Test func thinningKeepsEndsAndShape() throws {
        withSeeds(0..<20) { _, random in
            let values = (0..<Int.random(in: 1...400, using: &random)).map { _ in
                Double.random(in: -1...1, using: &random)
            }
            let whole = try curve(values, pixels: 1_000)
            try require(whole.points.map(\.value) == values, "all points are drawn where there is room")
            let count = Int.random(in: 3...50, using: &random)
            let thin = whole.thinned(to: count)
            try require(thin == naive(whole.points, count), "\(values) to \(count): \(thin)")
        }
        #expect(try curve([1, 2, 3], pixels: 9).thinned(to: 2).map(\.value) == [1, 3])
    }

    /// Steinarsson's algorithm as it is told: buckets as arrays, means and areas by their definitions.
    private func naive(_ points: [Curve.Point], _ count: Int) -> [Curve.Point] {
        guard points.count > count else { return points }
        let inner = Array(points[1..<(points.count - 1)])
        let buckets = (0..<(count - 2)).map { b in
            Array(inner[(b * inner.count / (count - 2))..<((b + 1) * inner.count / (count - 2))])
        }
        var kept = [points[0]]
        for (b, bucket) in buckets.enumerated() {
            let next = b + 1 < buckets.count ? buckets[b + 1] : [points[points.count - 1]]
            let x = next.map { Double($0.step) }.reduce(0, +) / Double(next.count)
            let y = next.map(\.value).reduce(0, +) / Double(next.count)
            let a = kept[kept.count - 1]
            func area(_ p: Curve.Point) -> Double {
                abs((Double(a.step) - x) * (p.value - a.value) - (Double(a.step) - Double(p.step)) * (y - a.value)) / 2
            }
            if let best = bucket.max(by: { area($0) < area($1) }) { kept.append(best) }
        }
        return kept + [points[points.count - 1]]
    }
}
