import VarveFiles
import VarveFormat

/// What a repair did.
public struct RepairReport: Hashable, Sendable {
    /// A file that was written.
    public struct Written: Hashable, Sendable {
        /// Its path.
        public var file: String
        /// The damaged file for which it was made; nil: the index.
        public var source: String?
        /// What it is, and what to do with it.
        public var message: String
        /// Bytes of the source that are damaged and not in it.
        public var droppedBytes = 0
        /// Points of the source that are nowhere any more.
        public var lostPoints = 0
        /// Damaged frames that were made anew as they were: what they hold, or define, is readable again.
        public var restoredFrames = 0
    }

    /// What was found to be wrong before, by file and offset.
    public var found: [VarveError] = []
    /// Files that were written; none was changed or removed.
    public var written: [Written] = []
    /// What can't be repaired from what is here.
    public var remaining: [VarveError] = []
    /// Nothing was done.
    public init() {}
}

extension Repository {
    /// Writes new files beside damaged ones, and changes and removes nothing.
    ///
    /// - A damaged log gets a salvaged copy, `NAME.salvaged`, with every frame that is whole at its old place, a lost beginning
    ///   that the index knows, damaged headers that can be proved, and definitions of series of which one byte is damaged or whose
    ///   metric is known from elsewhere.
    ///   Readers ignore it until it is renamed. One that an earlier repair left, and that says the same, is not written a second
    ///   time.
    /// - A damaged index, or one that a deep verification finds to differ from logs that are whole, is made anew from the logs: new
    ///   segments, and a manifest with a higher number. The old files stay. Repeating an interrupted repair finishes it. An index that
    ///   has points which the logs have lost is left as it is.
    /// - Journals and artifacts can't be repaired: a journal's records are read one by one as it is.
    ///
    /// - Parameters:
    ///   - deep: also compares the index with the logs, point by point.
    ///   - progress: as of ``verify(deep:progress:)``.
    /// - Throws: `system` if a file can't be read or written; `invalid` for a bare folder of log files.
    public func repair(
        deep: Bool = false, progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) throws(VarveError) -> RepairReport {
        guard !paths.isBare else {
            throw VarveError(
                .invalid, "a bare folder of log files can't be repaired", file: paths.root,
                remedy: "make a repository with `varve init` and move the files into its logs/")
        }
        var report = RepairReport()
        report.found = try verify(deep: deep, progress: progress).problems
        var logs: [String] = []
        var indexDamage: [VarveError] = []
        var differences: [VarveError] = []
        for problem in report.found {
            guard let file = problem.file else { continue }
            if Paths.parent(file) == paths.logs, file.hasSuffix(".vlog") {
                if logs.last != file { logs.append(file) }
            } else if file == paths.index {
                differences.append(problem)
            } else if Paths.parent(file) == paths.index {
                indexDamage.append(problem)
            } else {
                report.remaining.append(problem)
            }
        }
        // An index may have what damaged logs have lost: made anew from them, it would lose that, too.
        if logs.isEmpty {
            indexDamage += differences
        } else {
            report.remaining += differences
        }
        for file in logs { try salvage(file, &report) }
        if indexDamage.isEmpty, try !isRebuildUnfinished() { return report }
        let onlyThere = try IndexComparison(self).lostByLogs()
        if onlyThere.isEmpty {
            try rebuildIndex(&report)
        } else {
            report.remaining += indexDamage + onlyThere
        }
        return report
    }

    private func salvage(_ path: String, _ report: inout RepairReport) throws(VarveError) {
        let name = Paths.lastComponent(path)
        if case .log(let run, let n)? = LogName(name), try isAlive(run: run, n: n) {
            report.remaining.append(
                VarveError(.state, "its writer lives", file: path, remedy: "repair it when the run has ended"))
            return
        }
        let fileSystem = environment.fileSystem
        var salvaged: LogSalvage?
        var final = "\(path).salvaged"
        do throws(FileError) {
            var number = 1
            while try fileSystem.status(final) != nil {
                number += 1
                final = "\(path).salvaged-\(number)"
            }
            let source = try fileSystem.open(path, .read)
            defer { source.close() }
            // Not the time of the repair: the same damage gives the same bytes.
            let noticed = try fileSystem.status(path)?.modified ?? environment.host.wallTime()
            let publication = try Publication(
                fileSystem, final, from: Paths.temporary(for: final, tag: environment.host.random()))
            defer { publication.abandon() }
            let metrics = { (try? self.snapshot().metrics().map(\.metric)) ?? [] }
            var result = try LogSalvage.run(
                source, to: publication.file, zstd: Zstd(), now: noticed, metrics: metrics)
            if !result.hasBegin, let place = LogName(name),
                let lost = try? LostBegin(of: place, environment, paths, repository: id)
            {
                let made = try LogSalvage.run(
                    source, to: publication.file, zstd: Zstd(), now: noticed, lostBegin: lost, metrics: metrics)
                if lost.isProved(by: publication.file, name: place) { result = made }
            }
            // A damage that no rewriting mends (a frame that is whole and says nonsense) needs no copy.
            if result.hasBegin, !result.dropped.isEmpty || result.restoredFrames > 0 {
                if let earlier = try earlierSalvage(of: path, like: publication.file) {
                    final = earlier
                } else if try !publication.commit() {
                    throw FileError("link", final, .exists)
                }
                salvaged = result
            }
        } catch {
            throw VarveError(error)
        }
        guard let salvaged else {
            report.remaining += report.found.filter { $0.file == path }
            return
        }
        report.written.append(
            RepairReport.Written(
                file: final, source: path,
                message: "what is whole in \(name); it counts once it has that name",
                droppedBytes: salvaged.dropped.reduce(0) { $0 + $1.count }, lostPoints: salvaged.lostPoints,
                restoredFrames: salvaged.restoredFrames))
    }

    /// A copy that an earlier repair made of a damaged log, with the same bytes as a new one; nil: there is none.
    private func earlierSalvage(of path: String, like copy: any OpenFile) throws(FileError) -> String? {
        let fileSystem = environment.fileSystem
        let size = try copy.size()
        let prefix = Paths.lastComponent(path) + ".salvaged"
        for name in try fileSystem.list(Paths.parent(path)).sorted() where name.beginsWithBytes(of: prefix) {
            let earlier = Paths.join(Paths.parent(path), name)
            guard try fileSystem.status(earlier)?.size == size else { continue }
            let file = try fileSystem.open(earlier, .read)
            defer { file.close() }
            if try file.hasSameBytes(0..<size, as: copy, at: 0) { return earlier }
        }
        return nil
    }

    private func isAlive(run: UniqueID, n: UInt32) throws(VarveError) -> Bool {
        let name = LogName.journal(run: run, n: n)
        guard let journal = try JournalReader(paths.log(name), name: name, environment.fileSystem) else { return false }
        defer { journal.close() }
        return Liveness.judge(journal, environment.host) != .dead
    }

    /// A manifest that names nothing, so that everything is read from the logs, and then an index of what they hold.
    private func rebuildIndex(_ report: inout RepairReport) throws(VarveError) {
        let before = Set(try indexFiles())
        let codec = ColumnCodec()
        let store = ManifestStore(
            fileSystem: environment.fileSystem, host: environment.host, directory: paths.index, repository: id)
        let index = try store.open(codec: codec)
        _ = try store.commit(ManifestStore.Change(removed: index.segments.map(\.id)), to: index, codec: codec)
        var options = CompactionOptions()
        options.removesNothing = true
        report.remaining += try Compactor(environment, paths, repository: id).runOnce(options).problems
            .filter { problem in !report.found.contains { $0.file == problem.file } }
        for name in try indexFiles() where !before.contains(name) {
            report.written.append(
                RepairReport.Written(
                    file: Paths.join(paths.index, name), source: nil,
                    message: name.hasSuffix(".vseg")
                        ? "a segment made from the logs" : "a list of the segments that count from now on"))
        }
    }

    /// Whether a repair was interrupted when it had set the old index aside, and not yet made the new one.
    private func isRebuildUnfinished() throws(VarveError) -> Bool {
        guard try indexFiles().contains(where: { $0.hasSuffix(".vseg") }) else { return false }
        let index = try IndexSnapshot.open(
            environment.fileSystem, directory: paths.index, repository: id, codec: ColumnCodec())
        return index.segments.isEmpty
    }

    private func indexFiles() throws(VarveError) -> [String] {
        try filesystem { () throws(FileError) in try environment.fileSystem.list(paths.index) }
            .filter { !$0.hasPrefix(".") }.sorted()
    }
}
