import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// A volume that other hosts may see, where nothing is mapped: the writer appends in place of it and says so, others read what was
/// appended, and nobody is taken for dead while a heartbeat moves.
@Suite struct NetworkVolumeTests {
    private let fileSystem = SimulatedFileSystem(seed: 11, mapsSafely: false, isRemote: true)
    private let here = SimulatedMachine(seed: 12, name: "here")
    private let there = SimulatedMachine(seed: 13, name: "there")

    private func repository(on machine: SimulatedMachine) throws -> Repository {
        let environment = Environment(fileSystem: fileSystem, host: SimulatedHost(machine), hasThreads: false)
        return try Repository.openOrCreate(at: "/repo", name: "", environment)
    }

    private func steps(_ repository: Repository) throws -> [Int] {
        try repository.snapshot().steps()
    }

    @Test func pointsAreAppendedAndTheDurabilityIsTold() throws {
        var options = RunOptions()
        options.compaction = .never
        let run = try repository(on: here).startRun(options: options)
        #expect(run.durability == .buffered)
        // No slots, so nothing to map: a header whose heartbeat says that the writer lives.
        let name = try #require(fileSystem.paths().first { $0.hasSuffix(".journal") })
        #expect(try fileSystem.status(name)?.size == FormatConstants.journalHeaderBytes)
        #expect(!fileSystem.calls.contains { $0.kind == .map })
        let reader = try repository(on: there)
        let series = try run.series("loss")
        var next = 0
        for _ in 0..<40 {
            for _ in 0..<10 {
                series.log(1, step: next)
                next += 1
            }
            for _ in 0..<31 { run.tick() }
            // What a tick has appended, another host reads; ten minutes of heartbeats are no death.
            #expect(try steps(reader) == Array(0..<next))
            let info = try #require(try reader.snapshot().runs.first)
            #expect(info.status == .silent && info.durability == .buffered)
            #expect(try Sealer(reader.environment, reader.paths).sealDead() == [])
            there.advance(60_000_000_000)
        }
        // Ten minutes of silence are. What was logged since the last tick is gone with the writer's memory.
        series.log(1, step: next)
        #expect(try reader.snapshot().runs.map(\.status) == [.silent])
        there.advance(601_000_000_000)
        _ = try reader.compact()
        #expect(try reader.snapshot().runs.map(\.status) == [.killed])
        #expect(try steps(reader) == Array(0..<next))
        // It lives after all, and loses nothing: it goes on in another file.
        run.tick()
        try run.finish()
        #expect(try steps(reader) == Array(0...next))
        #expect(try reader.verify(deep: true).problems == [])
    }
}
