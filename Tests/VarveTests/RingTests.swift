import Testing
import VarveFiles
import VarveTestSupport

@testable import Varve

/// That a thread whose claim found no slot, since more threads than the slack came at once to a ring that was all but full,
/// gives up after a second, and that nobody waits for its point for ever.
struct RingTests {
    @Test func aClaimWithoutASlotIsGivenUp() throws {
        let environment = Environment(
            fileSystem: SimulatedFileSystem(seed: 1), host: SimulatedHost(SimulatedMachine(seed: 1)), hasThreads: false)
        let repository = try Repository.create(at: "/repo", name: "", environment)
        var options = RunOptions()
        options.journalBytes = 64 << 10
        options.compaction = .never
        let run = try repository.startRun(options: options)
        let series = try run.series("loss")
        let ring = try #require((run.writer as? RunWriter)?.openFile?.ring)
        func claim() -> UInt64 { ring.hot.pointee.claimed.wrappingAdd(1, ordering: .relaxed).oldValue }
        for step in 0..<ring.slots {
            ring.hot.pointee.store(claim(), step: Int64(step), time: 0, value: 0, series: 0)
        }
        let late = claim()
        #expect(ring.hot.pointee.waitForOwnSlot(late) == nil)
        // The next one finds room behind the hole.
        try run.drain()
        for step in ring.slots..<ring.slots + 10 { series.log(0.0, step: step) }
        try run.finish()
        let snapshot = try repository.snapshot()
        #expect(snapshot.problems.isEmpty)
        let reader = try snapshot.series(Query())
        var steps: [Int] = []
        while let chunk = try reader.next() { for i in 0..<chunk.count { steps.append(chunk.steps[i]) } }
        #expect(steps == Array(0..<ring.slots + 10))
    }

    /// A thread that claims sequences and is stopped before it stores its points holds up nobody who closes: what it claimed is a
    /// named hole, what others logged before and after is there, and its slots serve no other run.
    @Test func aRunClosesOverClaimsThatAreNeverPublished() throws {
        let fileSystem = SimulatedFileSystem(seed: 1)
        let environment = Environment(
            fileSystem: fileSystem, host: SimulatedHost(SimulatedMachine(seed: 1)), hasThreads: false)
        let repository = try Repository.create(at: "/repo", name: "", environment)
        var options = RunOptions()
        options.journalBytes = 64 << 10
        options.compaction = .never
        let run = try repository.startRun(options: options)
        let series = try run.series("loss")
        let ring = try #require((run.writer as? RunWriter)?.openFile?.ring)
        func claim() -> UInt64 { ring.hot.pointee.claimed.wrappingAdd(1, ordering: .relaxed).oldValue }
        for step in 0..<10 { series.log(0.0, step: step) }
        let holes = [claim(), claim()]
        for step in 10..<15 { series.log(0.0, step: step) }
        let last = claim()
        try run.finish()
        let snapshot = try repository.snapshot()
        #expect(snapshot.problems.isEmpty)
        let reader = try snapshot.series(Query())
        var steps: [Int] = []
        while let chunk = try reader.next() { for i in 0..<chunk.count { steps.append(chunk.steps[i]) } }
        #expect(steps == Array(0..<15))
        #expect(try repository.verify(deep: true).problems == [])
        let path = repository.paths.log(.log(run: run.id.id, n: 1))
        let file = try fileSystem.open(path, .read)
        defer { file.close() }
        let section = try #require(try LogScanner.scan(file, name: .log(run: run.id.id, n: 1), zstd: Zstd()).first)
        #expect(section.losses.map(\.reason) == [.hole, .hole])
        #expect(section.losses.map(\.firstSequence) == [holes[0], last] && section.losses.map(\.points) == [2, 1])
        // Its thread may wake up: the journal isn't kept for the next run.
        #expect(try fileSystem.list("/repo/logs").filter { $0.hasPrefix("spare-") }.isEmpty)
    }

    /// A run with more series than a file may have goes on without them: their points are counted, the rest is whole.
    @Test func tooManySeriesAreDroppedAndCounted() throws {
        let environment = Environment(
            fileSystem: SimulatedFileSystem(seed: 1), host: SimulatedHost(SimulatedMachine(seed: 1)), hasThreads: false)
        let repository = try Repository.create(at: "/repo", name: "", environment)
        var options = RunOptions()
        options.compaction = .never
        let run = try repository.startRun(options: options)
        let file = try #require((run.writer as? RunWriter)?.openFile)
        file.appender.withLock { $0.mostSeries = 3 }
        for number in 0..<5 {
            let series = try run.series("m\(number)")
            for step in 0..<10 { series.log(1, step: step) }
        }
        #expect(run.health.dropped == 20)
        #expect(run.health.problem?.code == .limit)
        try run.finish()
        let snapshot = try repository.snapshot()
        #expect(try snapshot.metrics().map(\.metric.name).sorted() == ["m0", "m1", "m2"])
        #expect(snapshot.problems.isEmpty)
    }
}
