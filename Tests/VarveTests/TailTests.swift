import Testing
import VarveFiles
import VarveTestSupport

@testable import Varve

/// A tail sees every point that is logged after it began, once and in order, whether it comes from the journal or was
/// drained meanwhile; and
/// runs that begin later.
@Suite struct TailTests {
    @Test func everyPointComesOnce() throws {
        try withTemporaryDirectory { directory in
            let repository = try Repository.create(at: Paths.join(directory, "r"))
            var options = RunOptions()
            options.journalBytes = 64 << 10
            options.compaction = .never
            let run = try repository.startRun(options: options)
            let a = try run.series("a")
            for step in 0..<1500 { a.log(-1, step: step) }
            let tail = try RepositoryTail(repository, Query())
            var seen: [MetricKey: [Int]] = [:]
            func poll() throws {
                try tail.poll { chunk in
                    for i in 0..<chunk.count {
                        seen[chunk.metric, default: []].append(chunk.steps[i])
                        #expect(chunk.values[i] == Double(chunk.steps[i]))
                    }
                }
            }
            var random = SplitMix64(seed: 1)
            var next = 0
            var later = 0
            let b = try run.series("b", context: ["k": "v"])
            for _ in 0..<300 {
                for _ in 0..<Int.random(in: 0..<200, using: &random) {
                    a.log(Double(next), step: next)
                    next += 1
                    if next % 3 == 0 {
                        b.log(Double(later), step: later)
                        later += 1
                    }
                }
                try poll()
            }
            try run.finish()
            try poll()
            #expect(seen[MetricKey("a")] == Array(0..<next))
            #expect(seen[MetricKey("b", context: ["k": "v"])] == Array(0..<later))
        }
    }

    @Test func laterRunsAreFollowed() async throws {
        let directory = Paths.join("/tmp", "varve-tail-\(RealHost().newID())")
        let repository = try Repository.create(at: directory)
        defer { removeTree(directory) }
        let stream = repository.tail(Query(metric: "loss"))
        let run = try repository.startRun()
        let series = try run.series("loss")
        let other = try run.series("other")
        for step in 0..<10 {
            series.log(1, step: step)
            other.log(1, step: step)
        }
        var steps: [Int] = []
        for try await chunk in stream {
            for i in 0..<chunk.count { steps.append(chunk.steps[i]) }
            if steps.count >= 10 { break }
        }
        #expect(steps == Array(0..<10))
        try run.finish()
    }
}
