import VarveFiles
import VarveFormat

/// What packing did.
public struct PackReport: Hashable, Sendable {
    /// Files that stand in a pack now.
    public var files = 0
    /// Packs that were written.
    public var packs = 0
    /// Bytes of these packs.
    public var bytes = 0
    /// Files that were left as they are: written to, or damaged.
    public var skipped = 0
    /// Why those that are damaged were left.
    public var problems: [VarveError] = []
    /// Nothing was done.
    public init() {}
}

extension Repository {
    /// Puts the log files of finished runs into few large ones: the same frames, byte for byte.
    ///
    /// Each pack is read again whole before the files that it replaces are unlinked; what is being written to, isn't closed,
    /// or is damaged stays as it is. Coverage goes by a file's identity: the index needs nothing. Interrupted at any instant, a
    /// file stands in two places, counts once, and goes with the next packing.
    /// - Parameter runs: nil: all.
    /// - Throws: `system` or `noRoom`; what was packed before stays packed.
    public func pack(
        _ runs: [RunID]? = nil, progress: (Progress) -> Void = { _ in }
    ) throws(VarveError) -> PackReport {
        try demandNoBundle()
        _ = try Sealer(environment, paths).sealDead()
        let found = try LogParts(of: runs.map { Set($0.map(\.id)) }, environment, paths)
        // A seal says by its name that the journal doesn't count any more: as long as that is there, it stays beside it.
        let open = Set(
            try filesystem { () throws(FileError) in try environment.fileSystem.list(paths.logs) }
                .flatMap { text -> [LogName] in
                    guard case .journal(let run, let n)? = LogName(text) else { return [] }
                    return [.log(run: run, n: n), .seal(run: run, n: n)]
                })
        var report = PackReport()
        report.problems = found.problems
        let packed = Dictionary(
            found.parts.lazy.filter(\.isPacked).map { ($0.begin.identity, $0) }
        ) { $0.frames.count > $1.frames.count ? $0 : $1 }
        var wanted: [LogPart] = []
        var done: [LogPart] = []
        for part in found.parts where !part.isPacked {
            report.problems += part.problems
            // Filled up it would be longer than its seal says that it was: as if its writer lived.
            guard part.problems.isEmpty, !part.lacksPadding, !open.contains(part.name), try isClosed(part, found)
            else {
                report.skipped += 1
                continue
            }
            let copy = packed[part.begin.identity]
            if let copy, copy.problems.isEmpty, copy.frames.count == part.frames.count {
                done.append(part)
            } else {
                wanted.append(part)
            }
        }
        let pairs = Self.withoutLoneHalves(wanted, found)
        report.skipped += wanted.count - pairs.count
        wanted = pairs
        // An interrupted packing is finished first.
        try unlink(done)
        let total = wanted.reduce(0) { $0 + $1.frames.count }
        for batch in Self.batches(wanted) {
            let before = report.bytes
            let pack = try PackWriter(environment, paths).publish(batch) { bytes in
                progress(Progress(unit: "bytes", done: before + bytes, total: max(total, before + bytes)))
            }
            try unlink(batch)
            report.files += batch.count
            report.packs += 1
            report.bytes += pack.bytes
        }
        return report
    }

    /// Without seals and sealed files whose other half isn't packed along: one that its writer has appended to after it was sealed
    /// stays, and then its seal, which repeats frames of it, does, too.
    private static func withoutLoneHalves(_ parts: [LogPart], _ found: LogParts) -> [LogPart] {
        var going = Set(parts.map(\.begin.identity))
        for part in parts {
            if let seal = found.seal(of: part), !going.contains(seal.begin.identity) {
                going.remove(part.begin.identity)
            }
        }
        return parts.filter { part in
            going.contains(part.begin.identity) && part.begin.source.map(going.contains) ?? true
        }
    }

    /// Nothing will be appended to it, and nothing taken from a seal of it.
    private func isClosed(_ part: LogPart, _ found: LogParts) throws(VarveError) -> Bool {
        if part.begin.sealOf != nil { return part.hasEnd }
        if part.hasEnd { return true }
        guard let seal = found.seal(of: part), seal.hasEnd, seal.problems.isEmpty else { return false }
        return seal.begin.sealOf?.size == UInt64(part.range.count)
    }

    private func unlink(_ parts: [LogPart]) throws(VarveError) {
        guard !parts.isEmpty else { return }
        do throws(FileError) {
            // A seal last: alone, its source would count as open.
            for part in parts.sorted(by: { $0.begin.sealOf == nil && $1.begin.sealOf != nil }) {
                try environment.fileSystem.unlink(paths.log(part.place))
            }
            try environment.fileSystem.syncDirectory(paths.logs)
        } catch {
            throw VarveError(error)
        }
    }

    private static let packBytes = 1 << 30
    private static let packFiles = 50_000

    /// Parts in packs of a size that can still be written anew when one of their runs is deleted. A file and its seal stay
    /// together.
    private static func batches(_ parts: [LogPart]) -> [[LogPart]] {
        var batches: [[LogPart]] = []
        var bytes = 0
        for part in parts {
            let isFull = bytes > packBytes || (batches.last?.count ?? 0) >= packFiles
            if batches.isEmpty || isFull && part.begin.sealOf == nil {
                batches.append([])
                bytes = 0
            }
            batches[batches.count - 1].append(part)
            bytes += part.frames.count
        }
        // One file alone gains nothing.
        return batches.filter { $0.count > 1 }
    }
}
