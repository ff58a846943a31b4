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
    /// What is there when the import begins.
    let snapshot: Snapshot
    /// The format at hand, and what earlier imports took of it.
    private(set) var format: any ForeignFormat = FormatRegistry.all[0]
    private(set) var history: ImportHistory
    /// Identities of the runs that were dealt with.
    private var identities: Set<String> = []
    private var bytesDone = 0
    private var bytesTotal = 0
    /// The runs of the sources at hand, and which of them are open, longest first.
    private var current: [ImportedRun] = []
    private var open: [ImportedRun] = []
    private var waiting = 0
    /// Runs that were written to.
    private var written: Set<RunID> = []

    typealias Opened = (source: ImportSource, bytes: FileSource)

    /// Progress is told after so many bytes.
    private static let progressStep = 1 << 18

    init(_ repository: Repository, _ search: ImportSearch) throws(VarveError) {
        self.repository = repository
        self.search = search
        snapshot = try repository.snapshot()
        audit = search.options.audits ? ImportAudit(path: search.path) : nil
        history = ImportHistory(snapshot, format)
    }

    func importAll() throws(VarveError) {
        if search.hidden > 0 { report.skipped["hidden files and directories", default: 0] += search.hidden }
        for problem in search.problems { report.add(problem) }
        bytesTotal = search.parts.reduce(0) { $0 + $1.plan.runs.reduce(0) { $0 + $1.size } }
        for part in search.parts {
            format = part.format
            history = ImportHistory(snapshot, format)
            identities = []
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

    /// Whether one more run may be open.
    var hasRoom: Bool { open.count < options.maxOpenRuns }

    func opened(_ run: ImportedRun) {
        open.append(run)
        if let id = run.openID { written.insert(id) }
    }

    func closed(_ run: ImportedRun) { open.removeAll { $0 === run } }

    /// Counts a point that waits for its run; when they get too many, the run with most of them takes the place of the one
    /// that has been open for longest. Each change of places makes a file, so it must not happen for every row.
    func oneMoreWaits() throws(VarveError) {
        waiting += 1
        guard waiting >= options.maxWaitingPoints, let largest = current.max(by: { $0.waitingCount < $1.waitingCount })
        else {
            return
        }
        if !hasRoom { try open.removeFirst().suspend() }
        waiting -= largest.waitingCount
        try largest.storeWaiting()
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
        let params = params(of: plan)

        var writers: [String?: ImportedRun] = [:]
        current = []
        open = []
        waiting = 0
        var file: ImportSource?
        func writer(_ name: String?) throws(VarveError) -> ImportedRun {
            if let writer = writers[name] { return writer }
            // A table that holds several runs names them itself; of several tables each is a folder of runs.
            let runName = name.map { isAlone ? $0 : plan.name + "/" + $0 } ?? plan.name
            let same = earlier.filter { $0.part == name }
            let known = same.first { $0.run == runName } ?? same.first
            // What an earlier import put elsewhere (names were kept then, say) is there, too, and isn't stored again.
            var taken: [String: Int] = [:]
            for mark in same.flatMap(\.marks.values) { taken[mark.path] = max(taken[mark.path] ?? 0, mark.bytes) }
            let writer = ImportedRun(
                self, name: runName, part: name, known: known, taken: .bytes(taken), params: params)
            if let file { writer.begin(file) }
            writers[name] = writer
            current.append(writer)
            return writer
        }

        var marks: [FileMark] = []
        for (source, bytes) in sources {
            defer { bytes.close() }
            file = source
            for writer in current { writer.begin(source) }
            var reader = try format.reader(of: source, place) { name throws(VarveError) in try writer(name) }
            try reader.read(bytes, progress: progress())
            if reader.end > 0, let fingerprint = try Fingerprint.of(bytes, first: reader.end) {
                let path = source.file.relativePath
                marks.append(
                    FileMark(path: path, bytes: reader.end, fingerprint: fingerprint, isOpen: reader.endIsOpen))
            }
        }
        // A table whose rows name their runs has nothing for the run of the file itself.
        for writer in current where current.count == 1 || writer.part != nil || writer.hasContent {
            try writer.finish(marks)
            audit?.add(writer, plan)
        }
    }

    private func progress() -> (Int) -> Void {
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
        let known = self.known(plan)
        var marks: [FileMark] = []
        var isUnchanged = known?.isComplete ?? false
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
        let stored = try known.map { known throws(VarveError) in try StoredSeries(of: known.info.id, in: snapshot) }
        let run = try read(plan, store, known, stored ?? StoredSeries())
        if !run.changedSeries.isEmpty, run.problemCount == 0, let id = known?.info.id, options.replaceChanged {
            if let open = run.openID, open == id { try run.suspend() }
            _ = try repository.remove([id])
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

    /// The run that an earlier import made of this one.
    private func known(_ plan: ImportPlan.Run) -> ImportHistory.Known? {
        if let identity = plan.identity { return history.run(identity: identity) }
        for source in plan.sources {
            if let known = history.runs(ofFile: source.id).first(where: { $0.root == root }) { return known }
        }
        return history.runs(called: plan.name).first { $0.root == root }
    }

    private func read(
        _ plan: ImportPlan.Run, _ store: any StoreReader, _ known: ImportHistory.Known?, _ stored: StoredSeries
    ) throws(VarveError) -> ImportedRun {
        current = []
        open = []
        waiting = 0
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
