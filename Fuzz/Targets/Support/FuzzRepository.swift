import Varve
import VarveFiles
import VarveFormat

/// A small repository in memory, of which an input replaces one file: everything that anybody does with a repository is
/// then done with it.
struct FuzzRepository {
    static let path = "/r"
    let fileSystem: SimulatedFileSystem
    private let machine: SimulatedMachine
    let log: String
    let run: UniqueID

    /// - Parameter points: of each of its two series.
    init(points: Int = 20) throws {
        let machine = SimulatedMachine(seed: 5)
        let fileSystem = SimulatedFileSystem(seed: 5)
        fileSystem.setWriteBack(0)
        let host = SimulatedHost(machine)
        let repository = try Repository.create(
            at: Self.path, name: "", Environment(fileSystem: fileSystem, host: host, hasThreads: false))
        var options = RunOptions()
        options.compaction = .never
        options.sync = .none
        options.clock = .system
        options.journalBytes = 64 << 10
        let run = try repository.startRun(name: "first", params: ["lr": 0.1], options: options)
        let series = try [run.series("loss", context: ["subset": "val"]), run.series("é")]
        for step in 0..<points {
            for (index, one) in series.enumerated() {
                one.log(Double(step * 2 + index) / 8, step: step, time: Int64(step) * 1_000)
            }
            if step == points / 2 { try run.drain() }
        }
        try run.text("a line", step: 1, time: 1)
        let matrix = try ConfusionMatrix(labels: ["a", "b"], counts: [[3, 1], [0, 4]])
        try run.log(confusionMatrix: matrix, step: 1, time: 1)
        try run.series("counted").log(3)
        try run.finish()
        host.die()
        self.machine = machine
        self.fileSystem = fileSystem.afterKill()
        self.fileSystem.setWriteBack(0)
        self.run = run.id.id
        let logs = Paths.join(Self.path, "logs")
        for name in try self.fileSystem.list(logs) where name.hasPrefix("spare-") {
            try self.fileSystem.unlink(Paths.join(logs, name))
        }
        log = Paths.join(logs, "\(LogName.log(run: self.run, n: 1))")
    }

    var directory: String { Self.path }

    /// The bytes of the log file.
    var logBytes: [UInt8] { fileSystem.content(log) ?? [] }

    /// The index that a compaction makes, brought back into this repository: its manifest's and its segment's paths.
    func compacted() throws -> (manifest: String, segment: String) {
        _ = try open(fileSystem).compact()
        let index = Paths.join(Self.path, "index")
        let names = try fileSystem.list(index)
        guard let manifest = names.first(where: { $0.hasSuffix(".manifest") }),
            let segment = names.first(where: { $0.hasSuffix(".vseg") })
        else { throw Broken(description: "no index among \(names)") }
        return (Paths.join(index, manifest), Paths.join(index, segment))
    }

    /// A process's view of a copy of the repository.
    func open(_ copy: SimulatedFileSystem) throws -> Repository {
        try Repository.open(
            Self.path, Environment(fileSystem: copy, host: SimulatedHost(machine), hasThreads: false))
    }

    /// A copy in which files are others.
    func copy(with files: [String: [UInt8]]) throws -> SimulatedFileSystem {
        let copy = fileSystem.snapshot()
        copy.setWriteBack(0)
        for (path, bytes) in files.sorted(by: { $0.key < $1.key }) {
            if !copy.replace(path, with: bytes) {
                let file = try copy.open(path, .createNew)
                defer { file.close() }
                try file.write(bytes, at: 0)
            }
        }
        return copy
    }

    /// Reads everything, verifies, compacts, and reads again; then goes on with each run, compacts and reads again.
    ///
    /// - Parameters:
    ///   - isTrue: whether the index, if there is one, says what the logs say. Then what is read through the index must be
    ///     what was read from the logs.
    ///   - goesOn: whether runs are gone on with, which takes as long again.
    func use(_ copy: SimulatedFileSystem, isTrue: Bool, goesOn: Bool) throws {
        let repository = try open(copy)
        let first = try attempt { try RepositoryContent(repository) }
        _ = try attempt { try repository.verify(deep: true) }
        let compaction = try attempt { try repository.compact() }
        let second = try attempt { try RepositoryContent(repository) }
        if isTrue, let first, let second, compaction != nil {
            try demand(first.points == second.points, "logs and index differ: \(first.difference(second))")
            let report = try attempt { try repository.verify(deep: true) }
            let wrong = report?.problems.first { $0.message.hasPrefix("index and logs") }
            try demand(wrong == nil, "verify: \(wrong.map { "\($0)" } ?? "")")
        }
        guard goesOn else { return }
        _ = try attempt {
            for run in try repository.snapshot().runs {
                try repository.set(["note": "after"], of: [run.id])
                var options = RunOptions()
                options.compaction = .never
                options.journalBytes = 64 << 10
                let again = try repository.resumeRun(run.id, from: 1, options: options)
                try again.series("counted").log(1)
                try again.finish()
            }
        }
        _ = try attempt { try repository.compact() }
        _ = try attempt { try RepositoryContent(repository) }
    }

    /// The repository with what a repair makes of its log in the log's place; nil if there is nothing to mend.
    func salvaged(_ copy: SimulatedFileSystem) throws -> SimulatedFileSystem? {
        copy.setWriteBack(0)
        let report = try attempt { try open(copy).repair() }
        guard let written = report?.written.first(where: { $0.source == log }) else { return nil }
        try copy.unlink(log)
        try copy.rename(written.file, log)
        return copy
    }

    /// What `body` gives; nil if it throws Varve's own error, which is what hostile files may cause.
    private func attempt<Result>(_ body: () throws -> Result) throws -> Result? {
        do { return try body() } catch is VarveError { return nil }
    }
}
