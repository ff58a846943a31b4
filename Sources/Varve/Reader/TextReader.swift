import VarveFiles
import VarveFormat

extension Snapshot {
    /// The text of a run in the order of logging: attempt, file, place. What a rewind superseded is left out.
    public func text(of run: RunID) throws(VarveError) -> [TextLine] {
        var lines: [TextLine] = []
        // A frame may be there twice, as a copy, or in a seal: each line has a number in its file.
        var seen: [UInt64: Set<UInt64>] = [:]
        try entries(of: run, .text) { section, payload, count, below throws(FormatError) in
            let parsed = try TextEntry.parse(payload, count: count)
            for (i, entry) in parsed.entries.enumerated() {
                let salt = section.begin.sealOf?.salt ?? section.begin.salt
                guard seen[salt, default: []].insert(parsed.firstOrdinal &+ UInt64(i)).inserted else { continue }
                if let below, let step = entry.step, step >= below { continue }
                lines.append(
                    TextLine(
                        channel: entry.channel, step: entry.step.map { Int($0) }, time: entry.time, text: entry.text))
            }
        }
        return lines
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
            for section in try LogScanner.scan(file, name: source.name, zstd: zstd)
            where section.begin.identity == source.begin.identity {
                guard let end = section.end, !end.message.isEmpty else { continue }
                if end.state == .failed { return end.message }
                found = found ?? end.message
            }
        }
        return found
    }
}
