import VarveFiles
import VarveFormat

/// One writer's log file, or its seal, wherever its bytes stand: in a file of its own or in a pack. What is packed, copied and
/// moved.
struct LogPart {
    /// Which file in `logs/` has the bytes.
    var place: LogName
    /// Where they are there.
    var range: Range<Int>
    /// Where its whole frames are: what a pack takes. A write that was torn by its writer's death may stand behind them; in a pack
    /// it would stand before another file.
    var frames: Range<Int>
    /// The zeros that fill up the last frame to a multiple of 8 were torn off.
    var lacksPadding: Bool { frames.upperBound > range.upperBound }
    var begin: BeginFrame
    /// Its last frame says that its writer has ended.
    var hasEnd: Bool
    /// There are frames of artifacts in it.
    var namesArtifacts: Bool
    /// Damage, and what hinders that it is taken apart: it can be copied as it is, and not be packed.
    var problems: [VarveError]

    /// The name that it has in a file of its own.
    var name: LogName {
        if begin.run == .zero { return place }
        return begin.sealOf == nil ? .log(run: begin.run, n: begin.n) : .seal(run: begin.run, n: begin.n)
    }

    var isPacked: Bool { place.isPack }

    /// Before a seal its source, as files of a run are read.
    static func precedes(_ a: LogPart, _ b: LogPart) -> Bool {
        if a.begin.run != b.begin.run { return a.begin.run < b.begin.run }
        if a.begin.n != b.begin.n { return a.begin.n < b.begin.n }
        return a.begin.sealOf == nil && b.begin.sealOf != nil
    }
}

/// The log files of some runs, found by looking into all of them.
struct LogParts {
    /// Ordered by run and number.
    private(set) var parts: [LogPart] = []
    /// What edits say of the runs: those that were set for several at once.
    private(set) var edits: [PropertyEntry] = []
    /// Runs of which there is at least one file.
    private(set) var runs: Set<UniqueID> = []
    /// Where the first seal of a file stands among the parts.
    private var seals: [LogIdentity: Int] = [:]
    /// Files that could not be read.
    private(set) var problems: [VarveError] = []

    /// - Parameters:
    ///   - wanted: the runs; nil: all.
    ///   - isLookedInto: which files of `logs/` may have them.
    /// - Throws: `system` if `logs/` can't be listed.
    init(
        of wanted: Set<UniqueID>?, _ environment: Environment, _ paths: RepositoryPaths,
        in isLookedInto: (LogName) -> Bool = { _ in true }
    ) throws(VarveError) {
        let fileSystem = environment.fileSystem
        let names = try filesystem { () throws(FileError) in try fileSystem.list(paths.logs) }.compactMap(LogName.init)
            .filter { name in
                switch name {
                case .log(let run, _), .seal(let run, _): isLookedInto(name) && wanted?.contains(run) ?? true
                case .edit, .pack: isLookedInto(name)
                case .journal, .spare: false
                }
            }
        let zstd = Zstd()
        for name in names.sorted(by: { "\($0)" < "\($1)" }) {
            do throws(VarveError) { try add(name, wanted, fileSystem, paths, zstd) } catch {
                // Gone: packed, sealed or removed this instant.
                if try filesystem({ () throws(FileError) in try fileSystem.status(paths.log(name)) }) == nil {
                    continue
                }
                problems.append(error)
            }
        }
        parts.sort(by: LogPart.precedes)
        for (place, part) in parts.enumerated().reversed() {
            if let source = part.begin.source { seals[source] = place }
        }
    }

    private mutating func add(
        _ name: LogName, _ wanted: Set<UniqueID>?, _ fileSystem: any FileSystem, _ paths: RepositoryPaths, _ zstd: Zstd
    ) throws(VarveError) {
        let file: any OpenFile
        do throws(FileError) { file = try fileSystem.open(paths.log(name), .read) } catch { throw VarveError(error) }
        defer { file.close() }
        let size = try filesystem { () throws(FileError) in try file.size() }
        let sections = try LogScanner.scan(file, name: name, zstd: zstd)
        if case .edit = name {
            for section in sections {
                for entry in section.properties {
                    guard let run = entry.run, wanted?.contains(run) ?? true else { continue }
                    edits.append(entry)
                }
            }
            return
        }
        guard let run = name.run else {
            for section in sections {
                if section.begin.run == .zero {
                    edits += section.properties.filter { entry in
                        entry.run.map { wanted?.contains($0) ?? true } ?? false
                    }
                    guard wanted == nil else { continue }
                }
                guard wanted?.contains(section.begin.run) ?? true else { continue }
                let end = section.baseOffset + section.endOffset
                add(section, name, section.baseOffset..<end)
            }
            return
        }
        guard let section = sections.first(where: { $0.begin.run == run && $0.begin.n == name.n }) else {
            throw VarveError(
                .damaged, "the file isn't what its name says", file: file.path, expected: "run \(run)",
                found: sections.first.map { "run \($0.begin.run)" } ?? "nothing")
        }
        // As it is, with all that may stand behind the part that can be read.
        add(section, name, 0..<size)
        if sections.count > 1 || section.baseOffset > 0 {
            parts[parts.count - 1].problems.append(
                VarveError(
                    .damaged, "other files stand in it", file: file.path, expected: "one file",
                    found: "\(sections.count)"))
        } else if section.endOffset < size, section.problems.isEmpty, section.end != nil {
            // Zeros, and nothing else: they needn't go along.
            parts[parts.count - 1].range = 0..<section.endOffset
        }
    }

    private mutating func add(_ section: LogSection, _ name: LogName, _ range: Range<Int>) {
        if section.begin.run != .zero { runs.insert(section.begin.run) }
        var problems = section.problems.map { VarveError($0) }
        if section.isTruncated, section.isSeal || section.end != nil {
            problems.append(VarveError(.damaged, "cut off", file: "\(name)"))
        }
        parts.append(
            LogPart(
                place: name, range: range, frames: section.baseOffset..<section.baseOffset + section.endOffset,
                begin: section.begin, hasEnd: section.end != nil,
                namesArtifacts: section.frames.contains { $0.kind == .artifacts || $0.kind == .withdrawals },
                problems: problems))
    }

    /// The seal of a file.
    func seal(of part: LogPart) -> LogPart? {
        seals[part.begin.identity].map { parts[$0] }
    }
}

extension OpenFile {
    /// Copies a range of this file to a place in another one, a megabyte at a time.
    func copy(_ range: Range<Int>, to target: any OpenFile, at offset: Int) throws(FileError) {
        var done = 0
        while done < range.count {
            let bytes = try read(upTo: min(1 << 20, range.count - done), at: range.lowerBound + done)
            // Shorter than it was a moment ago: somebody cuts files that only grow.
            guard !bytes.isEmpty else { throw FileError("read", path, .io) }
            try target.write(bytes, at: offset + done)
            done += bytes.count
        }
    }

    /// Whether a range of this file has the bytes that another one has at a place.
    func hasSameBytes(_ range: Range<Int>, as other: any OpenFile, at offset: Int) throws(FileError) -> Bool {
        var done = 0
        while done < range.count {
            let count = min(1 << 20, range.count - done)
            let mine = try read(upTo: count, at: range.lowerBound + done)
            guard mine == (try other.read(upTo: count, at: offset + done)), !mine.isEmpty else { return false }
            done += mine.count
        }
        return true
    }
}
