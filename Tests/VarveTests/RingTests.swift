import Testing
import VarveFiles
import VarveTestSupport

@testable import Varve

/// That a thread whose claim found no slot, since more threads than the slack came at once to a ring that was all but full,
/// gives up after a second, and that nobody waits for its point for ever.
struct RingTests {
    /// A run with a small ring that nobody drains by themselves, and the file that it writes.
    private static func begin(
        _ fileSystem: SimulatedFileSystem = SimulatedFileSystem(seed: 1)
    ) throws -> (repository: Repository, run: Run, file: WriterFile) {
        let environment = Environment(
            fileSystem: fileSystem, host: SimulatedHost(SimulatedMachine(seed: 1)), hasThreads: false)
        let repository = try Repository.create(at: "/repo", name: "", environment)
        var options = RunOptions()
        options.journalBytes = 64 << 10
        options.compaction = .never
        let run = try repository.startRun(options: options)
        return (repository, run, try #require((run.writer as? RunWriter)?.openFile))
    }

    @Test func aClaimWithoutASlotIsGivenUp() throws {
        let (repository, run, file) = try Self.begin()
        let series = try run.series("loss")
        let ring = file.ring
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
        let steps = try snapshot.steps()
        #expect(steps == Array(0..<ring.slots + 10))
    }

    /// A thread that claims sequences and is stopped before it stores its points holds up nobody who closes: what it claimed is a
    /// named hole, what others logged before and after is there, and its slots serve no other run.
    @Test func aRunClosesOverClaimsThatAreNeverPublished() throws {
        let fileSystem = SimulatedFileSystem(seed: 1)
        let (repository, run, file) = try Self.begin(fileSystem)
        let series = try run.series("loss")
        func claim() -> UInt64 { file.ring.hot.pointee.claimed.wrappingAdd(1, ordering: .relaxed).oldValue }
        for step in 0..<10 { series.log(0.0, step: step) }
        let holes = [claim(), claim()]
        for step in 10..<15 { series.log(0.0, step: step) }
        let last = claim()
        try run.finish()
        let snapshot = try repository.snapshot()
        #expect(snapshot.problems.isEmpty)
        let steps = try snapshot.steps()
        #expect(steps == Array(0..<15))
        #expect(try repository.verify(deep: true).problems == [])
        let path = repository.paths.log(.log(run: run.id.id, n: 1))
        let log = try fileSystem.open(path, .read)
        defer { log.close() }
        let section = try #require(try LogScanner.scan(log, name: .log(run: run.id.id, n: 1), zstd: Zstd()).first)
        #expect(section.losses.map(\.reason) == [.hole, .hole])
        #expect(section.losses.map(\.firstSequence) == [holes[0], last] && section.losses.map(\.points) == [2, 1])
        // Its thread may wake up: the journal isn't kept for the next run.
        #expect(try fileSystem.list("/repo/logs").filter { $0.hasPrefix("spare-") }.isEmpty)
    }

    /// A run with more series than a file may have goes on without them: their points are counted, the rest is whole.
    @Test func tooManySeriesAreDroppedAndCounted() throws {
        let (repository, run, file) = try Self.begin()
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
