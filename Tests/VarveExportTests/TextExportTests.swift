import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarveExport

/// Shows that exported lines are what their format says, against lines put together from strings: every kind of value, step and
/// time, in pieces of every length; and that a narrow export has what is drawn, and no more.
struct TextExportTests {
    private let repository: Repository
    private let run: RunID

    init() throws {
        let environment = Environment(
            fileSystem: SimulatedFileSystem(seed: 1), host: SimulatedHost(SimulatedMachine(seed: 1)), hasThreads: false)
        repository = try Repository.create(at: "/repo", name: "export", environment)
        var options = RunOptions()
        options.compaction = .never
        let run = try repository.startRun(name: "a, \"b\"", options: options)
        self.run = run.id
        let odd: [Double] = [.nan, .infinity, -.infinity, 0, -0.0, 5, 1e300, 0.1, -1.5, .leastNonzeroMagnitude, 1e-7]
        var random = SplitMix64(seed: 3)
        let series = try run.series("loss", context: ["a;b": "c=d"])
        for i in 0..<3_000 {
            let value = i % 5 == 0 ? odd[i / 5 % odd.count] : Double(Float.random(in: -9...9, using: &random))
            let times: [Int64] = [.min, 0, -1, 1_795_428_000_000_001_000 &+ Int64(i), Int64(bitPattern: random.next())]
            series.log(value, step: i % 7 == 0 ? Int(truncatingIfNeeded: random.next()) : i, time: times[i % 5])
        }
        for step in 0..<50 { try run.series("short").log(Double(step), step: step, time: .min) }
        try run.finish()
        _ = try repository.compact()
    }

    private func export(_ format: ExportFormat, pixels: Int? = nil) throws -> (lines: [String], count: Int) {
        var bytes: [UInt8] = []
        let count = try repository.snapshot().export(Query(), as: format, withRuns: false, pixels: pixels) {
            bytes += $0
        }
        var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { String($0) }
        if format == .csv { #expect(lines.removeFirst() == "run,metric,context,step,time,value") }
        return (lines, count)
    }

    @Test func linesAreThoseOfStrings() throws {
        var csv: [String] = []
        var jsonl: [String] = []
        let reader = try repository.snapshot().series(Query())
        while let chunk = try reader.next() {
            let isLong = chunk.metric.name == "loss"
            for i in 0..<chunk.count {
                let (step, time, value) = (chunk.steps[i], chunk.times[i], chunk.values[i])
                let name = value.isNaN ? "NaN" : value > 0 ? "Infinity" : "-Infinity"
                let date = time == .min ? nil : TimeText.text(time)
                csv.append(
                    "\(run),\(chunk.metric.name),\(isLong ? "a\\;b=c\\=d" : ""),\(step),\(date ?? ""),"
                        + (value.isFinite ? "\(value)" : name))
                jsonl.append(
                    "{\"run\":\"\(run)\",\"metric\":\"\(chunk.metric.name)\",\"context\":"
                        + (isLong ? "{\"a;b\":\"c=d\"}" : "{}") + ",\"step\":\(step),\"time\":"
                        + (date.map { "\"\($0)\"" } ?? "null") + ",\"value\":"
                        + (value.isFinite ? "\(value)" : "\"\(name)\"") + "}")
            }
        }
        #expect(csv.count == 3_050)
        for (format, expected) in [(ExportFormat.csv, csv), (.jsonl, jsonl)] {
            let found = try export(format)
            #expect(found.count == expected.count)
            for (line, wanted) in zip(found.lines, expected) where line != wanted {
                Issue.record("\(line) instead of \(wanted)")
                break
            }
            #expect(found.lines.count == expected.count)
        }
    }

    @Test func aNarrowExportHasWhatIsDrawn() throws {
        let found = try export(.csv, pixels: 1)
        // The short series rises: its first point is the smallest, its last the largest.
        #expect(found.lines.filter { $0.contains("short") } == ["\(run),short,,0,,0.0", "\(run),short,,49,,49.0"])
        #expect(found.lines.count == found.count && (3...4).contains(found.lines.count { $0.contains("loss") }))
        let all = Set(try export(.csv).lines)
        #expect(found.lines.allSatisfy { all.contains($0) })
        #expect(found.lines.contains { $0.hasSuffix(",1e+300") })
    }
}
