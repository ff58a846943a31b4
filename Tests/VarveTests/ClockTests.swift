import Glibc
import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// The wall clock jumps, back and forth, while runs are written, killed, sealed, compacted and resumed: order, newest values and
/// verdicts don't depend on it.
@Suite struct ClockTests {
    private static let day: Int64 = 86_400_000_000_000

    private static var options: RunOptions {
        var options = RunOptions()
        options.journalBytes = 64 << 10
        options.compaction = .never
        options.clock = .system
        return options
    }

    private static func steps(_ repository: Repository) throws -> [Int] {
        try repository.snapshot().steps(Query(metric: "loss"))
    }

    @Test(arguments: [-1, 1] as [Int64]) func jumps(_ direction: Int64) throws {
        let machine = SimulatedMachine(seed: 4)
        let fileSystem = SimulatedFileSystem(seed: 4)
        func process() -> (SimulatedHost, Environment) {
            let host = SimulatedHost(machine)
            return (host, Environment(fileSystem: fileSystem, host: host, hasThreads: false))
        }
        func jump(_ days: Int64) {
            machine.setWallTime(machine.wallTime + direction * days * Self.day)
            fileSystem.setTime(machine.wallTime)
        }
        let (first, environment) = process()
        let repository = try Repository.create(at: "/repo", name: "", environment)
        let run = try repository.startRun(params: ["lr": 1], options: Self.options)
        let series = try run.series("loss")
        var next = 0
        func log(_ series: Series, _ count: Int = 3_000) {
            for _ in 0..<count {
                series.log(Double(next), step: next)
                next += 1
            }
        }
        log(series)
        run.tick()
        try run.set("note", "before")
        jump(400)
        log(series)
        run.tick()
        try run.set(["note": "after", "params.lr": 2])
        jump(-800)
        log(series, 10)
        first.die()
        // The dead writer's files may be of the future by now.
        let (_, second) = process()
        let again = try Repository.open("/repo", second)
        #expect(try Self.steps(again) == Array(0..<next))
        #expect(try again.snapshot().runs.map(\.status) == [.killed])
        _ = try again.compact()
        #expect(try Self.steps(again) == Array(0..<next))
        let resumed = try again.resumeRun(run.id, options: Self.options)
        jump(1_000)
        log(try resumed.series("loss"))
        try resumed.set("note", "resumed")
        jump(-2_000)
        try resumed.finish()
        try again.set(["note": "edited"], of: [run.id])
        for _ in 0..<2 {
            let info = try #require(try again.snapshot().runs.first)
            #expect(try Self.steps(again) == Array(0..<next))
            #expect(info.status == .finished && info.properties["note"] == "edited" && info.params["lr"] == 2)
            #expect(try again.verify(deep: true).problems == [])
            jump(5)
            _ = try again.compact()
        }
        // One that begins while the clock is behind is a run like any other, and can be removed.
        jump(-3_000)
        let other = try again.startRun(options: Self.options)
        try other.finish()
        #expect(try again.remove([other.id]).files == 1)
        #expect(try again.snapshot().runs.count == 1)
    }

    /// A lease from before a jump back ends with what a lease may last, not when its clock says.
    @Test func aLeaseDoesNotOutlastAJump() throws {
        let fileSystem = SimulatedFileSystem(seed: 5)
        try fileSystem.makeDirectory("/index")
        func lease(_ machine: SimulatedMachine) -> Lease {
            Lease(
                Environment(fileSystem: fileSystem, host: SimulatedHost(machine), hasThreads: false), index: "/index")
        }
        // On two hosts: neither can tell whether the other lives.
        let (here, there) = (SimulatedMachine(seed: 6), SimulatedMachine(seed: 7))
        #expect(lease(there).take(givesWay: true))
        #expect(!lease(here).take(givesWay: true))
        here.setWallTime(here.wallTime - Self.day)
        #expect(lease(here).take(givesWay: true))
        // By the clock of the one that was set back: to the others that lease is over.
        #expect(lease(SimulatedMachine(seed: 8)).take(givesWay: true))
    }

    /// A heartbeat is watched by the clock that never goes back: a jump makes nobody dead.
    @Test func aJumpIsNoDeath() throws {
        // Whose journals stand still is known by their salts to the whole process: no other test's machine may make the same.
        let (there, here) = (SimulatedMachine(seed: 9_108), SimulatedMachine(seed: 9_109))
        let fileSystem = SimulatedFileSystem(seed: 9)
        let writer = Environment(fileSystem: fileSystem, host: SimulatedHost(there), hasThreads: false)
        let run = try Repository.create(at: "/repo", name: "", writer).startRun(options: Self.options)
        try run.series("loss").log(1, step: 1)
        let reader = try Repository.open(
            "/repo", Environment(fileSystem: fileSystem, host: SimulatedHost(here), hasThreads: false))
        for _ in 0..<3 {
            #expect(try reader.snapshot().runs.map(\.status) == [.silent])
            #expect(try Sealer(reader.environment, reader.paths).sealDead() == [])
            here.setWallTime(here.wallTime + 400 * Self.day)
        }
        here.advance(601_000_000_000)
        // A verdict isn't waited for while another thread is making one: then the next look says it.
        var sealed = 0
        for _ in 0..<60_000 where sealed == 0 {
            sealed = try Sealer(reader.environment, reader.paths).sealDead().count
            // That thread may have to wait for a core.
            if sealed == 0 { usleep(1_000) }
        }
        #expect(sealed == 1)
    }
}
