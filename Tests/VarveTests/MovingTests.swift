import Testing
import VarveFiles
import VarveTestSupport

@testable import Varve

/// That a writer which can't go on in its file takes everything along, once, whatever else fails meanwhile: on a simulated
/// machine whose syncs, writes and seals fail when the test says so.
@Suite struct MovingTests {
    private struct World {
        let machine = SimulatedMachine(seed: 9)
        let fileSystem = SimulatedFileSystem(seed: 9)
        let repository: Repository
        let run: Run

        init(sync: SyncPolicy = .interval(seconds: 1)) throws {
            let environment = Environment(fileSystem: fileSystem, host: SimulatedHost(machine), hasThreads: false)
            repository = try Repository.create(at: "/repo", name: "", environment)
            var options = RunOptions()
            options.journalBytes = 64 << 10
            options.compaction = .never
            options.sync = sync
            run = try repository.startRun(options: options)
        }

        func steps(_ repository: Repository) throws -> [Int] {
            try repository.snapshot().steps()
        }

        /// What is there after the power failed now.
        func stepsAfterPowerLoss() throws -> [Int] {
            machine.reboot()
            let rebooted = Environment(
                fileSystem: fileSystem.afterPowerLoss(seed: 5), host: SimulatedHost(machine), hasThreads: false)
            return try steps(try Repository.open("/repo", rebooted))
        }

        /// Takes the journal away, as somebody does who takes the writer for dead.
        func seal() throws {
            let dead = SimulatedHost(machine)
            let wrong = Environment(fileSystem: fileSystem, host: NobodyLives(host: dead), hasThreads: false)
            #expect(try Sealer(wrong, repository.paths).sealDead().count == 1)
        }
    }

    private struct NobodyLives: Host {
        let host: SimulatedHost
        func wallTime() -> Int64 { host.wallTime() }
        func monotonicTime() -> Int64 { host.monotonicTime() }
        func random() -> UInt64 { host.random() }
        func identity() -> ProcessIdentity { host.identity() }
        func isAlive(_ identity: ProcessIdentity) -> Bool? { false }
        func environment(_ name: String) -> String? { nil }
    }

    /// The system tells of lost pages once; a second sync of the same file must not count as a good one.
    @Test func aSyncThatFailedUnderFlushIsNotTrustedLater() throws {
        let world = try World()
        let series = try world.run.series("loss")
        for step in 0..<500 { series.log(Double(step), step: step) }
        world.fileSystem.fail(.io, times: 1) { $0.kind == .sync }
        #expect(throws: VarveError.self) { try world.run.flush() }
        for step in 500..<600 { series.log(Double(step), step: step) }
        world.run.tick()
        world.run.tick()
        #expect(world.run.health.file == 2)
        #expect(try world.stepsAfterPowerLoss() == Array(0..<600))
    }

    /// With neither a sync nor a seal `log` goes on returning, counts what it drops, and goes on by itself.
    @Test func whereTheNextFileCannotBeMadeLoggingGoesOn() throws {
        let world = try World()
        let series = try world.run.series("loss")
        for step in 0..<1500 { series.log(Double(step), step: step) }
        world.fileSystem.fail(.io, times: 1) { $0.kind == .sync }
        world.fileSystem.fail(.noSpace, times: .max) { $0.kind == .create }
        world.run.tick()
        #expect(world.run.health.file == 1)
        var kept = Array(0..<1500)
        for step in 1500..<1600 {
            let dropped = world.run.health.dropped
            series.log(Double(step), step: step)
            if world.run.health.dropped == dropped { kept.append(step) }
        }
        #expect(world.run.health.dropped > 0)
        #expect(throws: VarveError.self) { try world.run.finish() }
        world.fileSystem.clearFaults()
        world.run.tick()
        #expect(world.run.health.file == 2)
        for step in 1600..<1700 { series.log(Double(step), step: step) }
        kept += 1600..<1700
        #expect(world.run.health.logged == kept.count)
        try world.run.finish()
        #expect(try world.steps(world.repository) == kept)
        #expect(try world.repository.snapshot().runs.first?.status == .finished)
    }

    /// A move that fails half way leaves nothing behind that its repetition would count twice.
    @Test func aMoveThatFailsIsRepeatedWhole() throws {
        let world = try World()
        let metrics = try (0..<8).map { try world.run.series("m\($0)") }
        func log(_ steps: Range<Int>) { for step in steps { metrics[step % 8].log(1, step: step) } }
        log(0..<800)
        try world.seal()
        log(800..<1000)
        // The third definition in the next file.
        let next = LogName.log(run: world.run.id.id, n: 2).description
        let counter = Guarded(0)
        world.fileSystem.fail(.noSpace, times: 1) { call in
            guard call.kind == .write, call.path.hasSuffix(next) else { return false }
            return counter.withLock { count in
                count += 1
                return count == 4
            }
        }
        world.run.tick()
        #expect(world.run.health.file == 1)
        log(1000..<1010)
        world.run.tick()
        #expect(world.run.health.file > 1)
        log(1010..<1100)
        let dropped = world.run.health.dropped
        #expect(world.run.health.logged + dropped == 1100)
        try world.run.finish()
        #expect(try world.steps(world.repository).count + dropped == 1100)
        #expect(Set(try world.steps(world.repository)).count + dropped == 1100)
    }

    /// A finish, too, leaves the file that somebody sealed alone.
    @Test func aFinishAfterASealGoesToTheNextFile() throws {
        let world = try World()
        let series = try world.run.series("loss")
        for step in 0..<100 { series.log(1, step: step) }
        try world.seal()
        let old = LogName.log(run: world.run.id.id, n: 1)
        let size = world.fileSystem.content(world.repository.paths.log(old))?.count
        for step in 100..<200 { series.log(1, step: step) }
        try world.run.finish()
        #expect(world.fileSystem.content(world.repository.paths.log(old))?.count == size)
        #expect(try world.steps(world.repository) == Array(0..<200))
    }

    /// A sync that fails while the last points are drained: they, too, are in the seal.
    @Test func aSyncThatFailsInTheLastDrainLosesNothing() throws {
        let world = try World(sync: .everyDrain)
        let series = try world.run.series("loss")
        for step in 0..<500 { series.log(1, step: step) }
        world.fileSystem.fail(.io, times: 1) { $0.kind == .sync && $0.path.hasSuffix(".1.vlog") }
        try world.run.finish()
        #expect(try world.repository.snapshot().runs.first?.status == .finished)
        #expect(try world.stepsAfterPowerLoss() == Array(0..<500))
    }

    /// What a failed write leaves behind the end of the log is no damage.
    @Test func aTornWriteLeavesNothingBehind() throws {
        let world = try World()
        let series = try world.run.series("loss")
        for step in 0..<1000 { series.log(Double(step).squareRoot(), step: step) }
        world.fileSystem.fail(.noSpace, times: 1, tearing: .exactly(2000)) { $0.kind == .write }
        for step in 1000..<1030 { series.log(1, step: step) }
        #expect(world.run.health.pending == 1030)
        try world.run.set("note", "a short frame")
        #expect(try world.repository.snapshot().problems == [])
        try world.run.finish()
        let snapshot = try world.repository.snapshot()
        #expect(snapshot.problems == [])
        #expect(try world.steps(world.repository) == Array(0..<1030))
    }

    /// A file that was deleted and is still in the index isn't taken for a new one: its number is not given again.
    @Test func theNumberOfADeletedFileIsNotGivenAgain() throws {
        let world = try World()
        let series = try world.run.series("loss")
        for step in 0..<100 { series.log(1, step: step) }
        try world.run.finish()
        _ = try world.repository.compact()
        for path in world.fileSystem.paths() where path.hasPrefix("/repo/logs/") { try world.fileSystem.unlink(path) }
        var options = RunOptions()
        options.id = world.run.id
        options.compaction = .never
        let again = try world.repository.startRun(options: options)
        let fresh = try again.series("loss")
        for step in 500..<510 { fresh.log(1, step: step) }
        try again.finish()
        #expect(try world.steps(world.repository) == Array(500..<510))
    }

    /// What no reader would take is refused, or cut into frames that it takes.
    @Test func framesStayBelowTheirCaps() throws {
        let world = try World()
        #expect(world.fileSystem.content("/repo/varve.json") != nil)
        #expect(throws: VarveError.self) {
            try world.run.addArtifact("/repo/varve.json", mediaType: String(repeating: "x", count: 1025))
        }
        try world.run.addArtifact("/repo/varve.json", mediaType: "application/json")
        #expect(try world.repository.snapshot().artifacts(of: world.run.id).count == 1)
        let text = PropertyValue.string(String(repeating: "x", count: 1 << 20))
        let entries = (0..<100).map { PropertyEntry(run: nil, key: "k\($0)", revision: 1, time: 0, value: text) }
        let frames = Limits.frames(entries)
        #expect(frames.flatMap { $0 } == entries)
        #expect(frames.allSatisfy { $0.count <= 16 && !$0.isEmpty })
        #expect(Limits.frames([]).isEmpty)
    }

    /// Of a range of steps only the pages are read that may hold some.
    @Test func pagesBeyondTheStepsAreNotRead() throws {
        let world = try World()
        let series = try world.run.series("loss")
        let count = 200_000
        let steps = Array(0..<count)
        let values = steps.map { Double($0) * 0.37 }
        series.log(contentsOf: values.span, steps: steps.span)
        try world.run.finish()
        _ = try world.repository.compact()
        func reads(_ query: Query) throws -> (points: Int, calls: Int) {
            let reader = try world.repository.snapshot().series(query)
            let before = world.fileSystem.callCount
            var points = 0
            while let chunk = try reader.next() { points += chunk.count }
            return (points, world.fileSystem.callCount - before)
        }
        let all = try reads(Query())
        let some = try reads(Query(steps: 100_000...100_099))
        #expect(all.points == count)
        #expect(some.points == 100)
        #expect(some.calls * 2 < all.calls)
    }
}
