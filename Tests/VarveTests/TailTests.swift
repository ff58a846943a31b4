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

    /// A writer without a journal, which nothing tells from a dead one, is followed once its file grows: from where that was when
    /// the tail came. What had ended, or died, before isn't shown.
    @Test func aWriterWithoutAJournalIsFollowed() throws {
        let machine = SimulatedMachine(seed: 1)
        let fileSystem = SimulatedFileSystem(seed: 1)
        let host = SimulatedHost(machine)
        let environment = Environment(fileSystem: fileSystem, host: host, hasThreads: false)
        let repository = try Repository.create(at: "/r", name: "", environment)
        var options = RunOptions()
        options.useJournal = false
        options.compaction = .never
        func start() throws -> (run: Run, series: Series) {
            let run = try repository.startRun(options: options)
            return (run, try run.series("a"))
        }
        let (ended, silent, live) = (try start(), try start(), try start())
        for one in [ended, silent, live] {
            for step in 0..<3 { one.series.log(-1, step: step) }
            try one.run.flush()
        }
        try ended.run.finish()
        let tail = try RepositoryTail(repository, Query())
        var seen: [RunID: [Int]] = [:]
        func poll() throws {
            machine.advance(250_000_000)
            try tail.poll { chunk in
                for i in 0..<chunk.count { seen[chunk.run, default: []].append(chunk.steps[i]) }
            }
        }
        try poll()
        #expect(seen.isEmpty)
        for round in 0..<3 {
            for step in 0..<10 { live.series.log(1, step: 100 + 10 * round + step) }
            try live.run.flush()
            try poll()
        }
        try live.run.finish()
        try poll()
        #expect(seen == [live.run.id: Array(100..<130)])
    }

    /// A frame of which a part stood in the file when the tail came is shown whole once it is there.
    @Test func aFrameThatWasBeingWrittenIsShown() throws {
        let machine = SimulatedMachine(seed: 1)
        let fileSystem = SimulatedFileSystem(seed: 1)
        let environment = Environment(fileSystem: fileSystem, host: SimulatedHost(machine), hasThreads: false)
        let repository = try Repository.create(at: "/r", name: "", environment)
        var options = RunOptions()
        options.useJournal = false
        options.compaction = .never
        let run = try repository.startRun(options: options)
        let series = try run.series("a")
        series.log(1, step: 1)
        try run.flush()
        let path = repository.paths.log(.log(run: run.id.id, n: 1))
        let before = try #require(fileSystem.content(path))
        for step in 2..<9 { series.log(1, step: step) }
        try run.flush()
        let after = try #require(fileSystem.content(path))
        for cut in [before.count + 1, before.count + 40, after.count - 1] {
            let copy = fileSystem.snapshot()
            #expect(copy.replace(path, with: Array(after[..<cut])))
            let copied = Environment(fileSystem: copy, host: SimulatedHost(machine), hasThreads: false)
            let tail = try RepositoryTail(Repository.open("/r", copied), Query())
            let file = try copy.open(path, .update)
            try file.write(Array(after[cut...]), at: cut)
            file.close()
            machine.advance(250_000_000)
            var seen: [Int] = []
            try tail.poll { chunk in for i in 0..<chunk.count { seen.append(chunk.steps[i]) } }
            #expect(seen == Array(2..<9), "cut at \(cut) of \(after.count)")
        }
    }
}
