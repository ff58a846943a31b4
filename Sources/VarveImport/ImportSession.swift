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
    private var open: [ImportedRun] = []
    /// Runs that were written to.
    var written: Set<RunID> = []

    typealias Opened = (source: ImportPlan.Source, bytes: FileSource)

    /// So many runs are written at once, where one table names many.
    private static let maxOpen = 32
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
        root = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        tree = try SourceTree(path, in: fileSystem)
        history = ImportHistory(try repository.snapshot(), format)
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

    /// Remembers who was used last, and closes who wasn't.
    func used(_ writer: ImportedRun) {
        if open.last === writer { return }
        open.removeAll { $0 === writer }
        open.append(writer)
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
        var params: [String: PropertyValue] = [:]
        for directory in plan.directories {
            let found = ParamsFile.read(directory, in: fileSystem)
            for problem in found.problems { report.add(problem) }
            params.merge(found.params) { first, _ in first }
        }

        var writers: [String?: ImportedRun] = [:]
        var order: [ImportedRun] = []
        var current: ImportPlan.Source?
        open = []
        func writer(_ name: String?) throws(VarveError) -> ImportedRun {
            if let writer = writers[name] { return writer }
            // A table that holds several runs names them itself; of several tables each is a folder of runs.
            let runName = name.map { isAlone ? $0 : plan.name + "/" + $0 } ?? plan.name
            let same = earlier.filter { $0.part == name }
            let known = same.first { $0.run == runName } ?? same.first
            let writer = ImportedRun(self, name: runName, part: name, known: known, params: params)
            if let current { writer.begin(current) }
            writers[name] = writer
            order.append(writer)
            return writer
        }

        var marks: [FileMark] = []
        for (source, bytes) in sources {
            defer { bytes.close() }
            current = source
            for writer in order { writer.begin(source) }
            let end = try read(source, bytes, total: total) { name throws(VarveError) in
                let found = try writer(name)
                if self.open.count > Self.maxOpen { try self.open.removeFirst().suspend() }
                return found
            }
            if end.offset > 0, let fingerprint = try Fingerprint.of(bytes, first: end.offset) {
                let path = source.file.relativePath
                marks.append(FileMark(path: path, bytes: end.offset, fingerprint: fingerprint, isOpen: end.isOpen))
            }
        }
        // A table whose rows name their runs has nothing for the run of the file itself.
        for writer in order where order.count == 1 || writer.part != nil || writer.hasContent {
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
