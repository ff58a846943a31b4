import VarveFiles
import VarveFormat

extension Snapshot {
    /// The text of a run in the order of logging: attempt, file, place. What a rewind superseded is left out.
    ///
    /// A run that has said much is better read with ``forEachText(of:_:)``.
    public func text(of run: RunID) throws(VarveError) -> [TextLine] {
        var lines: [TextLine] = []
        try forEachText(of: run) { lines.append($0) }
        return lines
    }

    /// Reads the text of a run entry by entry, in the same order: a frame at a time is in memory.
    public func forEachText(of run: RunID, _ body: (TextLine) -> Void) throws(VarveError) {
        _ = try readText(of: run, body)
    }

    /// The same; returns for each file, by its salt, where its last frame of text ends.
    func readText(of run: RunID, _ body: (TextLine) -> Void) throws(VarveError) -> [UInt64: Int] {
        // A frame may be there twice, as a copy, or in a seal: each line has a number in its file.
        var seen: [UInt64: Set<UInt64>] = [:]
        var ends: [UInt64: Int] = [:]
        try frames(of: run, [.text]) { section, frame, payload, below throws(FormatError) in
            if !section.isSeal { ends[section.begin.salt] = frame.offset + frame.header.frameBytes }
            let parsed = try TextEntry.parse(payload, count: frame.header.count)
            for (i, entry) in parsed.entries.enumerated() {
                let salt = section.begin.sealOf?.salt ?? section.begin.salt
                guard seen[salt, default: []].insert(parsed.firstOrdinal &+ UInt64(i)).inserted else { continue }
                if let below, let step = entry.step, step >= below { continue }
                body(TextLine(entry, rank: section.begin.rank))
            }
        }
        return ends
    }

    /// What the newest attempt of a run said when it ended, such as why it failed; nil if it said nothing.
    public func endMessage(of run: RunID) throws(VarveError) -> String? {
        let files = content.files(of: run.id)
        let newest = files.map(\.begin.attempt).max()
        let zstd = Zstd()
        var found: String?
        for source in files where source.begin.attempt == newest && source.end != nil {
            let file: any OpenFile
            do throws(FileError) {
                file = try content.environment.fileSystem.open(content.paths.log(source.name), .read)
            } catch {
                throw VarveError(error)
            }
            defer { file.close() }
            let sections: [LogSection]
            do throws(VarveError) { sections = try source.sections(in: file, zstd: zstd) } catch
                where error.code == .damaged || error.code == .unsupported
            {
                content.note(error)
                continue
            }
            for section in sections {
                guard let end = section.end, !end.message.isEmpty else { continue }
                if end.state == .failed { return end.message }
                found = found ?? end.message
            }
        }
        return found
    }
}
