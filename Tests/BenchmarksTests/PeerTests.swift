import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarveBenchmarks

/// Shows that Varve as a peer logs and gives back what a workload file holds: a small file is written here byte by byte, loaded, and every
/// question's hash compared with that of the file's own points.
struct PeerTests {
    private static let runs = 3
    private static let perSeries = 7

    private struct Point {
        var run: Int
        var metric: Int
        var step: Int
        var time: Int64
        var value: Double
    }

    private static let points: [Point] = {
        var points: [Point] = []
        for run in 0..<runs {
            for metric in 0..<2 {
                for i in 0..<perSeries {
                    let time = Int64(i) * 1_000_000_007 + Int64(run)
                    let value = Double(i) / 3 - Double(run)
                    points.append(Point(run: run, metric: metric, step: i * (metric * 9 + 1), time: time, value: value))
                }
            }
        }
        return points
    }()

    /// Writes the file as `gen.py` does, and its description.
    private static func write(_ path: String) throws {
        var bytes: [UInt8] = Array("MLPOINTS".utf8)
        func append(_ number: some FixedWidthInteger) { withUnsafeBytes(of: number.littleEndian) { bytes += $0 } }
        append(UInt32(1))
        append(UInt32(runs))
        append(UInt32(2))
        append(UInt32(0))
        append(UInt64(runs * 2))
        append(UInt64(points.count))
        append(UInt64(perSeries))
        bytes += [UInt8](repeating: 0, count: 16)
        for start in stride(from: 0, to: points.count, by: perSeries) {
            let series = points[start..<start + perSeries]
            append(UInt32(points[start].run))
            append(UInt32(points[start].metric))
            append(UInt64(0))
            append(UInt64(perSeries))
            for point in series { append(point.step) }
            for point in series { append(point.time) }
            for point in series { append(point.value.bitPattern) }
        }
        let description =
            #"{"metrics": [{"name": "loss", "context": 1, "steps": "1"}, {"name": "lr", "context": 0, "steps": "10"}]}"#
        for (path, bytes) in [(path + ".bin", bytes), (path + ".json", Array(description.utf8))] {
            let file = try RealFileSystem().open(path, .createNew)
            try file.write(bytes, at: 0)
            file.close()
        }
    }

    @Test func answersAreTheWorkload() throws {
        try withTemporaryDirectory { directory in
            let path = Paths.join(directory, "tiny")
            try Self.write(path)
            let workload = try PeerWorkload(path + ".bin")
            #expect(workload.points == Self.points.count)
            #expect(workload.metrics == [MetricKey("loss", context: ["subset": "train"]), MetricKey("lr")])
            let store = Paths.join(directory, "store")
            _ = try PeerLoading.load(workload, into: store)
            #expect(try PeerReading.count(store)["read"] == .int(Int64(Self.points.count)))
            let questions: [(PeerQuestion, (Int, Int) -> Bool)] = [
                (.one, { $0 == 1 && $1 == 0 }), (.metric, { $1 == 0 }), (.all, { _, _ in true }),
            ]
            for (question, holds) in questions {
                var expected = PeerHash()
                for point in Self.points where holds(point.run, point.metric) {
                    expected.add(
                        run: point.run, metric: point.metric, step: point.step, time: point.time, value: point.value)
                }
                let report = try PeerReading.extract(workload, from: store, question, budget: 0)
                #expect(report["points"] == .int(Int64(expected.points)))
                #expect(report["hash"] == .string(PeerHash.text(expected.values)))
                #expect(report["hash_f32"] == .string(PeerHash.text(expected.roundedValues)))
                #expect(report["hash_times_ns"] == .string(PeerHash.text(expected.times)))
            }
        }
    }

    @Test func loggingIsReadBack() throws {
        try withTemporaryDirectory { directory in
            let path = Paths.join(directory, "tiny")
            try Self.write(path)
            let workload = try PeerWorkload(path + ".bin")
            for style in [PeerStyle.point, .step] {
                let store = Paths.join(directory, "store-\(style)")
                #expect(try PeerLogging(workload, style).log(store, steps: 30)["points"] == .int(60))
                #expect(try PeerReading.count(store)["read"] == .int(60))
            }
        }
    }

    /// The words of `answer.py`, which has the same arithmetic: one point, computed there.
    @Test func hashIsThatOfTheScripts() {
        var hash = PeerHash()
        hash.add(run: 5, metric: 3, step: 70, time: 1_760_000_000_123_456_789, value: -0.1)
        #expect(PeerHash.text(hash.values) == "2fe2d0fd6a526f28")
        #expect(PeerHash.text(hash.roundedValues) == "bf056454bb4c440f")
        #expect(PeerHash.text(hash.times) == "20a8d7cececef833")
    }
}
