import Testing
import VarveFiles
import VarveTestSupport

@testable import Varve

/// A process is killed before each of its system calls in turn, whatever it is doing: logging, draining, closing,
/// resuming, sealing,
/// compacting. What had been acknowledged until then is read back, once and with the right value, by the next process,
/// before and after it seals and compacts.
@Suite struct KillTests {
    private static let path = "/repo"

    /// What the process was told to be safe, and what it was in the middle of.
    private struct Acknowledged {
        var points: [MetricKey: [Double]] = [:]
        /// How many of them a finished tick has made durable.
        var durable: [MetricKey: Int] = [:]
        /// The point that was being logged: it may be there or not.
        var pending: (metric: MetricKey, value: Double)?
    }

    private static let metrics = [MetricKey("a"), MetricKey("b")]

    /// A life of a process: two runs, several drains and ticks, a close, a resume, compactions.
    private func live(_ fileSystem: SimulatedFileSystem, _ host: SimulatedHost, _ told: inout [UniqueID: Acknowledged])
        throws
    {
        let environment = Environment(fileSystem: fileSystem, host: host, hasThreads: false)
        let repository = try Repository.create(at: Self.path, name: "", environment)
        var options = RunOptions()
        options.journalBytes = 64 << 10
        options.compaction = .never
        let first = try repository.startRun(options: options)
        try log(first, 40, fileSystem, &told)
        try tick(first, fileSystem, &told)
        try log(first, 2500, fileSystem, &told)
        try tick(first, fileSystem, &told)
        _ = try repository.compact()
        try log(first, 30, fileSystem, &told)
        try first.finish()
        _ = try repository.compact()
        let second = try repository.resumeRun(first.id, options: options)
        try log(second, 25, fileSystem, &told)
        try tick(second, fileSystem, &told)
        try log(second, 25, fileSystem, &told)
        try second.finish()
        _ = try repository.compact()
    }

    private func tick(_ run: Run, _ fileSystem: SimulatedFileSystem, _ told: inout [UniqueID: Acknowledged]) throws {
        run.tick()
        if fileSystem.isKilled { throw FileError("tick", "", .killed) }
        let counts = told[run.id.id]?.points.mapValues(\.count) ?? [:]
        told[run.id.id]?.durable = counts
    }

    private func log(
        _ run: Run, _ count: Int, _ fileSystem: SimulatedFileSystem, _ told: inout [UniqueID: Acknowledged]
    ) throws {
        for i in 0..<count {
            let metric = Self.metrics[i % 2]
            let series = try run.series(metric.name)
            let value = Double(told[run.id.id]?.points.values.reduce(0) { $0 + $1.count } ?? 0)
            told[run.id.id, default: Acknowledged()].pending = (metric, value)
            series.log(value, step: Int(value), time: 1)
            if fileSystem.isKilled { throw FileError("log", "", .killed) }
            told[run.id.id]?.points[metric, default: []].append(value)
            told[run.id.id]?.pending = nil
        }
    }

    private func check(_ repository: Repository, _ told: [UniqueID: Acknowledged], _ when: String) throws {
        let snapshot = try repository.snapshot()
        try require(snapshot.problems.isEmpty, "\(when): problems \(snapshot.problems)")
        for (run, acknowledged) in told {
            for metric in Self.metrics {
                var found: [Double] = []
                let reader = try snapshot.series(Query(metric: metric.name, runs: [RunID(run)]))
                while let chunk = try reader.next() {
                    for i in 0..<chunk.count {
                        try require(chunk.values[i] == Double(chunk.steps[i]), "\(when): wrong value")
                        found.append(chunk.values[i])
                    }
                }
                let safe = acknowledged.points[metric] ?? []
                var allowed = [safe]
                if let pending = acknowledged.pending, pending.metric == metric {
                    allowed.append(safe + [pending.value])
                }
                try require(
                    allowed.contains(found),
                    "\(when): \(found.count) points of \(metric) read, \(safe.count) acknowledged")
            }
        }
    }

    @Test(arguments: [SimulatedTearing.none, .page, .byte]) func killBeforeEveryCall(_ tearing: SimulatedTearing) throws
    {
        let whole = SimulatedFileSystem(seed: 1)
        var all: [UniqueID: Acknowledged] = [:]
        try live(whole, SimulatedHost(seed: 1), &all)
        withEvery("call", in: 1...whole.callCount) { number in
            let machine = SimulatedMachine(seed: 1)
            let fileSystem = SimulatedFileSystem(seed: 1)
            let host = SimulatedHost(machine)
            fileSystem.kill(atCall: number, tearing: tearing)
            var told: [UniqueID: Acknowledged] = [:]
            // A call whose failure is nobody's concern (the removal of a temporary name) ends nothing.
            try? live(fileSystem, host, &told)
            try require(fileSystem.isKilled, "nothing was killed")
            host.die()
            let next = Environment(
                fileSystem: fileSystem.afterKill(), host: SimulatedHost(machine), hasThreads: false)
            let repository = try Repository.openOrCreate(at: Self.path, name: "", next)
            try check(repository, told, "after the kill")
            _ = try Sealer(next, repository.paths).sealDead()
            try check(repository, told, "after sealing")
            _ = try repository.compact()
            try check(repository, told, "after compacting")
            for info in try repository.snapshot().runs {
                let again = try repository.resumeRun(info.id)
                try again.series("c").log(1, step: 1)
                try again.finish()
            }
            try check(repository, told, "after resuming")
        }
    }

    /// A killed run ended when it last showed a sign of life, however much later somebody notices.
    @Test func endsWithItsLastSignOfLife() throws {
        let machine = SimulatedMachine(seed: 4)
        let fileSystem = SimulatedFileSystem(seed: 4)
        let host = SimulatedHost(machine)
        let repository = try Repository.create(
            at: Self.path, name: "", Environment(fileSystem: fileSystem, host: host, hasThreads: false))
        let run = try repository.startRun()
        let begin = machine.wallTime
        machine.advance(5_000_000_000)
        let last = machine.wallTime
        try run.series("a").log(1, step: 1, time: last)
        // A time from elsewhere, which cannot be when it ended.
        try run.series("a").log(1, step: 2, time: last + 1_000_000_000_000_000)
        host.die()
        machine.advance(86_400_000_000_000)
        let next = Environment(fileSystem: fileSystem, host: SimulatedHost(machine), hasThreads: false)
        let again = try Repository.open(Self.path, next)
        _ = try Sealer(next, again.paths).sealDead()
        let info = try #require(try again.snapshot().runs.first)
        #expect(info.status == .killed && info.ended == last, "\(info.ended ?? 0) - \(begin)")
    }

    /// The power fails instead: what a finished tick has seen is there, nothing is there twice, and nothing is wrong.
    @Test func powerFailureBeforeEveryCall() throws {
        let whole = SimulatedFileSystem(seed: 1)
        var all: [UniqueID: Acknowledged] = [:]
        try live(whole, SimulatedHost(seed: 1), &all)
        withEvery("call", in: 1...whole.callCount) { number in
            for seed in 0..<3 as Range<UInt64> {
                let machine = SimulatedMachine(seed: 1)
                let fileSystem = SimulatedFileSystem(seed: seed)
                fileSystem.kill(atCall: number, tearing: .byte)
                var told: [UniqueID: Acknowledged] = [:]
                try? live(fileSystem, SimulatedHost(machine), &told)
                machine.reboot()
                let next = Environment(
                    fileSystem: fileSystem.afterPowerLoss(seed: seed), host: SimulatedHost(machine), hasThreads: false)
                let repository: Repository
                do { repository = try Repository.open(Self.path, next) } catch {
                    try require(told.values.allSatisfy { $0.durable.isEmpty }, "the repository is gone: \(error)")
                    continue
                }
                try checkDurable(repository, told, "seed \(seed), after the power failure")
                _ = try Sealer(next, repository.paths).sealDead()
                try checkDurable(repository, told, "seed \(seed), after sealing")
                _ = try repository.compact()
                try checkDurable(repository, told, "seed \(seed), after compacting")
            }
        }
    }

    private func checkDurable(_ repository: Repository, _ told: [UniqueID: Acknowledged], _ when: String) throws {
        let snapshot = try repository.snapshot()
        for (run, acknowledged) in told {
            for metric in Self.metrics {
                var found: [Double] = []
                let reader = try snapshot.series(Query(metric: metric.name, runs: [RunID(run)]))
                while let chunk = try reader.next() {
                    for i in 0..<chunk.count {
                        try require(chunk.values[i] == Double(chunk.steps[i]), "\(when): wrong value")
                        found.append(chunk.values[i])
                    }
                }
                var logged = acknowledged.points[metric] ?? []
                if let pending = acknowledged.pending, pending.metric == metric { logged.append(pending.value) }
                let durable = acknowledged.points[metric]?.prefix(acknowledged.durable[metric] ?? 0) ?? []
                try require(
                    found == found.sorted() && Set(found).count == found.count, "\(when): twice, or out of order")
                try require(Set(found).isSubset(of: logged), "\(when): a point that nobody logged")
                try require(
                    Set(durable).isSubset(of: found),
                    "\(when): \(Set(durable).subtracting(found).count) of \(durable.count) durable points of \(metric) are lost"
                )
            }
        }
    }

    /// Sealing and the compaction of what was sealed are killed before each of their calls.
    @Test func killOfTheSealer() throws {
        func prepare() throws -> (SimulatedMachine, SimulatedFileSystem, [UniqueID: Acknowledged]) {
            let machine = SimulatedMachine(seed: 2)
            let fileSystem = SimulatedFileSystem(seed: 2)
            let host = SimulatedHost(machine)
            let environment = Environment(fileSystem: fileSystem, host: host, hasThreads: false)
            let repository = try Repository.create(at: Self.path, name: "", environment)
            var told: [UniqueID: Acknowledged] = [:]
            var options = RunOptions()
            options.journalBytes = 64 << 10
            for _ in 0..<2 { try log(try repository.startRun(options: options), 100, fileSystem, &told) }
            host.die()
            return (machine, fileSystem, told)
        }
        func seal(_ machine: SimulatedMachine, _ fileSystem: SimulatedFileSystem) throws -> Repository {
            let environment = Environment(
                fileSystem: fileSystem, host: SimulatedHost(machine), hasThreads: false)
            let repository = try Repository.open(Self.path, environment)
            _ = try repository.compact()
            return repository
        }
        let (machine, whole, _) = try prepare()
        let before = whole.callCount
        _ = try seal(machine, whole)
        withEvery("call", in: (before + 1)...whole.callCount) { number in
            let (machine, fileSystem, told) = try prepare()
            fileSystem.kill(atCall: number, tearing: .byte)
            _ = try? seal(machine, fileSystem)
            let repository = try seal(machine, fileSystem.afterKill())
            try check(repository, told, "after the second sealer")
        }
    }
}
