import VarveFiles
import VarveFormat

/// Finds out what is there: the listing of `logs/`, what the index covers of it, and the rest from the files themselves.
struct SourceLoader {
    private let environment: Environment
    private let paths: RepositoryPaths
    private let coverage: CoverageMap
    private let zstd = Zstd()
    private(set) var files: [SourceFile] = []
    private(set) var problems: [VarveError] = []
    /// Identities that were met already: a file that is there twice, in a pack and outside, counts once.
    private var seen: Set<LogIdentity> = []

    init(_ environment: Environment, _ paths: RepositoryPaths, coverage: CoverageMap) {
        self.environment = environment
        self.paths = paths
        self.coverage = coverage
    }

    /// Everything that `logs/` lists; of one run only, if one is named (and then also what may hold its properties).
    mutating func load(only run: UniqueID? = nil) throws(VarveError) {
        let listed: [String]
        do throws(FileError) { listed = try environment.fileSystem.list(paths.logs) } catch { throw VarveError(error) }
        var logs: [RunFile: Listing] = [:]
        var others: [LogName] = []
        for text in listed {
            guard let name = LogName(text) else { continue }
            switch name {
            case .log(let id, let n): logs[RunFile(run: id, n: n), default: Listing()].hasLog = true
            case .seal(let id, let n): logs[RunFile(run: id, n: n), default: Listing()].hasSeal = true
            case .journal(let id, let n): logs[RunFile(run: id, n: n), default: Listing()].hasJournal = true
            case .edit, .pack: others.append(name)
            case .spare: break
            }
        }
        for (file, listing) in logs where run == nil || run == file.run {
            try load(file, listing)
        }
        for name in others.sorted(by: { "\($0)" < "\($1)" }) { try load(name) }
    }

    private struct RunFile: Hashable {
        var run: UniqueID
        var n: UInt32
        var log: LogName { .log(run: run, n: n) }
        var seal: LogName { .seal(run: run, n: n) }
        var journal: LogName { .journal(run: run, n: n) }
    }

    private struct Listing {
        var hasLog = false
        var hasSeal = false
        var hasJournal = false
    }

    // MARK: One writer's file, its journal and its seal

    private mutating func load(_ file: RunFile, _ listing: Listing) throws(VarveError) {
        // Without its log a journal says nothing: nobody knows what its series are.
        guard listing.hasLog || listing.hasSeal else { return }
        if listing.hasLog, try takeFromIndex(file, hasSeal: listing.hasSeal) { return }
        var ring: (reader: JournalReader, slots: [UInt8])?
        if listing.hasJournal {
            // The ring first, the log second: whatever was drained in between is found in the log, and nothing falls between the two.
            if let reader = try JournalReader(paths.log(file.journal), name: file.journal, environment.fileSystem) {
                ring = (reader, try reader.ring())
            }
        }
        defer { ring?.reader.close() }
        // A journal that went while we looked was closed or sealed.
        let hasSeal = listing.hasSeal || (listing.hasJournal && ring == nil)
        var source: (section: LogSection, size: UInt64)?
        if listing.hasLog, let opened = open(file.log, coverage) {
            defer { opened.file.close() }
            for section in opened.sections where section.begin.run == file.run {
                let isOurs = ring?.reader.header.salt == section.begin.salt && section.end == nil
                let content = isOurs && !hasSeal
                    ? ring.map { $0.reader.content(of: $0.slots, from: section.endSequence) } : nil
                let verdict = isOurs ? ring.map { Liveness.judge($0.reader, environment.host) } : nil
                add(section, opened.file, coverage, journal: content, superseded: SequenceSet(), writer: verdict)
                source = source ?? (section, opened.size)
            }
        }
        guard hasSeal else { return }
        // Of a seal whose source has grown since, the index may have sequences that the source's own frames hold by now.
        var trusted = coverage
        if let source, let sealed = open(file.seal, CoverageMap([]))?.closing()?.begin.sealOf,
            sealed.salt != source.section.begin.salt || source.size > sealed.size
        {
            trusted = CoverageMap([])
        }
        if let opened = open(file.seal, trusted) {
            defer { opened.file.close() }
            for section in opened.sections {
                var own = SequenceSet()
                if let source, source.section.begin.salt == section.begin.sealOf?.salt {
                    own = Self.sequences(of: source.section, coverage)
                }
                add(section, opened.file, trusted, journal: nil, superseded: own, writer: nil)
            }
        }
    }

    /// The sequences that a file's own frames hold.
    private static func sequences(of section: LogSection, _ coverage: CoverageMap) -> SequenceSet {
        var own = SequenceSet()
        own.insert(0..<coverage.chain(section.begin.identity).sequence)
        for frame in section.frames where frame.kind == .points { own.insert(frame.sequences) }
        return own
    }

    /// Takes a file that the index has whole, without opening it.
    private mutating func takeFromIndex(_ file: RunFile, hasSeal: Bool) throws(VarveError) -> Bool {
        guard let identity = coverage.identity(file.log) else { return false }
        let chain = coverage.chain(identity)
        guard let last = chain.last else { return false }
        if last.isClosed, !hasSeal {
            add(chain, last, name: file.log)
            return true
        }
        guard hasSeal, let sealIdentity = coverage.identity(file.seal) else { return false }
        let sealChain = coverage.chain(sealIdentity)
        guard let seal = sealChain.last, seal.isClosed, let sealed = seal.begin.sealOf, sealed.salt == identity.salt else {
            return false
        }
        // A source that has grown since was not dead: then its own frames count, and what the index has of the seal doesn't.
        do throws(FileError) {
            guard let status = try environment.fileSystem.status(paths.log(file.log)),
                UInt64(clamping: status.size) == sealed.size
            else { return false }
        } catch {
            throw VarveError(error)
        }
        add(chain, last, name: file.log)
        add(sealChain, seal, name: file.seal)
        return true
    }

    private mutating func add(_ chain: CoverageMap.Chain, _ last: CoverageRow, name: LogName) {
        guard seen.insert(last.identity).inserted else { return }
        files.append(
            SourceFile(
                begin: last.begin, name: name, indexed: chain.parts, tail: nil, end: last.endState,
                endTime: last.endTime, lostPoints: chain.lostPoints, writer: nil, points: Int(clamping: chain.points)))
    }

    // MARK: Files that have to be opened

    private mutating func load(_ name: LogName) throws(VarveError) {
        if case .edit = name, let identity = coverage.identity(name) {
            let chain = coverage.chain(identity)
            if let last = chain.last, last.isClosed {
                add(chain, last, name: name)
                return
            }
        }
        guard let opened = open(name, coverage) else { return }
        defer { opened.file.close() }
        for section in opened.sections {
            add(section, opened.file, coverage, journal: nil, superseded: SequenceSet(), writer: nil)
        }
    }

    /// A file that was opened and scanned.
    private struct Opened {
        var sections: [LogSection]
        var file: any OpenFile
        var size: UInt64

        /// Its first section, once it is closed.
        func closing() -> LogSection? {
            file.close()
            return sections.first
        }
    }

    /// Opens and scans a file, from where `coverage` ends; one that can't be read is a problem, and no reason to refuse the others.
    private mutating func open(_ name: LogName, _ coverage: CoverageMap) -> Opened? {
        let file: any OpenFile
        do throws(FileError) { file = try environment.fileSystem.open(paths.log(name), .read) } catch {
            // Gone: deleted, packed or sealed this instant.
            if error.code != .notFound { problems.append(VarveError(error)) }
            return nil
        }
        let known = coverage.identity(name).map { coverage.chain($0) }
        do throws(VarveError) {
            var sections = try LogScanner.scan(file, name: name, coveredOffset: known?.offset ?? 0, zstd: zstd)
            if let salt = known?.last?.begin.salt, sections.first?.begin.salt != salt {
                // Another file under the same name: what the index has isn't of this one.
                sections = try LogScanner.scan(file, name: name, zstd: zstd)
            }
            let size: Int
            do throws(FileError) { size = try file.size() } catch { throw VarveError(error) }
            return Opened(sections: sections, file: file, size: UInt64(size))
        } catch {
            file.close()
            problems.append(error)
            return nil
        }
    }

    private mutating func add(
        _ section: LogSection, _ file: any OpenFile, _ coverage: CoverageMap, journal: JournalReader.Content?,
        superseded: SequenceSet, writer: Liveness?
    ) {
        guard seen.insert(section.begin.identity).inserted else { return }
        let chain = coverage.chain(section.begin.identity)
        let tail = LogTail(
            section, path: file.path, file: file, coveredOffset: chain.offset, superseded: superseded,
            journal: journal, zstd: zstd)
        problems += section.problems.map { VarveError($0) } + tail.problems
        let points = tail.series.reduce(0) { $0 + tail.count($1) }
        files.append(
            SourceFile(
                begin: section.begin, name: section.name, indexed: chain.parts, tail: tail, end: section.end?.state,
                endTime: section.end?.time ?? FormatConstants.noTime,
                lostPoints: chain.lostPoints &+ section.droppedPoints, writer: writer,
                points: Int(clamping: chain.points) + points))
    }
}
