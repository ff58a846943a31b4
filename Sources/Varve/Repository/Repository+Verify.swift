import VarveFiles
import VarveFormat

/// What a verification found.
public struct VerificationReport: Hashable, Sendable {
    /// Everything that is wrong, by file and offset.
    public var problems: [VarveError] = []
    /// What is no damage and good to know, by file and offset: an import that was killed, a run that was never closed and whose journal
    /// is gone, points that only the index has any more.
    public var notes: [VarveError] = []
    /// Files that were read.
    public var files = 0
    /// Bytes that were checked.
    public var bytes = 0
    /// Points that were counted in logs and journals.
    public var points = 0
    /// Nothing was read.
    public init() {}
}

extension Repository {
    /// Checks every byte that has a checksum: logs, in the trash, too, journals' headers, artifacts, manifests, and segments page
    /// by page; that what is whole also says something; that each log has beside it what its ending asks for, and each journal its log; and
    /// everything that a pack promises of its files, a log's end of its points, a seal of its log, a manifest and a segment of theirs:
    /// counts, bounds, summaries. Reads only, several files at once on as many cores as there are.
    ///
    /// - Parameters:
    ///   - deep: also compares the index with the logs, point by point and property by property.
    ///   - progress: called now and then with the bytes done, from any thread, by one at a time.
    public func verify(
        deep: Bool = false, progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) throws(VarveError) -> VerificationReport {
        let verification = Verification(self, progress)
        let index = try IndexSnapshot.open(
            environment.fileSystem, directory: paths.index, repository: id == .zero ? nil : id, codec: ColumnCodec())
        return try verification.run(index, deep: deep)
    }
}

/// A verification under way: which files there are, and what was found in them.
private struct Verification: Sendable {
    /// What one thread does at a time.
    private enum Task: Sendable {
        case comparison
        case segment(SegmentReader, ManifestEntry?)
        case log(LogName, path: String)
        case journal(LogName)
        case artifact(name: String, path: String)

        var logName: LogName? { if case .log(let name, _) = self { name } else { nil } }
        var journalName: LogName? { if case .journal(let name) = self { name } else { nil } }
    }

    private struct Finding: Sendable {
        var report = VerificationReport()
        /// How a log ends, if that isn't all there is to say.
        var ending: LogEnding?
        /// Why index and logs could not be compared to the end.
        var failure: VarveError?
    }

    private let repository: Repository
    private let progress: @Sendable (Int) -> Void

    init(_ repository: Repository, _ progress: @escaping @Sendable (Progress) -> Void) {
        self.repository = repository
        let use = try? repository.diskUse()
        let total = use.map { $0.logs + $0.index + $0.artifacts + $0.trash } ?? 0
        let done = Guarded(0)
        self.progress = { bytes in
            done.withLock { done in
                done += bytes
                progress(Progress(unit: "bytes", done: done, total: total))
            }
        }
    }

    func run(_ index: IndexSnapshot, deep: Bool) throws(VarveError) -> VerificationReport {
        let entries = Dictionary(index.entries.map { ($0.id, $0) }) { first, _ in first }
        // What takes longest comes first, so that nobody waits for it in the end.
        var tasks = deep ? [Task.comparison] : []
        tasks += index.segments.map { .segment($0, entries[$0.id]) }
        let (logs, trash) = (try logs(), try trash())
        tasks += logs + trash
        var report = VerificationReport()
        report.problems = index.problems
        do throws(FileError) {
            try repository.paths.forEachArtifact(repository.environment.fileSystem) { name, path in
                tasks.append(.artifact(name: name, path: path))
            }
        } catch {
            report.problems.append(VarveError(error))
        }
        let findings = ParallelWork.map(tasks, threads: repository.environment.decodingThreads) {
            var verifier = FileVerifier(repository, progress)
            return { task in Self.found(task, &verifier, repository) }
        }
        for finding in findings { report.add(finding.report) }
        var check = EndingCheck(
            repository, findings.compactMap(\.ending), trashed: Set(trash.compactMap(\.logName)))
        check.run(journals: logs.compactMap(\.journalName), &report)
        for case let failure? in findings.map(\.failure) {
            if failure.code == .system { throw failure }
            if !report.problems.contains(failure) { report.problems.append(failure) }
        }
        report.sort()
        return report
    }

    private static func found(_ task: Task, _ verifier: inout FileVerifier, _ repository: Repository) -> Finding {
        var finding = Finding()
        switch task {
        case .comparison:
            do throws(VarveError) { try IndexComparison(repository).compare(&finding.report) } catch {
                finding.failure = error
            }
        case .segment(let segment, let entry): finding.report = verifier.segment(segment, entry)
        case .log(let name, let path): (finding.report, finding.ending) = verifier.log(name, path)
        case .journal(let name): finding.report = verifier.journal(name)
        case .artifact(let name, let path): finding.report = verifier.artifact(path, name)
        }
        return finding
    }

    private func logs() throws(VarveError) -> [Task] {
        let paths = repository.paths
        let names = try filesystem { () throws(FileError) in
            try repository.environment.fileSystem.list(paths.logs).sorted()
        }
        return names.compactMap { LogName($0) }.compactMap { name in
            switch name {
            case .log, .seal, .edit, .pack: .log(name, path: paths.log(name))
            case .journal: .journal(name)
            case .spare: nil
            }
        }
    }

    /// What was removed is promised to come back as it was.
    private func trash() throws(VarveError) -> [Task] {
        try Trash(repository.paths, repository.environment.fileSystem).folders.flatMap(\.files).compactMap { file in
            switch file.name {
            case .log, .seal: .log(file.name, path: file.path)
            case .edit, .pack, .journal, .spare: nil
            }
        }
    }
}

extension VerificationReport {
    fileprivate mutating func add(_ other: VerificationReport) {
        problems += other.problems
        notes += other.notes
        files += other.files
        bytes += other.bytes
        points += other.points
    }

    /// By file, then by place in it.
    fileprivate mutating func sort() {
        problems = Self.sorted(problems)
        notes = Self.sorted(notes)
    }

    private static func sorted(_ findings: [VarveError]) -> [VarveError] {
        findings.enumerated().sorted { a, b in
            let (first, second) = (a.element.file ?? "", b.element.file ?? "")
            if first != second { return first.utf8.lexicographicallyPrecedes(second.utf8) }
            return (a.element.offset ?? 0, a.offset) < (b.element.offset ?? 0, b.offset)
        }.map(\.element)
    }
}
