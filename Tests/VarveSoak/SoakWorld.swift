import Varve
import VarveFiles

/// A machine on which three processes write, read and compact one repository while everything that can fail does.
///
/// One seed gives one history. Calls come in one order: what threads do to one another is for the sanitizers.
package final class SoakWorld {
    static let path = "/repo"
    static let metrics = ["loss", "accuracy", "grad"]
    private let machine: SimulatedMachine
    private(set) var fileSystem: SimulatedFileSystem
    private var processes: [Process?] = [nil, nil, nil]
    var oracle = SoakOracle()
    var writers: [Writer] = []
    private var writerCount = 0
    /// That of the next writer.
    var writerNumber: Int { writerCount }
    /// Points of batches of which some were dropped: nobody knows which.
    var partlyDropped: Set<Int> = []
    private(set) var runs: [RunID] = []
    /// No fault is ordered.
    private(set) var isCalm = true
    /// The power has failed: a run that nobody had made durable may be gone.
    private var hasLostPower = false
    /// A write was torn, or the power has failed: damage at the end of a file is no surprise from then on. (What a torn write
    /// leaves is wiped by the next one, unless that is torn, too, or never comes.)
    private var mayBeTorn = false
    private var hasFailedSync = false
    /// A removal or a return didn't come to its end, as far as anybody knows.
    var hasCutRemoval = false
    /// Runs of which the trash has something, and those that were moved to the other repository.
    var trashed: [RunID] = []
    var movedAway: [RunID] = []
    private var deathBrings = Death.kill
    /// As long as nothing disturbs it.
    private var tail: SoakTail?

    private enum Death { case kill, powerLoss(UInt64) }

    struct Process {
        var host: SimulatedHost
        var repository: Repository
    }

    struct Writer {
        var process: Int
        var number: Int
        var id: RunID
        var run: Run
        var attempt: Int { run.attempt }
        /// Without a journal a point is safe once it was flushed.
        var isBuffered: Bool
    }

    package init(seed: UInt64) throws {
        machine = SimulatedMachine(seed: seed)
        fileSystem = SimulatedFileSystem(seed: seed)
        _ = try Repository.create(
            at: Self.path, name: "",
            Environment(fileSystem: fileSystem, host: SimulatedHost(machine), hasThreads: false))
    }

    /// Lives through a history, and looks at what is left.
    package func live(_ steps: [SoakStep]) throws {
        for step in steps {
            machine.advance(Int64(step.c % 2_000) * 1_000_000)
            fileSystem.setTime(machine.wallTime)
            try take(step)
            if fileSystem.isKilled { try rise() }
        }
        try end()
    }

    // MARK: Processes

    /// The process of that number; another one if it has died.
    func process(_ number: Int) throws -> (number: Int, repository: Repository) {
        let number = number % processes.count
        if let process = processes[number] { return (number, process.repository) }
        let host = SimulatedHost(machine)
        let environment = Environment(fileSystem: fileSystem, host: host, hasThreads: false)
        let process = Process(host: host, repository: try Repository.open(Self.path, environment))
        processes[number] = process
        return (number, process.repository)
    }

    private func die(_ number: Int) {
        tail = nil
        processes[number]?.host.die()
        processes[number] = nil
        writers.removeAll { $0.process == number }
    }

    private func killAll() {
        tail = nil
        for number in processes.indices { die(number) }
    }

    /// What a call that killed, or cut the power, leaves.
    private func rise() throws {
        killAll()
        switch deathBrings {
        case .kill: fileSystem = fileSystem.afterKill()
        case .powerLoss(let seed):
            machine.reboot()
            fileSystem = fileSystem.afterPowerLoss(seed: seed)
            fileSystem.setCapacity(nil)
            oracle.losePower()
            hasLostPower = true
            mayBeTorn = true
        }
        deathBrings = .kill
        isCalm = true
        fileSystem.setCapacity(nil)
        try read(process(0).repository)
    }

    // MARK: What happens

    private func take(_ step: SoakStep) throws {
        let ordinary: (any Error) -> Bool = { $0 is VarveError }
        do {
            switch step.kind {
            case .start, .join, .resume, .rewind, .log, .logMany, .logRow, .text, .record, .property, .tick, .flush,
                .finish:
                try write(step)
            case .edit: try edit(step)
            case .remove, .restore, .pack, .copyRun, .moveRun, .bringBack: try move(step)
            case .tail: try follow(step)
            case .compact:
                var options = CompactionOptions()
                options.mergeWidth = [2, 3, 8][step.b % 3]
                options.buildPoints = [200, 4_000_000][step.c % 2]
                _ = try process(step.a).repository.compact(options)
            case .read: try read(process(step.a).repository)
            case .backup: try readCopy(step)
            case .deleteIndex: deleteIndex()
            case .verify: try verify(process(step.a).repository)
            case .killProcess: die(step.a % processes.count)
            case .killAll: killAll()
            case .killInCall: kill(after: step, .kill)
            case .powerLoss:
                deathBrings = .powerLoss(UInt64(step.a))
                _ = fileSystem.afterKill()
            case .powerLossInCall: kill(after: step, .powerLoss(UInt64(step.c)))
            default: disturb(step)
            }
        } catch  where ordinary(error) {
            // What fails for no reason is a finding; under faults a call may say so.
            if isCalm, !fileSystem.isKilled, !isOfALostRun(error), !isOfAnEarlierSync(error) {
                throw SoakFailure("\(step) failed: \(error)")
            }
        }
    }

    /// A power failure may take a run that nobody had made durable; and a removal that was killed may have taken all of it.
    private func isOfALostRun(_ error: any Error) -> Bool {
        (hasLostPower || hasCutRemoval) && (error as? VarveError)?.code == .notFound
    }

    /// A descriptor is told late of a sync that failed in somebody else's hands.
    private func isOfAnEarlierSync(_ error: any Error) -> Bool {
        hasFailedSync && (error as? VarveError)?.message.hasPrefix("fdatasync") == true
    }

    private func kill(after step: SoakStep, _ death: Death) {
        tail = nil
        deathBrings = death
        isCalm = false
        let tearing: [SimulatedTearing] = [.none, .page, .byte]
        fileSystem.kill(atCall: fileSystem.callCount + 1 + step.a % 40, tearing: tearing[step.b % 3])
    }

    private func disturb(_ step: SoakStep) {
        isCalm = false
        tail = nil
        if step.kind == .tornWrite || step.kind == .diskFull { mayBeTorn = true }
        let first = fileSystem.callCount + step.b % 20
        switch step.kind {
        case .failCalls:
            let codes: [FileError.Code] = [
                .io, .noSpace, .tooManyOpenFiles, .accessDenied, .quota, .interrupted, .fileTooLarge,
            ]
            let code = codes[step.a % codes.count]
            fileSystem.fail(code, times: 1 + step.c % 3) {
                $0.number > first && $0.kind != .syncRegion && $0.kind != .sync
            }
        case .failSync:
            hasFailedSync = true
            let kind: SimulatedCall.Kind = step.a % 2 == 0 ? .sync : .syncRegion
            fileSystem.fail(.io, times: 1) { $0.number > first && $0.kind == kind }
        case .tornWrite:
            fileSystem.fail(.io, times: 1 + step.a % 2, tearing: .byte) { $0.number > first && $0.kind == .write }
        case .diskFull: fileSystem.limitWrites(toBytes: step.a % 20_000)
        default:
            fileSystem.clearFaults()
            fileSystem.setWriteBack([0, 0.125, 0.5][step.a % 3])
            deathBrings = .kill
            isCalm = true
        }
    }

    // MARK: Writing

    func newWriter(_ process: Int, _ id: RunID, _ run: Run, isBuffered: Bool) {
        writers.append(Writer(process: process, number: writerCount, id: id, run: run, isBuffered: isBuffered))
        writerCount += 1
    }

    func forgetRun(_ id: RunID) { runs.removeAll { $0 == id } }

    func noteRun(_ id: RunID) { if !runs.contains(id) { runs.append(id) } }

    func closeWriter(at index: Int) { writers.remove(at: index) }

    /// Sets a property of runs from outside, whether they are open or over.
    private func edit(_ step: SoakStep) throws {
        guard !runs.isEmpty else { return }
        let chosen = Set([step.b, step.c].map { runs[$0 % runs.count] }.prefix(1 + step.a % 2)).sorted()
        let repository = try process(step.a).repository
        // Of several runs the value is one: that of a key which is set at the same time for all of them.
        let key = "edit.\(chosen.count)-\(step.b)"
        let values = chosen.map { oracle.properties.begin($0, key, writer: nil) }
        guard Set(values).count == 1, let value = values.first else { return }
        try repository.set([key: .int(Int64(value))], of: chosen)
        guard !fileSystem.isKilled else { return }
        for run in chosen { oracle.properties.settle(run, key, value) }
    }

    /// Lets the tail see what there is.
    func pollTail() throws {
        // As long as it takes to look for new files.
        machine.advance(250_000_000)
        try tail?.poll(oracle)
    }

    private func follow(_ step: SoakStep) throws {
        guard isCalm, !hasFailedSync else { return }
        if tail != nil { return try pollTail() }
        tail = try SoakTail(process(step.a).repository, oracle)
    }

    // MARK: Reading

    /// Everything in a repository, or all of one run in it, held against the oracle.
    func read(_ repository: Repository, of run: RunID? = nil) throws {
        let snapshot = try repository.snapshot()
        if isCalm, !mayBeTorn, !snapshot.problems.isEmpty { throw SoakFailure("problems: \(snapshot.problems)") }
        var all = Query(view: .all)
        var standard = Query()
        if let run { (all.runs, standard.runs) = ([run], [run]) }
        var reading = SoakOracle.Reading()
        let reader = try snapshot.series(all)
        while let chunk = try reader.next() {
            for i in 0..<chunk.count {
                reading.points.append((chunk.run, chunk.metric.name, chunk.steps[i], chunk.times[i], chunk.values[i]))
            }
        }
        var shown: Set<Int> = []
        let shownReader = try snapshot.series(standard)
        while let chunk = try shownReader.next() {
            for i in 0..<chunk.count { shown.insert(Int(exactly: chunk.values[i]) ?? -1) }
        }
        for id in snapshot.runIDs where run == nil || id == run {
            reading.lines += try snapshot.text(of: id).map { (id, $0.text) }
            reading.records += try snapshot.records(of: id).map { (id, $0) }
        }
        // What couldn't be read under a fault is no loss.
        guard snapshot.problems.isEmpty || isCalm else { return }
        try oracle.compare(reading, of: run)
        try oracle.compareStandard(shown, all: Set(reading.points.compactMap { Int(exactly: $0.value) }))
        for info in snapshot.runs where run == nil || info.id == run {
            try oracle.properties.compare(info, isCopy: run != nil)
        }
    }

    /// A backup, and a copy of everything at one instant, say the same as the repository.
    private func readCopy(_ step: SoakStep) throws {
        let process = try process(step.a)
        if step.b % 2 == 0 {
            let to = "/copy-\(step.c)-\(fileSystem.callCount)"
            _ = try process.repository.backup(to: to)
            let environment = Environment(fileSystem: fileSystem, host: SimulatedHost(machine), hasThreads: false)
            try read(try Repository.open(to, environment))
        } else {
            let copy = fileSystem.snapshot()
            let environment = Environment(fileSystem: copy, host: SimulatedHost(machine), hasThreads: false)
            try read(try Repository.open(Self.path, environment))
        }
    }

    func verify(_ repository: Repository) throws {
        let problems = try repository.verify(deep: true).problems
        guard isCalm, !problems.isEmpty else { return }
        if mayBeTorn,
            !problems.contains(where: { $0.message.hasPrefix("index") || $0.message.hasPrefix("the index") })
        {
            return
        }
        throw SoakFailure("verify: \(problems)")
    }

    private func deleteIndex() {
        for path in fileSystem.paths() where path.hasPrefix("\(Self.path)/index/") { try? fileSystem.unlink(path) }
        // What was copied into the index from a log before the power took it from there was in the index only.
        if hasLostPower { oracle.losePower() }
    }

    /// Everybody dies; the next process reads, compacts, and reads; without the index it is the same.
    private func end() throws {
        fileSystem.clearFaults()
        isCalm = true
        killAll()
        let repository = try process(0).repository
        try read(repository)
        _ = try repository.compact()
        try read(repository)
        try verify(repository)
        deleteIndex()
        try read(repository)
        guard !movedAway.isEmpty else { return }
        let other = try otherRepository(0)
        try verify(other)
        // One that is on its way back may have more here.
        for run in movedAway where !runs.contains(run) {
            oracle.beginReturn(run)
            oracle.endReturn(run)
            try read(other, of: run)
        }
    }
}
