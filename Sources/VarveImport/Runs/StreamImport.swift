import Varve
import VarveFiles

/// The import of one planned run that is made of files which grow at their end: their parsers, and the runs that they find.
///
/// A follower keeps it from pass to pass, and then it reads on where it stopped: neither the file before that place nor the
/// repository is looked at again.
final class StreamImport {
    /// One of the files.
    struct Part {
        var source: ImportSource
        let bytes: FileSource
        var reader: (any StreamReader)?
        var taken = Fingerprint.Taken()
    }

    let plan: ImportPlan.Run
    private let isAlone: Bool
    /// What earlier imports made of the files, by what the files call it.
    private let earlier: [ExactText?: [ImportHistory.Known]]
    private let params: Properties
    private var session: ImportSession
    private var parts: [Part]
    private var writers: [ExactText?: ImportedRun] = [:]
    /// The same in the order of their appearance.
    private(set) var runs: [ImportedRun] = []
    /// The file at hand.
    private var file: ImportSource?

    init(
        _ session: ImportSession, _ plan: ImportPlan.Run, _ sources: [ImportSession.Opened],
        earlier: [ImportHistory.Known], params: Properties, isAlone: Bool
    ) {
        self.session = session
        self.plan = plan
        self.earlier = Dictionary(grouping: earlier) { $0.part.map(ExactText.init) }
        self.params = params
        self.isAlone = isAlone
        parts = sources.map { Part(source: $0.source, bytes: $0.bytes) }
    }

    /// Reads all files from their beginnings, leaves out what earlier imports took, and ends the runs.
    func readAll(_ format: any StreamFormat, _ place: ImportPlace) throws(VarveError) {
        for index in parts.indices {
            let source = parts[index].source
            file = source
            for run in runs { run.begin(source) }
            parts[index].reader = try format.reader(of: source, place) { [unowned self] name throws(VarveError) in
                try self.run(name)
            }
            try read(index)
        }
        try finish()
    }

    /// Reads on behind what was read before, in another session.
    func readOn(_ session: ImportSession, _ plan: ImportPlan.Run) throws(VarveError) {
        self.session = session
        for run in runs { run.session = session }
        for index in parts.indices {
            parts[index].source = plan.sources[index]
            guard parts[index].bytes.isRecoded || plan.sources[index].file.size > parts[index].taken.bytes else {
                continue
            }
            file = plan.sources[index]
            for run in runs { run.goOn(plan.sources[index]) }
            try read(index)
        }
        try finish()
    }

    private func read(_ index: Int) throws(VarveError) {
        let bytes = parts[index].bytes
        defer { bytes.close() }
        guard var reader = parts[index].reader else { return }
        try reader.read(bytes, progress: session.progress())
        try parts[index].taken.extend(to: reader.end, of: bytes)
        parts[index].reader = reader
    }

    private func finish() throws(VarveError) {
        var marks: [FileMark] = []
        for part in parts {
            guard let reader = part.reader, reader.end > 0, let fingerprint = part.taken.fingerprint else { continue }
            let path = part.source.file.relativePath
            marks.append(FileMark(path: path, bytes: reader.end, fingerprint: fingerprint, isOpen: reader.endIsOpen))
        }
        // A table whose rows name their runs has nothing for the run of the file itself.
        for run in runs where runs.count == 1 || run.part != nil || run.hasContent {
            try run.finish(marks)
            session.audit?.add(run, plan)
        }
    }

    /// The run that a file calls `name`; nil: the one of the file itself.
    private func run(_ name: String?) throws(VarveError) -> ImportedRun {
        let key = name.map(ExactText.init)
        if let run = writers[key] { return run }
        // A table that holds several runs names them itself; of several tables each is a folder of runs.
        let runName = name.map { isAlone ? $0 : plan.name + "/" + $0 } ?? plan.name
        let same = earlier[key] ?? []
        let known = same.first { $0.run.hasSameBytes(as: runName) } ?? same.first
        // What an earlier import put elsewhere (names were kept then, say) is there, too, and isn't stored again.
        var taken: [String: Int] = [:]
        for mark in same.flatMap(\.marks.values) { taken[mark.path] = max(taken[mark.path] ?? 0, mark.bytes) }
        let run = ImportedRun(session, name: runName, part: name, known: known, taken: .bytes(taken), params: params)
        if let file { run.begin(file) }
        writers[key] = run
        runs.append(run)
        session.current.append(run)
        return run
    }

    /// Whether a plan of a later pass can be read on: the same files, which still begin as they did.
    func goesOn(as plan: ImportPlan.Run) -> Bool {
        guard plan.name == self.plan.name, plan.sources.count == parts.count else { return false }
        for (part, source) in zip(parts, plan.sources) {
            guard let reader = part.reader, !reader.endIsOpen, source.id == part.source.id,
                source.subset == part.source.subset, source.file.inode == part.source.file.inode,
                part.bytes.isRecoded || source.file.size >= reader.end
            else { return false }
            defer { part.bytes.close() }
            guard (try? part.taken.holds(for: part.bytes)) == true else { return false }
        }
        return !runs.isEmpty
    }
}
