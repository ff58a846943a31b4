import Testing
import Varve
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import VarveBenchmarks

/// Runs every benchmark with as little as exercises it, so that none of them rots, and compares the hashes that they print with
/// ones computed here from plain arrays. No figure is judged: a test has no business with time.
struct TinyBenchmarkTests {
    private func withContext(_ body: (BenchContext) throws -> Void) throws {
        try withTemporaryDirectory { directory in
            let context = try BenchContext(size: .tiny, repeats: 2, parent: directory)
            defer { context.clean() }
            try body(context)
        }
    }

    @Test(arguments: Benchmark.all.map(\.name))
    func everyBenchmarkRuns(_ name: String) throws {
        let benchmark = try #require(Benchmark.all.first { $0.name == name })
        try withContext { context in
            let results = try benchmark.run(context)
            #expect(!results.isEmpty)
            #expect(Set(results.map { [$0.what, $0.unit] }).count == results.count, "two results under one name")
            for result in results {
                #expect(result.name == name)
                #expect(result.value.isFinite && result.value >= 0, "\(result)")
                #expect(result.runs > 0)
                if let floor = result.floor { #expect(floor.isFinite && floor > 0, "\(result)") }
                #expect(result.hash != nil || result.what.contains("alone"), "\(result): what came out?")
            }
        }
    }

    /// The hash that stands beside a workload's results, from the generator's columns and nothing else.
    private func naiveHash(_ workload: Workload) -> UInt64 {
        var sum: UInt64 = 0
        for run in 0..<workload.runs {
            let columns = RunColumns(workload, run: run)
            for (m, shape) in workload.metrics.enumerated() {
                let series = XXHash64.hash(Array("run \(run)\0\(shape.metric)".utf8))
                for i in 0..<workload.pointsPerSeries {
                    var writer = ByteWriter()
                    writer.fixed(series)
                    writer.fixed(columns.steps[shape.spacing.rawValue][i])
                    writer.fixed(columns.times[shape.spacing.rawValue][i])
                    writer.double(columns.values[m][i])
                    sum &+= XXHash64.hash(writer.bytes)
                }
            }
        }
        return sum
    }

    @Test func hashesAreThoseOfThePoints() throws {
        try withContext { context in
            var seen: Set<String> = []
            for result in try Benchmark.all.filter({ $0.name == "read-all" }).flatMap({ try $0.run(context) }) {
                guard let hash = result.hash, let name = result.what.first.map({ String($0) }) else { continue }
                #expect(hash == naiveHash(Workload.named(name, .tiny)), "\(result)")
                seen.insert(name)
            }
            #expect(seen == ["S", "M", "L", "W"])
        }
    }

    /// The call site's hash leaves the clock's times out; here it is built from the steps and values that were to be logged.
    @Test func hashOfTheCallSite() throws {
        try withContext { context in
            let benchmark = try #require(Benchmark.all.first { $0.name == "log-call" })
            let result = try #require(try benchmark.run(context).first)
            var sum: UInt64 = 0
            let series = XXHash64.hash(Array("run\0loss_0".utf8))
            for step in 0..<2 * 2 * 16_384 {
                var writer = ByteWriter()
                writer.fixed(series)
                writer.fixed(Int64(step))
                writer.fixed(Int64(0))
                writer.double(Burst.values[step % 16_384])
                sum &+= XXHash64.hash(writer.bytes)
            }
            #expect(result.hash == sum)
        }
    }

    /// A wrong result must not pass for a fast one.
    @Test func wrongResultsAreRefused() throws {
        try withContext { context in
            let repository = try context.newRepository("short")
            let run = try Burst.startRun(in: repository, "run")
            try run.series("loss_0").log(1.0, step: 0)
            try run.finish()
            func hash(_ value: Double) -> PointHash {
                var hash = PointHash()
                hash.add(series: PointHash.series(run: "run", Burst.key(0)), step: 0, time: 0, value: value.bitPattern)
                return hash
            }
            #expect(try Burst.check(repository, hash(1), "right") == hash(1).sum)
            #expect(throws: WrongResult.self) { try Burst.check(repository, hash(1.0.nextUp), "wrong") }
        }
    }

    /// Nothing stays behind.
    @Test func filesAreRemoved() throws {
        try withTemporaryDirectory { directory in
            let context = try BenchContext(size: .tiny, repeats: 1, parent: directory)
            _ = try context.corpus("S")
            #expect(try RealFileSystem().list(directory).count == 1)
            context.clean()
            #expect(try RealFileSystem().list(directory).isEmpty)
        }
    }
}
