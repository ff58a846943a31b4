import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// Shows which bytes are read: statistics of long series read no value, and a curve reads those of the few blocks on which an
/// edge of a pixel falls. Bytes are counted at the file system, so nothing here depends on time.
struct SummaryReadsTests {
    private let files = SimulatedFileSystem(seed: 1)
    private let repository: Repository

    init() throws {
        let host = SimulatedHost(SimulatedMachine(seed: 1))
        let environment = Environment(fileSystem: files, host: host, hasThreads: false)
        repository = try Repository.create(at: "/repo", name: "reads", environment)
        for seed in 0..<2 {
            var options = RunOptions()
            options.compaction = .never
            let run = try repository.startRun(options: options)
            var random = SplitMix64(seed: UInt64(seed))
            let values = (0..<50_000).map { _ in Double.random(in: -1...1, using: &random) }
            try run.series("regular").log(contentsOf: values.span, firstStep: 0)
            let steps = (0..<50_000).map { $0 * $0 }
            let times = [Int64](repeating: .min, count: 50_000)
            try run.series("irregular").log(contentsOf: values.span, steps: steps.span, times: times.span)
            let automatic = try run.series("automatic")
            for value in values.prefix(5_000) { automatic.log(value) }
            try run.finish()
        }
        _ = try repository.compact()
    }

    /// Bytes of the chunks of values of metrics that `body` reads, and all that there are.
    private func valueBytes(_ body: (Snapshot) throws -> Void) throws -> (read: Int, all: Int) {
        let snapshot = try repository.snapshot()
        let before = files.callCount
        try body(snapshot)
        var chunks: [(path: String, range: Range<Int>)] = []
        for segment in snapshot.content.segments {
            for page in segment.metrics.metrics.flatMap(\.pageRange).map({ segment.pages[$0] }) {
                chunks.append((segment.path, page.valuesOffset..<(page.valuesOffset + page.valuesBytes)))
            }
        }
        let reads = files.calls.filter { $0.number > before && $0.kind == .read }
        let read = reads.reduce(0) { sum, call in
            let range = call.offset..<(call.offset + call.bytes)
            return sum + chunks.reduce(0) { $0 + ($1.path == call.path ? range.clamped(to: $1.range).count : 0) }
        }
        return (read, chunks.reduce(0) { $0 + $1.range.count })
    }

    @Test func statisticsReadNoValues() throws {
        let bytes = try valueBytes { snapshot in
            let statistics = try snapshot.statistics(Query())
            #expect(statistics.map(\.count) == [5_000, 5_000, 50_000, 50_000, 50_000, 50_000])
        }
        #expect(bytes.read == 0 && bytes.all > 500_000)
    }

    @Test func countsAndNextStepsReadNoValues() throws {
        let bytes = try valueBytes { snapshot in
            #expect(try snapshot.metrics().map(\.points) == [10_000, 100_000, 100_000])
            let run = try #require(snapshot.runs.first)
            #expect(try snapshot.nextAutomaticSteps(of: run.id) == [MetricKey("automatic"): 5_000])
        }
        #expect(bytes.read == 0)
    }

    @Test func narrowedStatisticsReadOnlyWhatIsCut() throws {
        let bytes = try valueBytes { snapshot in
            let statistics = try snapshot.statistics(Query(metric: "regular", steps: 100...45_000))
            #expect(statistics.map(\.count) == [44_901, 44_901])
        }
        // Of each run's four slices the first and the third.
        #expect(bytes.read > 0 && bytes.read < bytes.all / 2)
    }

    @Test func curvesReadWhatLiesOnEdges() throws {
        // Edges move to where blocks begin, of which a pixel has six.
        let bytes = try valueBytes { snapshot in
            let curves = try snapshot.curves(Query(metric: "regular"), pixels: 8)
            #expect(curves.map(\.count) == [50_000, 50_000] && curves.allSatisfy { $0.pixels.count == 8 })
        }
        #expect(bytes.read == 0)
    }
}
