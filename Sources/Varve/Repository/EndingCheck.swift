import VarveFiles
import VarveFormat

/// Whether each log has beside it what its ending asks for, and each journal its log.
///
/// A writer that dies leaves its log without an `end`, often within a frame, and its journal beside it, until a seal takes the journal's
/// place: that is how a kill looks, and nothing is missing. A log with neither was cut, or its journal was taken away. What is
/// published whole (a seal, a pack, an edit) never ends within a frame.
///
/// Writers come and go meanwhile: what looks wrong is looked at again before it is told.
struct EndingCheck {
    private let environment: Environment
    private let paths: RepositoryPaths
    private let endings: [LogEnding]
    /// What is in the trash; a run that is being removed is in part.
    private let trashed: Set<LogName>
    /// What the seals that there are seal.
    private let sealed: Set<LogIdentity>
    /// What stands in packs.
    private let packed: Set<LogIdentity>
    private var problems: [VarveError] = []
    private var notes: [VarveError] = []

    /// - Parameter endings: of all log files that are in doubt.
    init(_ repository: Repository, _ endings: [LogEnding], trashed: Set<LogName>) {
        environment = repository.environment
        paths = repository.paths
        self.endings = endings
        self.trashed = trashed
        sealed = Set(endings.lazy.flatMap(\.seals).compactMap(\.source))
        packed = Set(endings.lazy.flatMap(\.packed))
    }

    /// Adds what is found to a report.
    ///
    /// - Parameter journals: those that `logs/` has.
    mutating func run(journals: [LogName], _ report: inout VerificationReport) {
        for ending in endings {
            do throws(VarveError) { try check(ending) } catch { problems.append(error) }
        }
        for name in journals {
            do throws(VarveError) { try check(journal: name) } catch { problems.append(error) }
        }
        report.problems += problems
        report.notes += notes
    }

    private func exists(_ path: String) throws(VarveError) -> Bool {
        try filesystem { () throws(FileError) in try environment.fileSystem.status(path) } != nil
    }

    // MARK: Logs

    private mutating func check(_ ending: LogEnding) throws(VarveError) {
        switch ending.name {
        case .log: try check(log: ending)
        case .seal, .pack, .edit:
            if ending.isTruncated {
                problems.append(cut(ending, expected: "a whole file: it was published as one"))
            } else if ending.hasOpenSeal {
                problems.append(
                    VarveError(
                        .damaged, "a seal is cut off", file: ending.path, offset: ending.size, expected: "its `end`",
                        found: "the end of the file"))
            }
            if case .seal = ending.name, let seal = ending.seals.first { try check(sourceOf: seal, ending) }
        case .journal, .spare: break
        }
    }

    private mutating func check(log ending: LogEnding) throws(VarveError) {
        guard let begin = ending.open.first else {
            guard ending.isTruncated else { return }
            if ending.hasBegin {
                problems.append(cut(ending, expected: "nothing behind its `end`"))
            } else if try !isAmongItsOwn(ending) {
                notes.append(cut(ending, expected: "a `begin`"))
            }
            return
        }
        if sealed.contains(begin.identity) { return }
        if begin.durability == .logOnly {
            // An import has no journal: killed, it leaves this behind, and the next one brings what is missing.
            if ending.isTruncated { notes.append(cut(ending, expected: "an `end`")) }
            return
        }
        guard try !isAmongItsOwn(ending) else { return try check(journalOf: ending) }
        guard try sections(of: ending).contains(where: { !$0.isSeal && $0.end == nil }) else { return }
        if ending.isTruncated {
            problems.append(cut(ending, expected: "its writer's journal or seal beside it"))
        } else {
            notes.append(
                VarveError(
                    .damaged, "the run was not closed, and its journal is gone: the newest points may be missing",
                    file: ending.path, offset: ending.size, expected: "an `end`, a journal or a seal", found: "none"))
        }
    }

    /// A seal has only what its source hadn't, and tells how long that was.
    private mutating func check(sourceOf seal: BeginFrame, _ ending: LogEnding) throws(VarveError) {
        guard let source = seal.source, let stated = seal.sealOf?.size else { return }
        let log = LogName.log(run: source.run, n: source.n)
        let path = Paths.join(Paths.parent(ending.path), "\(log)")
        let size = try filesystem { () throws(FileError) in try environment.fileSystem.status(path) }?.size
        if let size {
            guard UInt64(max(0, size)) < stated else { return }
            problems.append(
                VarveError(
                    .damaged, "the log is shorter than its seal says", file: path, offset: size,
                    expected: "\(stated) bytes", found: "\(size)", remedy: "bring the log back from a copy"))
            return
        }
        // Being packed, removed or brought back, the two are apart for a while, or for good if that was killed.
        guard !packed.contains(source), !trashed.contains(log), try !exists(paths.log(log)), try exists(ending.path)
        else { return }
        problems.append(
            VarveError(
                .damaged, "a seal's log is gone", file: ending.path, expected: "\(log) beside it", found: "none",
                remedy: "bring the log back from a copy"))
    }

    private func cut(_ ending: LogEnding, expected: String) -> VarveError {
        let rest = ending.size - ending.wholeBytes
        return VarveError(
            .damaged, "ends in the middle of a frame", file: ending.path, offset: ending.wholeBytes, expected: expected,
            found: "\(rest) bytes that can't be read"
                + (ending.open.isEmpty && ending.hasBegin ? "" : "; the run was not closed"))
    }

    /// Whether a log has its journal or its seal beside it by now.
    private func isAmongItsOwn(_ ending: LogEnding) throws(VarveError) -> Bool {
        guard let run = ending.name.run, let n = ending.name.n else { return false }
        let folders = Set([Paths.parent(ending.path), paths.logs])
        for folder in folders {
            for name in [LogName.journal(run: run, n: n), .seal(run: run, n: n)] {
                if try exists(Paths.join(folder, "\(name)")) { return true }
            }
        }
        return false
    }

    /// The journal of an open log follows on it. (The ring first, the log second: what is drained in between is in the log.)
    private mutating func check(journalOf ending: LogEnding) throws(VarveError) {
        guard let run = ending.name.run, let n = ending.name.n else { return }
        let name = LogName.journal(run: run, n: n)
        guard var journal = try JournalReader(paths.log(name), name: name, environment.fileSystem, salvaging: true)
        else { return }
        defer { journal.close() }
        let ring = try journal.ring()
        guard let section = try sections(of: ending).first(where: { !$0.isSeal && $0.end == nil }) else { return }
        journal.adopt(salt: section.begin.salt)
        guard journal.header.salt == section.begin.salt else { return }
        let content = journal.content(of: ring, from: section.endSequence)
        if let missing = section.missing(from: content, ending.path) { problems.append(missing) }
    }

    /// What a log says now: who takes a journal away has written the `end` before, or a seal. Nothing if it is gone.
    private func sections(of ending: LogEnding) throws(VarveError) -> [LogSection] {
        let file: any OpenFile
        do throws(FileError) { file = try environment.fileSystem.open(ending.path, .read) } catch {
            if error.code == .notFound { return [] }
            throw VarveError(error)
        }
        defer { file.close() }
        return try LogScanner.scan(file, name: ending.name, kinds: SeriesKinds(), zstd: Zstd())
    }

    // MARK: Journals

    /// A journal says of no point which metric it is of: without its log it can't be read.
    private mutating func check(journal name: LogName) throws(VarveError) {
        guard let run = name.run, let n = name.n else { return }
        let log = LogName.log(run: run, n: n)
        let path = paths.log(name)
        let isBegun = try exists(paths.log(log)) && !endings.contains { $0.name == log && !$0.hasBegin }
        guard !isBegun, !trashed.contains(log), try !exists(paths.log(.seal(run: run, n: n))),
            let journal = try JournalReader(path, name: name, environment.fileSystem)
        else { return }
        defer { journal.close() }
        let points = journal.content(of: try journal.ring(), from: 0).records.count
        // It went, or its log came, while we looked.
        guard try exists(path), try !exists(paths.log(log)) || points > 0 else { return }
        let lonely = VarveError(
            .damaged, "a journal's log is gone", file: path, expected: "\(log) beside it, with its `begin`",
            found: points == 0 ? "no points in the journal" : "\(points) points whose metrics nobody knows",
            remedy: "bring the log back from a copy")
        if points > 0 { problems.append(lonely) } else { notes.append(lonely) }
    }
}
