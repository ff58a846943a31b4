import Varve
import VarveFiles

/// What earlier imports made of the files at hand, and whether it can be gone on from.
extension ImportSession {
    /// The runs that earlier imports made of these files; nil if the files were changed and must be left.
    func earlier(
        _ plan: ImportPlan.Run, _ sources: [Opened]
    ) throws(VarveError) -> [ImportHistory.Known]? {
        let history = try history()
        var found: [ImportHistory.Known] = []
        var changed: Set<String> = []
        var outdated: Set<RunID> = []
        for (source, bytes) in sources {
            defer { bytes.close() }
            let path = source.file.relativePath
            // One table may have made thousands of runs, each with the same mark.
            var fingerprints: [Int: UInt64?] = [:]
            for known in history.runs(ofFile: path) {
                guard let mark = known.marks[path], mark.bytes > 0 else { continue }
                if fingerprints[mark.bytes] == nil {
                    fingerprints[mark.bytes] = .some(try Fingerprint.of(bytes, first: mark.bytes))
                }
                if fingerprints[mark.bytes] == mark.fingerprint {
                    let isHere = known.root == root
                    if isHere { found.append(known) } else if try isGone(known.root, path) { found.append(known) }
                } else if known.root == root {
                    changed.insert(path)
                    outdated.insert(known.info.id)
                }
            }
        }
        found += history.runs(called: plan.name).filter { $0.root == root }
        var seen: Set<RunID> = []
        found.removeAll { !seen.insert($0.info.id).inserted }
        if changed.isEmpty { return found }
        guard options.replaceChanged else {
            report.refused.append("\(plan.name): \(changed.sorted().joined(separator: ", "))")
            return nil
        }
        try remove(outdated.sorted())
        return found.filter { !outdated.contains($0.info.id) }
    }

    /// A run that nobody writes to any more has an end; one that a follower keeps open gets it later.
    func isEnded(_ known: ImportHistory.Known) -> Bool { isEnded(known.info.id, known) }

    func isEnded(_ run: RunID, _ known: ImportHistory.Known?) -> Bool {
        followed?.holds(run) == true || known?.isEnded == true
    }

    /// Moves runs to the trash, which must not be open.
    func remove(_ runs: [RunID]) throws(VarveError) {
        for run in runs { try followed?.end(run) }
        _ = try repository.remove(runs)
    }

    private func isGone(_ root: String, _ path: String) throws(VarveError) -> Bool {
        do throws(FileError) {
            return try fileSystem.targetStatus(Paths.join(root, path)) == nil
        } catch { throw VarveError(error) }
    }

    /// Whether every file was taken to its end by every run that it made.
    func isUnchanged(
        _ earlier: [ImportHistory.Known], _ sources: [Opened]
    ) throws(VarveError) -> Bool {
        guard !earlier.isEmpty, earlier.allSatisfy({ $0.isComplete && isEnded($0) }) else { return false }
        for (source, bytes) in sources {
            defer { bytes.close() }
            let size = try bytes.size()
            let marks = earlier.compactMap { $0.marks[source.file.relativePath] }
            guard size == 0 || !marks.isEmpty && marks.allSatisfy({ $0.bytes == size }) else { return false }
        }
        return true
    }

    /// Sends runs to the trash that hold what no mark covers, and lets them be read again from the beginning: those whose
    /// import was killed, and those whose last row has since grown longer. Left alone, and reported, are runs of which a
    /// file isn't there any more.
    func discardUnfinished(
        _ earlier: inout [ImportHistory.Known], _ sources: [Opened]
    ) throws(VarveError) -> Bool {
        let paths = Set(sources.map(\.source.file.relativePath))
        var doubtful: [ImportHistory.Known] = []
        for known in earlier {
            var isLonger = false
            for (source, bytes) in sources {
                guard let mark = known.marks[source.file.relativePath], mark.isOpen else { continue }
                if try Self.goesOn(bytes, at: mark.bytes) { isLonger = true }
                bytes.close()
            }
            if !known.isComplete || isLonger { doubtful.append(known) }
        }
        guard !doubtful.isEmpty else { return true }
        for known in doubtful where !paths.isSuperset(of: known.marks.keys) {
            let missing = Set(known.marks.keys).subtracting(paths).sorted().joined(separator: ", ")
            report.refused.append("\(known.run): its last import was cut short, and these files are gone: \(missing)")
            return false
        }
        let runs = doubtful.map(\.info.id)
        try remove(runs)
        earlier.removeAll { runs.contains($0.info.id) }
        return true
    }

    /// Whether something else than a line end stands at `offset`.
    private static func goesOn(_ bytes: FileSource, at offset: Int) throws(VarveError) -> Bool {
        var window = SourceWindow(bytes, at: offset)
        guard try window.fill(1) else { return false }
        let byte = window.span.unsafeLoad(fromUncheckedByteOffset: 0, as: UInt8.self)
        return byte != 0x0A && byte != 0x0D
    }
}
