import VarveFiles
import VarveFormat

/// A copy of runs into another repository, under way.
struct Transfer {
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
    /// Why runs were left where they are.
    private var refused: [UniqueID: VarveError] = [:]
    private var report = TransferReport()

    /// What is published together.
    private static let batchFiles = 64
    private static let batchBytes = 64 << 20

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
        func tell(_ bytes: Int) throws(VarveError) {
            try progress(Progress(unit: "bytes", done: min(bytes, total), total: total))
        }
        var present: Set<UniqueID> = []
        // Of runs that miss one file each.
        var batch: [LogPart] = []
        for run in runs {
            let missing: [LogPart]
            do throws(VarveError) { missing = try prepare(run) } catch
                where error.code == .exists || error.code == .state || error.code == .damaged
            {
                refused[run.id] = error
                continue
            }
            if missing.isEmpty { present.insert(run.id) }
            if missing.count == 1 { batch += missing }
            // Interrupted, a later attempt is there rather than what it took back: one after the other.
            for part in missing.reversed() where missing.count > 1 && refused[run.id] == nil {
                try publish([part])
                try tell(report.bytes)
            }
            if batch.count >= Self.batchFiles || batch.reduce(0, { $0 + $1.range.count }) >= Self.batchBytes {
                try publish(batch)
                batch = []
                try tell(report.bytes)
            }
        }
        if !batch.isEmpty {
            try publish(batch)
            try tell(report.bytes)
        }
        // What is there already may be what a killed copy didn't come to sync.
        try filesystem { () throws(FileError) in
            try target.environment.fileSystem.syncDirectory(target.paths.logs)
        }
        report.copied = runs.filter { refused[$0.id] == nil && !present.contains($0.id) }
        report.present = runs.filter { present.contains($0.id) }
        report.refused = runs.compactMap { run in
            refused[run.id].map { TransferReport.Refused(run: run, error: $0) }
        }
        try copyEdits(of: Set((report.copied + report.present).map(\.id)))
        return report
    }

    /// The files of a run that the target hasn't; their artifacts are there by then: no log names one that isn't.
    ///
    /// - Throws: `state` if the run may be alive; `exists` if a file is there with other bytes; `damaged`, `system`, `noRoom`.
    private mutating func prepare(_ run: RunID) throws(VarveError) -> [LogPart] {
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
        if !missing.isEmpty { try copyArtifacts(of: mine) }
        return missing
    }

    /// Copies files into the target. A run of which a file has come meanwhile is refused.
    private mutating func publish(_ parts: [LogPart]) throws(VarveError) {
        let isOurs = try parts.publish(from: source, to: target.paths.logs, target.environment)
        for (part, isOurs) in zip(parts, isOurs) {
            if isOurs {
                report.files += 1
                report.bytes += part.range.count
            } else {
                refused[part.begin.run] = VarveError(
                    .exists, "another process has made this file meanwhile", file: target.paths.log(part.name))
            }
        }
    }

    /// The target has all bytes of a part.
    private func demandSame(_ part: LogPart, _ known: LogPart) throws(VarveError) {
        let path = target.paths.log(known.place)
        let isSame = try filesystem { () throws(FileError) -> Bool in
            guard part.frames.count <= known.range.count else { return false }
            let file = try source.environment.fileSystem.open(source.paths.log(part.place), .read)
            defer { file.close() }
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
        for part in parts where part.namesArtifacts {
            let file = try filesystem { () throws(FileError) in
                try source.environment.fileSystem.open(source.paths.log(part.place), .read)
            }
            defer { file.close() }
            let reader = LogFileReader(file, zstd: zstd)
            let range = part.isPacked ? part.frames : nil
            for section in try LogScanner.scan(file, name: part.place, range: range, zstd: zstd)
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
