import VarveFiles
import VarveFormat

/// What a removal did.
public struct RemovalReport: Hashable, Sendable {
    /// The runs that are gone.
    public var removed: [RunID] = []
    /// Files moved to the trash.
    public var files = 0
    /// Their bytes.
    public var bytes = 0
    /// Runs that inherit the history of a removed one: they open, marked that it is missing.
    public var dependents: [RunID] = []
    /// Nothing was done.
    public init() {}
}

extension Repository {
    /// Moves the files of runs to `trash/<UTC seconds>/`, where no query looks. Repeating an interrupted removal
    /// finishes it.
    ///
    /// The index frees their space at its next merge. Properties that were set for several runs at once stay where they
    /// are; without their run they say nothing.
    /// - Throws: `notFound` if one of the runs isn't there; `state` if one is alive, or can't be known to be dead. Then
    ///   nothing is moved.
    public func remove(_ runs: [RunID]) throws(VarveError) -> RemovalReport {
        try demandNoBundle()
        let fileSystem = environment.fileSystem
        let wanted = Set(runs.map(\.id))
        _ = try Sealer(environment, paths).sealDead(of: wanted)
        let named = try namesInLogs(of: wanted)
        // Interrupted, a later attempt is left rather than what it took back.
        let files = named.values.flatMap { $0 }.sorted { ($0.n ?? 0) < ($1.n ?? 0) }.map { "\($0)" }
        // In packs together with others.
        let packed = try packedRuns().intersection(wanted)
        // What an interrupted removal has moved already is no reason to refuse the rest.
        let gone = files.isEmpty ? [] : Set(try RunFiles.allNames(paths, fileSystem).compactMap { LogName($0)?.run })
        for run in runs {
            let mine = named[run.id] ?? []
            if mine.isEmpty, gone.contains(run.id) || packed.contains(run.id) { continue }
            guard !mine.isEmpty else {
                throw VarveError(.notFound, "no run \(run)", file: paths.logs, remedy: "`varve runs` lists them")
            }
            try demandDead(run, mine)
        }
        let content = try SnapshotContent(environment, paths, repository: id)
        var report = RemovalReport()
        report.dependents = content.forkedRuns.filter { run in
            !wanted.contains(run)
                && content.files(of: run).contains { wanted.contains($0.begin.fork?.run ?? .zero) }
        }.map { RunID($0) }
        let folder = try freeFolder(for: wanted)
        do throws(FileError) {
            try fileSystem.makeDirectory(paths.trash)
            try fileSystem.makeDirectory(folder)
            // Before anything stands in it: a power failure must not take the folder with what was moved there.
            try fileSystem.syncDirectory(paths.root)
            try fileSystem.syncDirectory(paths.trash)
            for name in files {
                let path = Paths.join(paths.logs, name)
                report.bytes += try fileSystem.status(path)?.size ?? 0
                try fileSystem.rename(path, Paths.join(folder, name))
                report.files += 1
            }
            try fileSystem.syncDirectory(folder)
            try fileSystem.syncDirectory(paths.logs)
        } catch {
            throw VarveError(error)
        }
        if !packed.isEmpty {
            let moved = try unpack(packed, to: folder)
            report.files += moved.files
            report.bytes += moved.bytes
        }
        report.removed = runs
        return report
    }

    /// The folder of this second, or of a later one: one that has nothing of these runs yet. What was removed, came back and is
    /// removed again must not replace what the first removal left.
    private func freeFolder(for runs: Set<UniqueID>) throws(VarveError) -> String {
        let fileSystem = environment.fileSystem
        var second = environment.host.wallTime() / 1_000_000_000
        while true {
            let folder = Paths.join(paths.trash, String(second))
            let names = try filesystem { () throws(FileError) in
                try fileSystem.status(folder) == nil ? [] : try fileSystem.list(folder)
            }
            guard names.contains(where: { LogName($0)?.run.map(runs.contains) ?? false }) else { return folder }
            second += 1
        }
    }

    /// The names that stand in `logs/` for each of these runs.
    func namesInLogs(of runs: Set<UniqueID>) throws(VarveError) -> [UniqueID: [LogName]] {
        let fileSystem = environment.fileSystem
        var found: [UniqueID: [LogName]] = [:]
        for text in try filesystem({ () throws(FileError) in try fileSystem.list(paths.logs) }) {
            guard let name = LogName(text), let run = name.run, runs.contains(run) else { continue }
            found[run, default: []].append(name)
        }
        return found
    }

    /// - Parameter names: those of the run in `logs/`.
    /// - Throws: `state` if the run is alive, or can't be known to be dead.
    func demandDead(_ run: RunID, _ names: [LogName]) throws(VarveError) {
        for name in names {
            guard case .journal = name else { continue }
            guard let journal = try JournalReader(paths.log(name), name: name, environment.fileSystem) else { continue }
            defer { journal.close() }
            switch Liveness.judge(journal, environment.host) {
            case .dead: continue
            case .alive:
                throw VarveError(
                    .state, "run \(run) is being written by process \(journal.header.pid) on \(journal.header.host)",
                    file: paths.log(name), remedy: "stop it first")
            case .unknown:
                throw VarveError(
                    .state, "run \(run) may be being written on \(journal.header.host), which can't be seen from here",
                    file: paths.log(name),
                    remedy: "remove it there, or wait until its heartbeat has stood still for ten minutes")
            }
        }
    }
}
