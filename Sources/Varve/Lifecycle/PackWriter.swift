import VarveFiles
import VarveFormat

/// Writes a pack: many log files' frames, as they are, one file after the other, then what they are (Format.md, section 3.9).
struct PackWriter {
    private let environment: Environment
    private let paths: RepositoryPaths
    private let zstd = Zstd()

    init(_ environment: Environment, _ paths: RepositoryPaths) {
        self.environment = environment
        self.paths = paths
    }

    /// Publishes a pack of these parts in `logs/`, and reads it again before anybody relies on it.
    ///
    /// - Returns: its name and size.
    /// - Throws: `system` or `noRoom`; `damaged` if what can be read back isn't what was to be packed. Then no pack is there.
    func publish(
        _ parts: [LogPart], progress: (_ bytes: Int) -> Void = { _ in }
    ) throws(VarveError) -> (name: LogName, bytes: Int) {
        let name = LogName.pack(environment.host.newID())
        let path = paths.log(name)
        let publication: Publication
        do throws(FileError) {
            publication = try Publication(
                environment.fileSystem, path, from: Paths.temporary(for: path, tag: environment.host.random()))
        } catch {
            throw VarveError(error)
        }
        defer { publication.abandon() }
        let bytes = try write(parts, to: publication.file, progress: progress)
        try prove(parts, publication.file, as: name)
        let isOurs = try filesystem { () throws(FileError) in try publication.commit() }
        guard isOurs else { throw VarveError(.exists, "a pack with this ID is there", file: path) }
        return (name, bytes)
    }

    /// Writes a pack to an empty file; returns its size.
    ///
    /// - Parameters:
    ///   - trailing: bytes of a file of several runs that come after the others, from `begin` to `end`.
    ///   - progress: told of bytes; what it throws ends the writing.
    func write(
        _ parts: [LogPart], trailing: (begin: BeginFrame, bytes: [UInt8])? = nil, to file: any OpenFile,
        progress: (_ bytes: Int) throws(VarveError) -> Void = { _ in }
    ) throws(VarveError) -> Int {
        var offset = 0
        var packed: [PackedFile] = []
        var salt: UInt64 = 0
        var open: (place: LogName, file: any OpenFile)?
        defer { open?.file.close() }
        for part in parts {
            try filesystem { () throws(FileError) in
                if open?.place != part.place {
                    open?.file.close()
                    open = nil
                    open = (part.place, try environment.fileSystem.open(paths.log(part.place), .read))
                }
                let stored = part.frames.clamped(to: part.range)
                try open?.file.copy(stored, to: file, at: offset)
                let padding = [UInt8](repeating: 0, count: part.frames.count - stored.count)
                if part.lacksPadding { try file.write(padding, at: offset + stored.count) }
            }
            note(part.begin, part.frames.count, part.hasEnd)
            try progress(offset)
        }
        return try filesystem { () throws(FileError) in
            if let trailing {
                try file.write(trailing.bytes, at: offset)
                note(trailing.begin, trailing.bytes.count, true)
            }
            let contents = FrameEncoder(salt: salt, zstd: zstd).frame(
                .contents, payload: PackedFile.payload(packed), count: packed.count, sequence: 0)
            try file.write(contents, at: offset)
            return offset + contents.count
        }

        func note(_ begin: BeginFrame, _ bytes: Int, _ isClosed: Bool) {
            packed.append(
                PackedFile(
                    identity: begin.identity, offset: UInt64(offset), bytes: UInt64(bytes), isClosed: isClosed))
            offset += bytes
            salt = begin.salt
        }
    }

    /// Every frame of every part can be read from the pack: only then its source may go.
    private func prove(_ parts: [LogPart], _ file: any OpenFile, as name: LogName) throws(VarveError) {
        let sections = try LogScanner.scan(file, name: name, zstd: zstd)
        let isSame =
            sections.count == parts.count
            && zip(sections, parts).allSatisfy { section, part in
                section.begin.identity == part.begin.identity && section.problems.isEmpty
                    && section.endOffset == part.frames.count && (section.end != nil) == part.hasEnd
            }
        guard isSame else {
            throw VarveError(
                .damaged, "the pack can't be read back as it was written", file: file.path,
                expected: "\(parts.count) files", found: "\(sections.count), or damage",
                remedy: "the files stay where they were")
        }
    }
}
