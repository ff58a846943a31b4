import VarveFiles
import VarveFormat

extension Repository {
    /// Copies runs into another repository: their log files byte for byte, the artifacts that these name, and what was set for
    /// them from outside. Nothing in the source changes, but that journals of dead writers are sealed.
    ///
    /// A run that is there already is told and left; one of which a file is there with other bytes is refused, whole: nothing of it
    /// is copied. Repeating an interrupted copy finishes it; `progress` interrupts it between two files by an error of its own.
    /// - Throws: `notFound` if one of the runs isn't here; `invalid` if both are the same repository; `noRoom` or `system`: what was
    ///   copied by then stays; and what `progress` throws.
    public func copy(
        _ runs: [RunID], to other: Repository, progress: (Progress) throws(VarveError) -> Void = { _ in }
    ) throws(VarveError) -> TransferReport {
        var transfer = try Transfer(runs, from: self, to: other)
        return try transfer.run(progress)
    }

    /// Copies runs into another repository, then moves them to this one's trash. What was refused stays.
    ///
    /// - Throws: as ``copy(_:to:progress:)`` and ``remove(_:)``.
    public func move(
        _ runs: [RunID], to other: Repository, progress: (Progress) throws(VarveError) -> Void = { _ in }
    ) throws(VarveError) -> TransferReport {
        let report = try copy(runs, to: other, progress: progress)
        _ = try remove(report.copied + report.present)
        return report
    }
}

/// A copy under way.
private struct Transfer {
    private let source: Repository
    private let target: Repository
    private let runs: [RunID]
    private let parts: LogParts
    /// The runs' parts, and their names in the source.
    private let partsByRun: [UniqueID: [LogPart]]
    private let names: [UniqueID: [LogName]]
    private let there: LogParts
    /// What stands in the target, by identity and by the name in a file of its own.
    private var byIdentity: [LogIdentity: LogPart] = [:]
    private var byName: [LogName: LogPart] = [:]
    private var report = TransferReport()
    private var interruption: VarveError?

    init(_ runs: [RunID], from source: Repository, to target: Repository) throws(VarveError) {
        self.source = source
        self.target = target
        var seen: Set<RunID> = []
        self.runs = runs.filter { seen.insert($0).inserted }
        let (here, other) = try filesystem { () throws(FileError) in
            (
                try source.environment.fileSystem.status(source.paths.logs),
                try target.environment.fileSystem.status(target.paths.logs)
            )
        }
        guard here?.inode != other?.inode || here?.device != other?.device else {
            throw VarveError(.invalid, "source and target are the same repository", file: target.path)
        }
        let wanted = Set(runs.map(\.id))
        _ = try Sealer(source.environment, source.paths).sealDead(of: wanted)
        names = try source.namesInLogs(of: wanted)
        parts = try LogParts(of: wanted, source.environment, source.paths)
        partsByRun = Dictionary(grouping: parts.parts, by: \.begin.run)
        there = try LogParts(of: wanted, target.environment, target.paths)
        for run in runs where !parts.runs.contains(run.id) {
            throw VarveError(
                .notFound, "no run \(run)", file: source.paths.logs, remedy: "`varve runs` lists them")
        }
        for part in there.parts {
            if let known = byIdentity[part.begin.identity], known.range.count >= part.range.count { continue }
            byIdentity[part.begin.identity] = part
            byName[part.name] = part
        }
    }

    mutating func run(_ progress: (Progress) throws(VarveError) -> Void) throws(VarveError) -> TransferReport {
        let total = parts.parts.reduce(0) { $0 + $1.range.count }
        var accepted: Set<UniqueID> = []
        for run in runs {
            do throws(VarveError) {
                let isCopied = try copy(run) { bytes throws(VarveError) in
                    try progress(Progress(unit: "bytes", done: min(bytes, total), total: total))
                }
                if isCopied {
                    report.copied.append(run)
                } else {
                    report.present.append(run)
                }
                accepted.insert(run.id)
            } catch
                where interruption == nil
                && (error.code == .exists || error.code == .state || error.code == .damaged)
            {
                report.refused.append(TransferReport.Refused(run: run, error: error))
            }
        }
        try copyEdits(of: accepted)
        return report
    }

    /// Whether anything of the run was copied; false: it is there whole.
    private mutating func copy(
        _ run: RunID, _ progress: (Int) throws(VarveError) -> Void
    ) throws(VarveError) -> Bool {
        try source.demandDead(run, names[run.id] ?? [])
        var seen: Set<LogIdentity> = []
        // A file may stand in two places, and counts once: the longer one.
        let mine = (partsByRun[run.id] ?? []).sorted { $0.range.count > $1.range.count }
            .filter { seen.insert($0.begin.identity).inserted }.sorted(by: LogPart.precedes)
        var missing: [LogPart] = []
        for part in mine {
            if let known = byIdentity[part.begin.identity] ?? byName[part.name] {
                try demandSame(part, known)
            } else {
                missing.append(part)
            }
        }
        guard !missing.isEmpty else { return false }
        // Artifacts first: no log names one that isn't there.
        try copyArtifacts(of: mine)
        let target = target
        let fileSystem = target.environment.fileSystem
        // Interrupted, a later attempt is there rather than what it took back.
        for part in missing.reversed() {
            let path = target.paths.log(part.name)
            let isOurs = try withFile(of: part) { file throws(FileError) in
                try fileSystem.publish(
                    path, from: Paths.temporary(for: path, tag: target.environment.host.random())
                ) { copy throws(FileError) in try file.copy(part.range, to: copy, at: 0) }
            }
            guard isOurs else {
                throw VarveError(.exists, "another process has made this file meanwhile", file: path)
            }
            report.files += 1
            report.bytes += part.range.count
            do throws(VarveError) { try progress(report.bytes) } catch {
                interruption = error
                throw error
            }
        }
        return true
    }

    private func withFile<R>(
        of part: LogPart, _ body: (any OpenFile) throws(FileError) -> R
    ) throws(VarveError) -> R {
        do throws(FileError) {
            let file = try source.environment.fileSystem.open(source.paths.log(part.place), .read)
            defer { file.close() }
            return try body(file)
        } catch {
            throw VarveError(error)
        }
    }

    /// The target has all bytes of a part.
    private func demandSame(_ part: LogPart, _ known: LogPart) throws(VarveError) {
        let path = target.paths.log(known.place)
        let isSame = try withFile(of: part) { file throws(FileError) -> Bool in
            guard part.frames.count <= known.range.count else { return false }
            let other = try target.environment.fileSystem.open(path, .read)
            defer { other.close() }
            return try file.hasSameBytes(
                part.frames.clamped(to: part.range), as: other, at: known.frames.lowerBound)
        }
        guard isSame else {
            throw VarveError(
                .exists, "\(part.name) is there with other bytes", file: path,
                remedy: "rename, move or remove one of the two")
        }
    }

    /// Copies what the artifacts of a run's files have as their content; what was removed again needn't be there.
    private mutating func copyArtifacts(of parts: [LogPart]) throws(VarveError) {
        let zstd = Zstd()
        let (source, target) = (source, target)
        var ledger = ArtifactLedger()
        for part in parts {
            let file: any OpenFile
            do throws(FileError) {
                file = try source.environment.fileSystem.open(source.paths.log(part.place), .read)
            } catch {
                throw VarveError(error)
            }
            defer { file.close() }
            let reader = LogFileReader(file, zstd: zstd)
            for section in try LogScanner.scan(file, name: part.place, zstd: zstd)
            where section.begin.identity == part.begin.identity {
                try ledger.add(section, reader)
            }
        }
        for hash in ledger.contents.sorted() {
            let (from, to) = (source.paths.artifact(hash), target.paths.artifact(hash))
            let (here, there) = try filesystem { () throws(FileError) in
                (
                    try source.environment.fileSystem.status(from),
                    try target.environment.fileSystem.status(to)
                )
            }
            guard there == nil else { continue }
            guard here?.kind == .file else {
                report.missingArtifacts += 1
                continue
            }
            let added = try ArtifactStore(target.environment, target.paths).add(from)
            guard SHA256.text(added.sha256) == hash else {
                throw VarveError(
                    .damaged, "an artifact isn't what its name says", file: from, expected: hash,
                    found: SHA256.text(added.sha256))
            }
            report.artifacts += 1
            report.bytes += added.size
        }
    }

    /// What edits say of the runs that are there now, the newest of each, unless the target has it.
    private mutating func copyEdits(of runs: Set<UniqueID>) throws(VarveError) {
        struct Place: Hashable {
            var run: UniqueID
            var key: [UInt8]
        }
        func newest(_ entries: [PropertyEntry]) -> [Place: PropertyEntry] {
            var found: [Place: PropertyEntry] = [:]
            for entry in entries {
                guard let run = entry.run, runs.contains(run) else { continue }
                let place = Place(run: run, key: Array(entry.key.utf8))
                if let known = found[place], known.revision > entry.revision { continue }
                found[place] = entry
            }
            return found
        }
        let known = newest(there.edits)
        let entries = newest(parts.edits).filter { place, entry in
            known[place].map { $0.revision < entry.revision } ?? true
        }.values.sorted { ($0.run ?? .zero, $0.key) < ($1.run ?? .zero, $1.key) }
        guard !entries.isEmpty else { return }
        try EditWriter(target.environment, target.paths, repository: target.id).write(entries)
        report.edits += entries.count
    }
}
