import Varve
import VarveFiles

/// One import on its way: the runs that a search found, one after the other.
final class ImportSession {
    let repository: Repository
    let search: ImportSearch
    var root: String { search.root }
    var options: ImportOptions { search.options }
    var fileSystem: any FileSystem { search.fileSystem }
    var report = ImportReport()
    /// What is found out about every series, if somebody asked for it.
    let audit: ImportAudit?
    /// The runs that are kept open from one pass to the next, if there are several.
    let followed: FollowedRuns?
    /// The format at hand.
    private(set) var format: any ForeignFormat = FormatRegistry.all[0]
    private var knownSnapshot: Snapshot?
    private var knownHistory: (format: String, history: ImportHistory)?
    /// Identities of the runs that were dealt with.
    private var identities: Set<String> = []
    /// Why nothing of the format at hand can be read.
    private var missing: VarveError?
    private var bytesDone = 0
    private var bytesTotal = 0
    /// The runs of the sources at hand, and which of them are open, longest first.
    var current: [ImportedRun] = []
    private var open: [ImportedRun] = []
    /// How many of their points wait in memory; and where the others do.
    private var waiting = 0
    private(set) var spillFile: SpillFile?
    /// What of a follower must wait for its turn, by ``ImportPlan/Run/key``.
    private(set) var waitingPlans: [String] = []
    /// Runs that were written to.
    private var written: Set<RunID> = []

    typealias Opened = (source: ImportSource, bytes: FileSource)

    /// Progress is told after so many bytes.
    private static let progressStep = 1 << 18

    init(_ repository: Repository, _ search: ImportSearch, _ followed: FollowedRuns? = nil) {
        self.followed = followed
        self.repository = repository
        self.search = search
        audit = search.options.audits ? ImportAudit(path: search.path) : nil
    }

    /// What is there when somebody asks first: a pass that only reads on never does.
    func snapshot() throws(VarveError) -> Snapshot {
        if let knownSnapshot { return knownSnapshot }
        let fresh = try repository.snapshot()
        knownSnapshot = fresh
        return fresh
    }

    /// What earlier imports took of the format at hand.
    func history() throws(VarveError) -> ImportHistory {
        if let knownHistory, knownHistory.format == format.name { return knownHistory.history }
        let fresh = ImportHistory(try snapshot(), format)
        knownHistory = (format.name, fresh)
        return fresh
    }

    func importAll() throws(VarveError) {
        let passedOver = [
            ("hidden files and directories", search.hidden), ("directories of installed packages", search.packages),
            ("links to what is imported anyway", search.repeated),
        ]
        for (kind, count) in passedOver where count > 0 { report.skipped[kind, default: 0] += count }
        report.notes = search.notes
        for problem in search.problems { report.add(problem) }
        bytesTotal = search.parts.reduce(0) { $0 + $1.plan.runs.reduce(0) { $0 + $1.size } }
        for part in search.parts {
            format = part.format
            identities = []
            missing = nil
            let isAlone = part.plan.runs.count == 1
            report.files += Set(part.plan.runs.flatMap { $0.sources.map(\.file.relativePath) }).count
            let store = try (part.format as? any StoreFormat)?.open(part.place)
            for run in part.plan.runs {
                report.bytes += run.size
                if let stream = part.format as? any StreamFormat {
                    try importStreams(run, stream, part.place, isAlone: isAlone)
                } else if let store {
                    try importStore(run, store)
                }
                bytesDone += run.size
                options.progress(Progress(unit: "bytes", done: bytesDone, total: bytesTotal))
            }
        }
        try makeDurable()
        if let audit {
            try audit.readBack(repository)
            report.audit = audit
        }
        // What a follower keeps of this import needs no more than its report.
        (current, open, spillFile, knownSnapshot, knownHistory) = ([], [], nil, nil, nil)
    }

    /// Makes everything that was stored durable. One run after the other would wait for the disk each time; here the first
    /// wait serves for most. Until then a power failure costs points, which the next import notices and reads again.
    private func makeDurable() throws(VarveError) {
        guard !written.isEmpty else { return }
        let logs = Paths.join(repository.path, "logs")
        do throws(FileError) {
            for name in try fileSystem.list(logs) where RunID(name.prefix(36)).map(written.contains) ?? false {
                let file = try fileSystem.open(Paths.join(logs, name), .read)
                defer { file.close() }
                try file.sync()
            }
            try fileSystem.syncDirectory(logs)
        } catch { throw VarveError(error) }
    }

    // MARK: Runs that are open

    /// Turns to the runs of other sources: those of the last ones are finished.
    private func turn(to runs: [ImportedRun]) {
        current = runs
        open = []
        waiting = 0
        spillFile = nil
    }

    /// Whether one more run may be open.
    var hasRoom: Bool { open.count < options.maxOpenRuns }

    func opened(_ run: ImportedRun) {
        open.append(run)
        if let id = run.openID { written.insert(id) }
    }

    func closed(_ run: ImportedRun) { open.removeAll { $0 === run } }

    /// Closes the run that has been open for longest, if no more may be.
    func makeRoom() throws(VarveError) { if !hasRoom, !open.isEmpty { try open.removeFirst().suspend() } }

    /// Counts a point that waits for its run; when they get too many, they wait in a file.
    func oneMoreWaits() throws(VarveError) {
        waiting += 1
        guard waiting >= options.maxWaitingPoints else { return }
        let file = if let spillFile { spillFile } else { try SpillFile(in: repository.path, fileSystem) }
        spillFile = file
        for run in current { try run.spill(to: file) }
        waiting = 0
    }

    /// The params that lie beside a run's sources.
    private func params(of plan: ImportPlan.Run) -> Properties {
        var params = Properties()
        for directory in plan.directories {
            let found = ParamsFile.read(directory, in: fileSystem)
            for problem in found.problems { report.add(problem) }
            for (key, value) in found.params where params[key] == nil { params[key] = value }
        }
        return params
    }

    // MARK: Streams

    private func importStreams(
        _ plan: ImportPlan.Run, _ format: any StreamFormat, _ place: ImportPlace, isAlone: Bool
    ) throws(VarveError) {
        let key = "\(format.name) \(plan.key)"
        if followed?.mustWait(key) == true { return waitingPlans.append(plan.key) }
        if let live = followed?.stream(key), live.goesOn(as: plan) {
            turn(to: live.runs)
            try live.readOn(self, plan)
            followed?.keep(live, key)
            return
        }
        var sources: [Opened] = []
        for source in plan.sources {
            let bytes = FileSource(source.file.path, name: source.file.relativePath, in: fileSystem)
            do throws(VarveError) {
                _ = try bytes.size()
                bytes.close()
                sources.append((source, bytes))
            } catch { report.add(error) }
        }
        guard var earlier = try earlier(plan, sources) else { return }
        if audit == nil, try isUnchanged(earlier, sources) {
            report.runs += earlier.count
            report.unchangedRuns += earlier.count
            return
        }
        guard try discardUnfinished(&earlier, sources) else { return }
        turn(to: [])
        let stream = StreamImport(self, plan, sources, earlier: earlier, params: params(of: plan), isAlone: isAlone)
        try stream.readAll(format, place)
        followed?.keep(stream, key)
    }

    func progress() -> (Int) -> Void {
        let (before, total, options) = (bytesDone, bytesTotal, options)
        var told = 0
        return { done in
            guard done - told >= Self.progressStep else { return }
            told = done
            options.progress(Progress(unit: "bytes", done: before + done, total: total))
        }
    }

    // MARK: Stores

    private func importStore(_ plan: ImportPlan.Run, _ store: any StoreReader) throws(VarveError) {
        if let identity = plan.identity, !identities.insert(identity).inserted {
            report.skipped["runs that are there twice", default: 0] += 1
            return
        }
        let known = try self.known(plan)
        var marks: [FileMark] = []
        var isUnchanged = known.map { $0.isComplete && isEnded($0) } ?? false
        for source in plan.sources {
            guard let version = try store.version(of: source) else {
                isUnchanged = false
                continue
            }
            let mark = FileMark(path: source.id, bytes: 0, fingerprint: version)
            if known?.marks[source.id] != mark { isUnchanged = false }
            marks.append(mark)
        }
        if isUnchanged, audit == nil {
            report.runs += 1
            report.unchangedRuns += 1
            return
        }
        guard isReady(store, for: plan) else { return }
        let stored = try known.map { known throws(VarveError) in try StoredSeries(of: known.info.id, in: snapshot()) }
        let run = try read(plan, store, known, stored ?? StoredSeries())
        if !run.changedSeries.isEmpty, run.problemCount == 0, let id = known?.info.id, options.replaceChanged {
            if let open = run.openID, open == id { try run.suspend() }
            try remove([id])
            let fresh = try read(plan, store, nil, StoredSeries())
            try fresh.finish(marks)
            audit?.add(fresh, plan)
            return
        }
        if !run.changedSeries.isEmpty {
            let names = run.changedSeries.prefix(3).map { "\($0)" }.joined(separator: ", ")
            let more = run.changedSeries.count > 3 ? " and \(run.changedSeries.count - 3) more" : ""
            report.refused.append(
                "\(plan.name): what was imported isn't what the source begins with any more: \(names)\(more)")
            marks = []
        }
        try run.finish(marks)
        audit?.add(run, plan)
    }

    /// Whether a store can be read; if it can't be, that costs its own runs and not those of other formats.
    private func isReady(_ store: any StoreReader, for plan: ImportPlan.Run) -> Bool {
        if missing == nil {
            do throws(VarveError) {
                try store.prepare()
                return true
            } catch { missing = error }
        }
        guard let missing, let source = plan.sources.first else { return false }
        report.leaveOut(source.file.relativePath, of: format.name, for: missing)
        return false
    }

    /// The run that an earlier import made of this one.
    private func known(_ plan: ImportPlan.Run) throws(VarveError) -> ImportHistory.Known? {
        let history = try history()
        if let identity = plan.identity { return history.run(identity: identity) }
        for source in plan.sources {
            if let known = history.runs(ofFile: source.id).first(where: { $0.root == root }) { return known }
        }
        return history.runs(called: plan.name).first { $0.root == root }
    }

    private func read(
        _ plan: ImportPlan.Run, _ store: any StoreReader, _ known: ImportHistory.Known?, _ stored: StoredSeries
    ) throws(VarveError) -> ImportedRun {
        turn(to: [])
        let run = ImportedRun(
            self, name: plan.name, part: nil, known: known, taken: .points(stored), params: params(of: plan),
            identity: plan.identity)
        current = [run]
        for source in plan.sources {
            run.begin(source)
            try store.read(source, into: run)
        }
        return run
    }
}
