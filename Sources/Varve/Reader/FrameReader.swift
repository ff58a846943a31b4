import VarveFiles
import VarveFormat

extension Snapshot {
    /// Reads all frames of one kind of a run; the index doesn't hold them.
    func entries(
        of run: RunID, _ kind: FrameKind,
        _ body: (LogSection, RawSpan, Int, Int64?) throws(FormatError) -> Void
    ) throws(VarveError) {
        try frames(of: run, [kind]) { section, frame, payload, below throws(FormatError) in
            try body(section, payload, frame.header.count, below)
        }
    }

    /// The same of several kinds, with each frame's place.
    func frames(
        of run: RunID, _ kinds: Set<FrameKind>,
        _ body: (LogSection, FrameRef, RawSpan, Int64?) throws(FormatError) -> Void
    ) throws(VarveError) {
        let files = content.files(of: run.id)
        let supersession = Supersession(files)
        let zstd = Zstd()
        // A seal that a writer made of its own file repeats frames which may not have reached the disk; often they have.
        let sealed = Set(files.compactMap { $0.begin.sealOf?.salt })
        var held: Set<[UInt8]> = []
        for source in files where content.beside.mayHave(kinds, source.begin.identity) {
            let path = content.paths.log(source.name)
            let file: any OpenFile
            do throws(FileError) { file = try content.environment.fileSystem.open(path, .read) } catch {
                throw VarveError(error)
            }
            defer { file.close() }
            let reader = LogFileReader(file, zstd: zstd)
            let sections: [LogSection]
            do throws(VarveError) {
                sections = try source.sections(in: file, zstd: zstd)
                content.beside.note(sections, areFinal: source.name.isPack)
            } catch
                where error.code == .damaged || error.code == .unsupported
            {
                // What stood in it is gone, and named; that of the other files is not.
                content.note(error)
                continue
            }
            for section in sections {
                for problem in section.problems { content.note(VarveError(problem)) }
                let below = supersession.firstSuperseded(in: section.begin.attempt)
                for frame in section.frames where frame.kind.map(kinds.contains) ?? false {
                    let payload = try reader.payload(of: frame, in: section)
                    if section.isSeal, held.contains(payload) { continue }
                    if sealed.contains(section.begin.salt) { held.insert(payload) }
                    do throws(FormatError) {
                        try body(section, frame, payload.span.bytes, below)
                    } catch {
                        content.note(VarveError(error.located(in: path, at: section.baseOffset + frame.offset)))
                    }
                }
            }
        }
    }
}
