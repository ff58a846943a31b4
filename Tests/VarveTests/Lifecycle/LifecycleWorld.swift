import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// A simulated machine with a repository of several small runs: finished, resumed with a rewind, forked, sealed after a death,
/// sealed by its own writer, edited from outside, with an artifact.
struct LifecycleWorld {
    let machine: SimulatedMachine
    var fileSystem: SimulatedFileSystem
    let runs: [RunID]

    static let path = "/repo"

    var environment: Environment {
        Environment(fileSystem: fileSystem, host: SimulatedHost(machine), hasThreads: false)
    }

    func repository(_ path: String = Self.path) throws -> Repository { try Repository.open(path, environment) }

    init(seed: UInt64, compacted: Bool = false) throws {
        machine = SimulatedMachine(seed: seed)
        fileSystem = SimulatedFileSystem(seed: seed)
        fileSystem.setTime(machine.wallTime)
        var runs: [RunID] = []
        let environment = Environment(fileSystem: fileSystem, host: SimulatedHost(machine), hasThreads: false)
        let repository = try Repository.create(at: Self.path, name: "life", environment)
        for i in 0..<3 {
            let run = try repository.startRun(
                name: "run \(i)", params: ["lr": .double(Double(i))], tags: ["old"], options: Self.options)
            try Self.log(run, 0..<(40 + i))
            try run.finish()
            runs.append(run.id)
        }
        let resumed = try repository.resumeRun(runs[1], from: 30, options: Self.options)
        try Self.log(resumed, 30..<60)
        try resumed.finish()
        var forking = Self.options
        forking.forkOf = RunOptions.Fork(run: runs[1], step: 20)
        let fork = try repository.startRun(name: "fork", options: forking)
        try Self.log(fork, 20..<25)
        try fork.fail()
        runs.append(fork.id)

        // Its process is gone; its newest points are in its journal.
        let other = SimulatedHost(machine)
        let doomed = Environment(fileSystem: fileSystem, host: other, hasThreads: false)
        let dying = try Repository.open(Self.path, doomed).startRun(name: "killed", options: Self.options)
        try Self.log(dying, 0..<50)
        runs.append(dying.id)
        other.die()
        let file = try fileSystem.open("/weights", .createNew)
        try file.write([UInt8](repeating: 7, count: 5_000), at: 0)
        file.close()
        let last = try repository.startRun(name: "last", options: Self.options)
        try Self.log(last, 0..<10)
        // A sync fails: its writer gives the file up, and repeats it in a seal.
        fileSystem.fail(.io, times: 1) { $0.kind == .sync }
        try? last.flush()
        try Self.log(last, 10..<12)
        try last.text("a line", step: 3)
        try last.addArtifact("/weights", name: "weights.bin", step: 5)
        try last.log(confusionMatrix: ConfusionMatrix(labels: ["a", "b"], counts: [[3, 1], [0, 4]]), step: 5)
        try last.finish()
        runs.append(last.id)
        try repository.set(["tags.edited": true, "note": "all of them"], of: runs)
        try repository.set(["note": "this one"], of: [runs[2]])
        if compacted { _ = try repository.compact() }
        self.runs = runs
    }

    /// Time passes, for files too.
    func advance(_ nanoseconds: Int64) {
        machine.advance(nanoseconds)
        fileSystem.setTime(machine.wallTime)
    }

    static var options: RunOptions {
        var options = RunOptions()
        options.compaction = .never
        options.journalBytes = 64 << 10
        return options
    }

    static func log(_ run: Run, _ steps: Range<Int>) throws {
        let (loss, accuracy) = (try run.series("loss"), try run.series("acc", context: ["subset": "val"]))
        for step in steps {
            loss.log(1 / Double(step + 1), step: step, time: Int64(step) * 1_000)
            if step % 3 == 0 { accuracy.log(Double(step), step: step, time: Int64(step) * 1_000 + 7) }
        }
    }

    /// What a repository says of some runs, artifacts by their content alone.
    func reading(_ path: String = Self.path, of runs: [RunID]? = nil) throws -> [String] {
        let wanted = Set(runs ?? self.runs)
        let reading = try RepositoryReading(repository(path))
        try require(reading.problems.isEmpty, "\(reading.problems)")
        var lines: [String] = []
        for (view, series) in reading.points {
            for (key, points) in series where wanted.contains(key.run) {
                let text = points.map { "\($0.step) \($0.time) \($0.value)" }.joined(separator: ",")
                lines.append("\(view) \(key.run) \(key.metric): \(text)")
            }
        }
        for (run, properties) in reading.properties where wanted.contains(run) {
            lines += properties.map { "\(run) \($0.key) = \($0.value)" }
        }
        for (run, text) in reading.text where wanted.contains(run) { lines += text.map { "\(run) \($0)" } }
        for (run, records) in reading.records where wanted.contains(run) { lines += records.map { "\(run) \($0)" } }
        for (run, artifacts) in reading.artifacts where wanted.contains(run) {
            lines += artifacts.map { "\(run) \($0.name) \($0.sha256) \($0.step ?? -1)" }
        }
        return lines.sorted()
    }

    func names(_ folder: String = "logs") throws -> [String] {
        try fileSystem.list(Paths.join(Self.path, folder)).sorted()
    }

    /// Whether the last frame of a log file is whole, and the zeros that fill it up are not there.
    func lacksPadding(_ name: String) throws -> Bool {
        let file = try fileSystem.open(Paths.join(Self.path, "logs/\(name)"), .read)
        defer { file.close() }
        let place = try #require(LogName(name))
        let section = try #require(LogScanner.scan(file, name: place, zstd: Zstd()).last)
        return section.baseOffset + section.endOffset > (try file.size())
    }

    /// Does something that is killed at each of its calls once, then again, in a process of its own; `check` looks at both.
    func killedAtEveryCall(
        _ work: (Repository) throws -> Void, _ check: (LifecycleWorld, _ isDone: Bool) throws -> Void
    ) throws {
        // What a power failure may take is what this work has not made durable.
        for path in fileSystem.paths() {
            if try fileSystem.status(path)?.kind == .directory {
                try fileSystem.syncDirectory(path)
            } else {
                let file = try fileSystem.open(path, .update)
                try file.sync()
                file.close()
            }
        }
        var rehearsal = self
        rehearsal.fileSystem = fileSystem.snapshot()
        let before = rehearsal.fileSystem.callCount
        try work(rehearsal.repository())
        try check(rehearsal, true)
        let calls = rehearsal.fileSystem.callCount - before
        withEvery("call", in: 1...calls) { call in
            var world = self
            let doomed = fileSystem.snapshot()
            doomed.kill(atCall: doomed.callCount + call, tearing: .byte)
            world.fileSystem = doomed
            do { try work(world.repository()) } catch {}
            world.fileSystem = call % 2 == 0 ? doomed.afterKill() : doomed.afterPowerLoss(seed: UInt64(call))
            try check(world, false)
            do { try work(world.repository()) } catch let error as VarveError where error.code == .notFound {
                // All was done, but for the word of it.
            }
            try check(world, true)
        }
    }
}
