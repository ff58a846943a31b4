import Varve
import VarveFiles

/// One import on its way: the runs of one root, one after the other.
final class ImportSession {
    let repository: Repository
    let format: ImportFormat
    let root: String
    let options: ImportOptions
    var report = ImportReport()
    private let tree: SourceTree
    let fileSystem: any FileSystem
    let history: ImportHistory
    private var bytesDone = 0
    /// The runs of the files at hand, and which of them are open, longest first.
    private var current: [ImportedRun] = []
    private var open: [ImportedRun] = []
    private var waiting = 0
    /// Runs that were written to.
    var written: Set<RunID> = []

    typealias Opened = (source: ImportPlan.Source, bytes: FileSource)

    /// Progress is told after so many bytes.
    private static let progressStep = 1 << 18

    init(
        _ repository: Repository, _ format: ImportFormat, _ path: String, _ options: ImportOptions,
        _ fileSystem: any FileSystem
    ) throws(VarveError) {
        self.repository = repository
        self.format = format
        self.options = options
        self.fileSystem = fileSystem
        root = Self.absolute(path)
        tree = try SourceTree(path, in: fileSystem)
        history = ImportHistory(try repository.snapshot(), format)
    }

    /// The path by which a later import knows this one again, from wherever it is started.
    private static func absolute(_ path: String) -> String {
        let isAbsolute = path.hasPrefix("/")
        let whole = isAbsolute ? path : Paths.join(RealHost().environment("PWD") ?? "", path)
        let parts = whole.split(separator: "/").filter { $0 != "." }
        return (whole.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
    }

    func importAll() throws(VarveError) {
        let plan = ImportPlan(tree, format, keepNames: options.keepNames)
        if tree.hidden > 0 { report.skipped["hidden files and directories", default: 0] += tree.hidden }
        for problem in tree.problems { report.add(problem) }
        let total = plan.runs.reduce(0) { $0 + $1.files.reduce(0) { $0 + $1.file.size } }
        let isAlone = plan.runs.count == 1
        for run in plan.runs {
            let size = run.files.reduce(0) { $0 + $1.file.size }
            report.files += run.files.count
            report.bytes += size
            try importRun(run, isAlone: isAlone, total: total)
            bytesDone += size
            options.progress(Progress(unit: "bytes", done: bytesDone, total: total))
        }
        try makeDurable()
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

    private func importRun(_ plan: ImportPlan.Run, isAlone: Bool, total: Int) throws(VarveError) {
        var sources: [Opened] = []
        for source in plan.files {
            let bytes = FileSource(source.file.path, name: source.file.relativePath, in: fileSystem)
            do throws(VarveError) {
                _ = try bytes.size()
                bytes.close()
                sources.append((source, bytes))
            } catch { report.add(error) }
        }
        guard var earlier = try earlier(plan, sources) else { return }
        if try isUnchanged(earlier, sources) {
            report.runs += earlier.count
            report.unchangedRuns += earlier.count
            return
        }
        guard try discardUnfinished(&earlier, sources) else { return }
        var params = Properties()
        for directory in plan.directories {
            let found = ParamsFile.read(directory, in: fileSystem)
            for problem in found.problems { report.add(problem) }
            for (key, value) in found.params where params[key] == nil { params[key] = value }
        }

        var writers: [String?: ImportedRun] = [:]
        current = []
        open = []
        waiting = 0
        var file: ImportPlan.Source?
        func writer(_ name: String?) throws(VarveError) -> ImportedRun {
            if let writer = writers[name] { return writer }
            // A table that holds several runs names them itself; of several tables each is a folder of runs.
            let runName = name.map { isAlone ? $0 : plan.name + "/" + $0 } ?? plan.name
            let same = earlier.filter { $0.part == name }
            let known = same.first { $0.run == runName } ?? same.first
            // What an earlier import put elsewhere (names were kept then, say) is there, too, and isn't stored again.
            var taken: [String: Int] = [:]
            for mark in same.flatMap(\.marks.values) { taken[mark.path] = max(taken[mark.path] ?? 0, mark.bytes) }
            let writer = ImportedRun(self, name: runName, part: name, known: known, taken: taken, params: params)
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
            let end = try read(source, bytes, total: total) { name throws(VarveError) in
                try writer(name)
            }
            if end.offset > 0, let fingerprint = try Fingerprint.of(bytes, first: end.offset) {
                let path = source.file.relativePath
                marks.append(FileMark(path: path, bytes: end.offset, fingerprint: fingerprint, isOpen: end.isOpen))
            }
        }
        // A table whose rows name their runs has nothing for the run of the file itself.
        for writer in current where current.count == 1 || writer.part != nil || writer.hasContent {
            try writer.finish(marks)
        }
    }

    private func read(
        _ source: ImportPlan.Source, _ bytes: FileSource, total: Int, _ sink: @escaping SinkFinder
    ) throws(VarveError) -> (offset: Int, isOpen: Bool) {
        let path = source.file.relativePath
        let before = bytesDone
        let options = options
        var told = 0
        let progress = { (done: Int) in
            guard done - told >= Self.progressStep else { return }
            told = done
            options.progress(Progress(unit: "bytes", done: before + done, total: total))
        }
        switch format {
        case .tensorboard:
            var reader = EventFileReader(file: path, into: try sink(nil))
            try reader.read(bytes, progress: progress)
            return (reader.end, false)
        case .csv:
            var reader = try CSVImport(file: path, options: options.table, sinks: sink)
            try reader.read(bytes, progress: progress)
            return (reader.end, reader.endIsOpen)
        case .jsonl:
            var reader = try JSONLinesImport(file: path, options: options.table, sinks: sink)
            try reader.read(bytes, progress: progress)
            return (reader.end, reader.endIsOpen)
        }
    }
}

extension Repository {
    /// Brings the logs below `path` in: a directory of any depth, or one file.
    ///
    /// Importing the same directory again adds what is new, and nothing twice; see ``ImportReport/refused`` for files that
    /// were replaced. Damage in the files is reported, and what can be read around it is taken.
    /// - Throws: what keeps the import as a whole from going on: no such path, a full disk, options that fit no file.
    public func importLogs(
        _ format: ImportFormat, from path: String, options: ImportOptions = ImportOptions()
    ) throws(VarveError) -> ImportReport {
        let session = try ImportSession(self, format, path, options, RealFileSystem())
        try session.importAll()
        return session.report
    }
}
