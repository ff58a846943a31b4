import VarveFiles
import VarveFormat

/// Finds out what is there: of what `logs/` lists, what the index covers of it, and the rest from the files themselves.
struct SourceLoader {
    private let environment: Environment
    private let paths: RepositoryPaths
    private let index: IndexSnapshot
    private let zstd = Zstd()
    /// The files that had to be opened, and those that the index has whole with more to say than one log file.
    private(set) var files: [SourceFile] = []
    private(set) var whole: WholeFiles
    private(set) var problems: [VarveError] = []
    /// Identities that were met already: a file that is there twice, in a pack and outside, counts once.
    /// Where each is in `files`.
    private var seen: [LogIdentity: Int] = [:]
    /// Where the seal of a file is in `files`.
    private var seals: [LogIdentity: Int] = [:]
    /// Where those seals are that were read before their source, or before a longer copy of it.
    private var early: Set<Int> = []

    init(_ environment: Environment, _ paths: RepositoryPaths, _ index: IndexSnapshot) {
        self.environment = environment
        self.paths = paths
        self.index = index
        whole = WholeFiles(index.coverage)
    }

    /// Everything that `logs/` lists; of one run only, if one is named (and then also what may hold its properties).
    mutating func load(_ listing: LogListing, only run: UniqueID?) throws(VarveError) {
        // Packs first: after an interrupted packing a seal may stand outside whose source is in the pack.
        for name in listing.others where name.isPack { load(pack: name, only: run) }
        // Names and coverage are in the same order: whoever goes through both side by side searches for nothing.
        let coverage = index.coverage
        var next = run.map { coverage.files(of: $0).lowerBound } ?? 0
        for file in listing.files {
            if !takeWhole(file, coverage, from: &next) { try load(file) }
        }
        for name in listing.others where !name.isPack { try load(name) }
        for place in early { completeEarlySeal(at: place) }
    }

    /// Takes a closed log that the index has, without opening it. It isn't looked at but for its name: a closed file
    /// doesn't change.
    private mutating func takeWhole(
        _ file: LogListing.RunFile, _ coverage: CoverageMap, from next: inout Int
    ) -> Bool {
        while next < coverage.count, (coverage.run(ofFile: next), coverage.n(ofFile: next)) < (file.run, file.n) {
            next += 1
        }
        func isThis(_ number: Int) -> Bool {
            number < coverage.count && coverage.run(ofFile: number) == file.run && coverage.n(ofFile: number) == file.n
        }
        guard file.kinds.contains(.log), !file.kinds.contains(.seal), isThis(next), !isThis(next + 1),
            coverage.isClosedLog(next)
        else { return false }
        if seen.isEmpty || seen[coverage[next].identity] == nil { whole.insert(next) }
        return true
    }

    // MARK: One writer's file, its journal and its seal

    private mutating func load(_ file: LogListing.RunFile) throws(VarveError) {
        // Without its log a journal says nothing: nobody knows what its series are.
        let (hasLog, isSealed) = (file.kinds.contains(.log), file.kinds.contains(.seal))
        let hasJournal = file.kinds.contains(.journal)
        guard hasLog || isSealed else { return }
        if hasLog, try takeFromIndex(file, hasSeal: isSealed) { return }
        var ring: (reader: JournalReader, slots: [UInt8])?
        if hasJournal {
            // The ring first, the log second: whatever was drained in between is found in the log, and nothing falls
            // between the two.
            let path = paths.log(file.journal)
            // One that can't be opened is a problem, as a log is, and no reason to refuse the others.
            do throws(VarveError) {
                if let reader = try JournalReader(
                    path, name: file.journal, environment.fileSystem, salvaging: true)
                {
                    ring = (reader, try reader.ring())
                    if let damage = reader.damage { problems.append(damage) }
                }
            } catch {
                problems.append(error)
            }
        }
        defer { ring?.reader.close() }
        // A journal that went while we looked was closed or sealed.
        let hasSeal = isSealed || (hasJournal && ring == nil)
        var sourceBytes: Int?
        if hasLog, var opened = open(file.log) {
            defer { opened.file.close() }
            var content: JournalReader.Content?
            let verdict = ring.map { writer(of: $0.reader) }
            if let reader = ring?.reader, var slots = ring?.slots, !hasSeal {
                content = try settle(reader, &slots, &opened, file, isStill: verdict != .alive)
            }
            let reader = ring.map { salted($0.reader, opened, file) }
            for section in opened.sections where section.begin.run == file.run {
                let isOurs = reader?.header.salt == section.begin.salt && section.end == nil
                add(section, opened.file, journal: isOurs ? content : nil, writer: isOurs ? verdict : nil)
                sourceBytes = Int(clamping: opened.size)
            }
        }
        guard hasSeal, let opened = open(file.seal, sourceBytes: sourceBytes) else { return }
        defer { opened.file.close() }
        for section in opened.sections { add(section, opened.file, sourceBytes: sourceBytes) }
    }

    private func writer(of journal: JournalReader) -> Liveness {
        journal.damage == nil ? Liveness.judge(journal, environment.host) : .unknown
    }

    /// A journal with the salt that its log states, where its own header is damaged.
    private func salted(_ journal: JournalReader, _ opened: Opened, _ file: LogListing.RunFile) -> JournalReader {
        var journal = journal
        for section in opened.sections
        where section.begin.run == file.run && section.begin.n == file.n && !section.isSeal {
            journal.adopt(salt: section.begin.salt)
        }
        return journal
    }

    /// What a journal holds beyond its log, none of it later than something that is missing; nil: nothing that counts.
    ///
    /// Threads that logged while the ring was copied may have left gaps in the copy. It is completed, and the log read once
    /// more: it has by then what left the ring meanwhile, and the definitions of what came.
    private mutating func settle(
        _ journal: JournalReader, _ slots: inout [UInt8], _ opened: inout Opened, _ file: LogListing.RunFile,
        isStill: Bool
    ) throws(VarveError) -> JournalReader.Content? {
        var rounds = 0
        while true {
            let journal = salted(journal, opened, file)
            let ours = opened.sections.first {
                $0.begin.run == file.run && $0.begin.salt == journal.header.salt && $0.end == nil
            }
            guard let ours else { return nil }
            // What the index has, and a power failure took from the log, isn't read from the ring a second time.
            let known = max(ours.endSequence, index.coverage[ours.begin.identity]?.sequence ?? 0)
            let content = journal.content(of: slots, from: known, isStill: isStill)
            rounds += 1
            guard !content.holes.isEmpty, rounds < Self.mostRounds,
                try journal.lookAgain(at: content, in: &slots), let again = open(file.log)
            else { return content }
            opened.file.close()
            opened = again
        }
    }

    /// Gaps close with the first look but where a writer races through its ring and can't drain it: on a full disk, say.
    private static let mostRounds = 64

    /// The sequences that the frames of a seal's source hold, wherever that stands.
    private func sequencesOfSource(_ seal: BeginFrame) -> SequenceSet {
        var own = SequenceSet()
        guard let source = seal.source else { return own }
        own.insert(0..<(index.coverage[source]?.sequence ?? 0))
        if let section = seen[source].flatMap({ files[$0].tail?.section }) {
            for frame in section.frames where frame.kind == .points { own.insert(frame.sequences) }
        }
        return own
    }

    /// Takes a file that the index has whole, without opening it.
    private mutating func takeFromIndex(_ file: LogListing.RunFile, hasSeal: Bool) throws(VarveError) -> Bool {
        guard let own = covered(file.log) else { return false }
        if own.isClosed, !hasSeal {
            add(own, name: file.log)
            return true
        }
        guard hasSeal, let seal = covered(file.seal), seal.isClosed, seal.begin.sealOf?.salt == own.begin.salt
        else { return false }
        // A source that has grown since was not dead: then its own frames count, and what the index has of the seal
        // doesn't.
        do throws(FileError) {
            let status = try environment.fileSystem.status(paths.log(file.log))
            guard let status, !index.coverage.isOutgrown(seal, sourceBytes: status.size) else { return false }
        } catch {
            throw VarveError(error)
        }
        add(own, name: file.log)
        add(seal, name: file.seal)
        return true
    }

    /// What the index has under a file's name; nil if it has nothing, or two files that would bear it.
    private func covered(_ name: LogName) -> CoveredFile? {
        let known = index.coverage.files(named: name)
        return known.count == 1 ? known[0] : nil
    }

    private mutating func add(_ covered: CoveredFile, name: LogName, offset: Int = 0) {
        guard seen[covered.identity] == nil, !whole.contains(covered.identity) else { return }
        seen[covered.identity] = files.count
        if let source = covered.begin.source { seals[source] = files.count }
        files.append(SourceFile(covered, name: name, offset: offset, indexed: parts(of: covered.identity)))
    }

    /// Where in the segments a file's points are, in the order of their sequences.
    private func parts(of identity: LogIdentity) -> [CoverageMap.Place] {
        index.coverage.number(of: identity).map { index.coverage.places(ofFile: $0) } ?? []
    }

    // MARK: Files that have to be opened

    private mutating func load(_ name: LogName) throws(VarveError) {
        if case .edit = name, let known = covered(name), known.isClosed {
            add(known, name: name)
            return
        }
        guard let opened = open(name) else { return }
        defer { opened.file.close() }
        add(opened.sections, opened.file)
    }

    /// Takes from a pack what the index has, and scans the rest; all of it where it isn't as it says.
    private mutating func load(pack name: LogName, only run: UniqueID?) {
        guard let file = open(file: name) else { return }
        defer { file.close() }
        do throws(VarveError) {
            if let contents = PackContents(file, zstd: zstd) {
                let split = PackSplit(contents, index.coverage, only: run) { seen[$0] != nil }
                if let sections = try split.scanRest(of: file, name, zstd: zstd) {
                    for (number, offset) in split.whole { whole.insert(number, in: (name, offset)) }
                    for (covered, offset) in split.sealed { add(covered, name: name, offset: offset) }
                    add(sections, file)
                    return
                }
            }
            let sections = try LogScanner.scan(file, name: name, zstd: zstd)
            add(sections.filter { run == nil || $0.begin.run == run || $0.begin.run == .zero }, file)
        } catch {
            problems.append(error)
        }
    }

    /// Takes the files that stand in one of several.
    private mutating func add(_ sections: [LogSection], _ file: any OpenFile) {
        for section in sections where !section.isSeal { add(section, file) }
        let sources = Set(sections.lazy.filter { !$0.isSeal }.map(\.begin.identity))
        for section in sections {
            guard let seal = section.begin.sealOf, let source = section.begin.source else { continue }
            // Within a pack nothing grows.
            add(section, file, sourceBytes: sources.contains(source) ? Int(clamping: seal.size) : nil)
        }
    }

    /// A file that was opened and scanned.
    private struct Opened {
        var sections: [LogSection]
        var file: any OpenFile
        var size: UInt64
    }

    private mutating func open(file name: LogName) -> (any OpenFile)? {
        do throws(FileError) { return try environment.fileSystem.open(paths.log(name), .read) } catch {
            // Gone: deleted, packed or sealed this instant.
            if error.code != .notFound { problems.append(VarveError(error)) }
            return nil
        }
    }

    /// Opens and scans a file from where the index ends; one that can't be read is a problem, and no reason to refuse
    /// the others.
    ///
    /// - Parameter sourceBytes: of a seal: the size of its source.
    private mutating func open(_ name: LogName, sourceBytes: Int? = nil) -> Opened? {
        guard let file = open(file: name) else { return nil }
        var known = covered(name)
        if let seal = known, index.coverage.isOutgrown(seal, sourceBytes: sourceBytes) { known = nil }
        do throws(VarveError) {
            var sections = try LogScanner.scan(file, name: name, covered: LogScanner.Covered(known), zstd: zstd)
            if let salt = known?.begin.salt, sections.first?.begin.salt != salt {
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
        _ section: LogSection, _ file: any OpenFile, sourceBytes: Int? = nil, journal: JournalReader.Content? = nil,
        writer: Liveness? = nil
    ) {
        let identity = section.begin.identity
        // What the index has whole is long enough.
        guard !whole.contains(identity) else { return }
        if let place = seen[identity] {
            // There twice: the longer one counts (Format.md, section 3).
            let known = files[place].tail?.section.endOffset ?? Int(clamping: index.coverage[identity]?.offset ?? 0)
            guard known < section.endOffset else { return }
        }
        let place = seen[identity] ?? files.count
        let source = sourceFile(section, file, sourceBytes: sourceBytes, journal: journal, writer: writer)
        problems += section.problems.map { VarveError($0) } + (source.tail?.problems ?? [])
        if place < files.count { files[place] = source } else { files.append(source) }
        seen[identity] = place
        if let source = section.begin.source {
            seals[source] = place
        } else if let seal = seals[identity] {
            early.insert(seal)
        }
    }

    /// Makes a seal anew, from its file alone, now that all of its source has been seen.
    private mutating func completeEarlySeal(at place: Int) {
        let (name, begin) = (files[place].name, files[place].begin)
        guard let opened = open(name) else { return }
        defer { opened.file.close() }
        guard let section = opened.sections.first(where: { $0.begin.identity == begin.identity }) else { return }
        files[place] = sourceFile(section, opened.file, sourceBytes: nil, journal: nil, writer: nil)
    }

    /// What a section says, and what of it the index has.
    private func sourceFile(
        _ section: LogSection, _ file: any OpenFile, sourceBytes: Int?, journal: JournalReader.Content?,
        writer: Liveness?
    ) -> SourceFile {
        var known = index.coverage[section.begin.identity]
        if let seal = known, index.coverage.isOutgrown(seal, sourceBytes: sourceBytes) { known = nil }
        let tail = LogTail(
            section, path: file.path, file: file, coveredOffset: Int(clamping: known?.offset ?? 0),
            superseded: sequencesOfSource(section.begin), journal: journal, zstd: zstd)
        let points = tail.series.reduce(0) { $0 + tail.count($1) }
        return SourceFile(
            begin: section.begin, name: section.name,
            range: section.name.isPack ? section.baseOffset..<section.baseOffset + section.endOffset : nil,
            indexed: known == nil ? [] : parts(of: section.begin.identity), tail: tail, end: section.end?.state,
            endTime: section.end?.time ?? FormatConstants.noTime,
            lostPoints: (known?.lostPoints ?? 0) &+ section.droppedPoints, writer: writer,
            points: Int(clamping: (known?.points ?? 0) &+ UInt64(points)))
    }
}
