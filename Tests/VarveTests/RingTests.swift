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
}
