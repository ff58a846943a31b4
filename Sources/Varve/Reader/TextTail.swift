import Logging
import VarveFiles
import VarveFormat

/// What a run says from now on: its text, entry by entry, as it is logged by any process. One owner at a time.
public final class TextTail {
    private struct Followed {
        var file: any OpenFile
        var section: LogSection
        /// Frames before this offset were given already.
        var next: Int
    }

    private let environment: Environment
    private let paths: RepositoryPaths
    private let repository: Repository
    private let run: RunID
    private let zstd = Zstd()
    private var files: [UInt32: Followed] = [:]
    /// By salt: what the history that was read first ends with.
    private let ends: [UInt64: Int]
    private var nextListing: Int64 = .min

    /// Reads what the run has said so far, then follows it.
    ///
    /// - Parameter history: gets all that is there, in order, but for what a rewind superseded.
    public init(_ repository: Repository, run: RunID, history: (TextLine) -> Void) throws(VarveError) {
        self.repository = repository
        self.run = run
        environment = repository.environment
        paths = repository.paths
        ends = try repository.snapshot(of: run).readText(of: run, history)
    }

    deinit { for file in files.values { file.file.close() } }

    /// Gives what came since the last call: by file, then by place.
    public func poll(_ body: (TextLine) -> Void) throws(VarveError) {
        let now = environment.host.monotonicTime()
        if now >= nextListing {
            try list()
            nextListing = now + 200_000_000
        }
        for n in files.keys.sorted() {
            guard var followed = files[n] else { continue }
            try read(&followed, body)
            files[n] = followed
        }
    }

    /// Whether the run is running, or may be.
    public func isAlive() throws(VarveError) -> Bool {
        let status = try repository.snapshot(of: run).run(run)?.status
        return status == .running || status == .silent
    }

    private func list() throws(VarveError) {
        let names = try filesystem { () throws(FileError) in try environment.fileSystem.list(paths.logs) }
        for text in names {
            guard case .log(run.id, let n)? = LogName(text), files[n] == nil else { continue }
            let name = LogName.log(run: run.id, n: n)
            do throws(VarveError) {
                let file: any OpenFile
                do throws(FileError) { file = try environment.fileSystem.open(paths.log(name), .read) } catch {
                    throw VarveError(error)
                }
                // Made, and not begun yet: next time.
                guard let section = try LogScanner.scan(file, name: name, zstd: zstd).first else {
                    file.close()
                    continue
                }
                let end = ends[section.begin.salt] ?? 0
                files[n] = Followed(file: file, section: section, next: end)
            } catch  where error.code == .damaged || error.code == .unsupported {
                Diagnostics.logger.warning("a log isn't followed", metadata: ["error": "\(error)"])
            } catch  where error.code == .system {
                // It went between the listing and its opening.
            }
        }
    }

    private func read(_ followed: inout Followed, _ body: (TextLine) -> Void) throws(VarveError) {
        let size = try filesystem { () throws(FileError) in try followed.file.size() }
        if size > followed.section.baseOffset + followed.section.endOffset {
            // What the first scan found comes first.
            try give(&followed, body)
            followed.section = try LogScanner.resume(followed.section, followed.file, zstd: zstd)
        }
        try give(&followed, body)
    }

    private func give(_ followed: inout Followed, _ body: (TextLine) -> Void) throws(VarveError) {
        let reader = LogFileReader(followed.file, zstd: zstd)
        let section = followed.section
        for frame in section.frames where frame.kind == .text && frame.offset >= followed.next {
            let payload = try reader.payload(of: frame, in: section)
            let place = section.baseOffset + frame.offset
            let parsed = try formatted(followed.file.path, at: place) { () throws(FormatError) in
                try TextEntry.parse(payload.span.bytes, count: frame.header.count)
            }
            for entry in parsed.entries { body(TextLine(entry, rank: section.begin.rank)) }
            followed.next = frame.offset + frame.header.frameBytes
        }
    }
}

/// A regular expression over lines of text, which no pattern can make take for ever.
public struct TextSearch: Sendable {
    private let pattern: TextPattern

    /// - Throws: `invalid`, with what is wrong and where.
    public init(_ pattern: String) throws(VarveError) {
        do throws(PatternError) { self.pattern = try TextPattern(pattern) } catch {
            throw VarveError(
                .invalid, "'\(pattern)' is no pattern: \(error.message)", found: "at \(error.offset)")
        }
    }

    /// Whether it is found anywhere in a text.
    public func isFound(in text: String) -> Bool { pattern.isFound(in: text) }
}
