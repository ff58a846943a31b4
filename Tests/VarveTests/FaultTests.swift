import Testing
import VarveFiles
import VarveTestSupport

@testable import Varve

/// What happens to a run when its disk is full, or a sync fails: training goes on, what was acknowledged is kept, what
/// is dropped is counted,
/// the handler is told once.
@Suite struct FaultTests {
    private func repository(
        capacity: Int? = nil
    ) throws -> (SimulatedFileSystem, SimulatedMachine, Repository) {
        let machine = SimulatedMachine(seed: 3)
        let fileSystem = SimulatedFileSystem(seed: 3, capacity: capacity)
        let environment = Environment(fileSystem: fileSystem, host: SimulatedHost(machine), hasThreads: false)
        return (fileSystem, machine, try Repository.create(at: "/repo", name: "", environment))
    }

    private func steps(_ repository: Repository) throws -> [Int] {
        try repository.snapshot().steps()
    }

    private func options(_ told: Guarded<[VarveError]>) -> RunOptions {
        var options = RunOptions()
        options.journalBytes = 64 << 10
        options.compaction = .never
        options.onProblem = { problem in told.withLock { $0.append(problem) } }
        return options
    }

    @Test func fullDiskDropsAndCounts() throws {
        let (fileSystem, _, repository) = try repository()
        let told = Guarded<[VarveError]>([])
        let run = try repository.startRun(options: options(told))
        let series = try run.series("loss")
        fileSystem.fail(.noSpace, times: .max) { $0.kind == .write }
        var logged: [Int] = []
        for step in 0..<5000 {
            let before = run.health.dropped
            series.log(Double(step).squareRoot(), step: step)
            if run.health.dropped == before { logged.append(step) }
        }
        #expect(run.health.dropped > 0)
        #expect(run.health.dropped + logged.count == 5000)
        #expect(told.withLock { $0.filter { $0.code == .noRoom }.count } == 1)
        #expect(run.health.problem != nil)
        #expect(try steps(repository) == logged)
        fileSystem.clearFaults()
        run.tick()
        for step in 5000..<6000 { series.log(1, step: step) }
        logged += 5000..<6000
        try run.finish()
        #expect(try steps(repository) == logged)
        let info = try #require(try repository.snapshot().runs.first)
        #expect(info.lostPoints == run.health.dropped)
        #expect(info.status == .finished)
        _ = try repository.compact()
        #expect(try steps(repository) == logged)
        #expect(try repository.snapshot().runs.first?.lostPoints == run.health.dropped)
    }

    @Test(arguments: [SimulatedCall.Kind.sync, .syncRegion]) func failedSyncMovesToANewFile(
        _ kind: SimulatedCall.Kind
    ) throws {
        for power in [false, true] {
            let (fileSystem, machine, repository) = try repository()
            let told = Guarded<[VarveError]>([])
            let run = try repository.startRun(options: options(told))
            let series = try run.series("loss")
            for step in 0..<1500 { series.log(Double(step), step: step) }
            run.tick()
            // Few new points are made durable in the journal, by a tick; many in the log, by the drain in between.
            let next = kind == .sync ? 3000 : 1600
            fileSystem.fail(.io, times: 1) { $0.kind == kind }
            for step in 1500..<next { series.log(Double(step), step: step) }
            run.tick()
            #expect(run.health.file == 2)
            #expect(run.health.problem?.code == .system)
            for step in next..<(next + 100) { series.log(Double(step), step: step) }
            run.tick()
            run.tick()
            if power {
                machine.reboot()
                let rebooted = Environment(
                    fileSystem: fileSystem.afterPowerLoss(seed: 5), host: SimulatedHost(machine), hasThreads: false)
                #expect(try steps(try Repository.open("/repo", rebooted)) == Array(0..<(next + 100)))
            } else {
                #expect(try steps(repository) == Array(0..<(next + 100)))
                try run.finish()
                _ = try repository.compact()
                #expect(try steps(repository) == Array(0..<(next + 100)))
                #expect(try repository.snapshot().runs.first?.status == .finished)
            }
        }
    }

    @Test func noRoomForAJournalIsAnErrorAtTheStart() throws {
        let (fileSystem, _, repository) = try repository()
        fileSystem.fail(.noSpace, times: .max) { $0.kind == .allocate }
        do {
            _ = try repository.startRun()
            Issue.record("a run began without room for its journal")
        } catch {
            #expect(error.file?.hasSuffix(".journal") == true)
        }
        fileSystem.clearFaults()
        #expect(try repository.snapshot().runs.isEmpty)
        #expect(try repository.diskUse().total == 0)
    }

    @Test func whereNothingCanBeMappedPointsAreBuffered() throws {
        let machine = SimulatedMachine(seed: 3)
        let fileSystem = SimulatedFileSystem(seed: 3, mapsSafely: false, isRemote: true)
        let host = SimulatedHost(machine)
        let environment = Environment(fileSystem: fileSystem, host: host, hasThreads: false)
        let repository = try Repository.create(at: "/repo", name: "", environment)
        let run = try repository.startRun()
        #expect(run.durability == .buffered)
        let series = try run.series("loss")
        for step in 0..<100 { series.log(1, step: step) }
        run.tick()
        for step in 100..<150 { series.log(1, step: step) }
        #expect(try steps(repository) == Array(0..<100))
        #expect(try repository.snapshot().runs.first?.status == .running)
        host.die()
        #expect(try repository.snapshot().runs.first?.durability == .buffered)
        let next = Environment(fileSystem: fileSystem, host: SimulatedHost(machine), hasThreads: false)
        let again = try Repository.open("/repo", next)
        _ = try again.compact()
        #expect(try steps(again) == Array(0..<100))
        #expect(try again.snapshot().runs.first?.status == .killed)
    }

    @Test func aRemovedRepositoryDoesNotStopTheRun() throws {
        let (fileSystem, _, repository) = try repository()
        let run = try repository.startRun(options: options(Guarded([])))
        let series = try run.series("loss")
        for step in 0..<100 { series.log(1, step: step) }
        for path in fileSystem.paths() where path.hasPrefix("/repo/logs/") { try fileSystem.unlink(path) }
        for step in 100..<3000 { series.log(1, step: step) }
        run.tick()
        try run.finish()
        #expect(run.health.dropped == 0)
        // What the ring held went to the next file.
        #expect(try steps(repository) == Array(0..<3000))
    }
}
