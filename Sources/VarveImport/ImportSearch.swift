import Varve
import VarveFiles

/// Finds out what is below a path: which formats, and which runs.
///
/// The formats look at the files one after the other, and what one of them takes the next ones don't see. A format that was
/// named by the caller sees everything.
public struct ImportSearch {
    /// One of the formats that were found.
    public struct Find: Sendable {
        /// The format.
        public var format: ImportFormat
        /// How many runs its files make, as far as their names tell: one table may hold several.
        public var runs: Int
    }

    /// The path that was looked at.
    public let path: String
    /// What was found, in the order in which it is imported.
    public var found: [Find] { parts.map { Find(format: ImportFormat($0.format), runs: $0.plan.runs.count) } }
    /// What was seen and is not taken, and how to have it taken: sentences without a full stop.
    public private(set) var notes: [String] = []

    let root: String
    let fileSystem: any FileSystem
    let options: ImportOptions
    private(set) var parts: [(format: any ForeignFormat, plan: ImportPlan, place: ImportPlace)] = []
    private(set) var hidden = 0
    private(set) var packages = 0
    private(set) var repeated = 0
    /// Whether there are stores whose files the tree doesn't list.
    private(set) var hasHiddenStore = false
    private(set) var problems: [VarveError] = []

    /// Looks for one format, or for all that are known.
    /// - Throws: what keeps the path from being read.
    public init(
        _ path: String, _ format: ImportFormat? = nil, options: ImportOptions = ImportOptions()
    ) throws(VarveError) {
        try self.init(path, format?.type, options, RealFileSystem())
    }

    init(
        _ path: String, _ format: (any ForeignFormat)?, _ options: ImportOptions, _ fileSystem: any FileSystem
    ) throws(VarveError) {
        try self.init(try SourceTree(path, in: fileSystem, isSearch: true), format, options, fileSystem)
    }

    /// Looks through a tree that was walked already.
    init(
        _ tree: SourceTree, _ format: (any ForeignFormat)?, _ options: ImportOptions, _ fileSystem: any FileSystem
    ) throws(VarveError) {
        var tree = tree
        path = tree.rootPath
        self.options = options
        self.fileSystem = fileSystem
        root = Self.absolute(path)
        problems = tree.problems
        let stores = [AimFormat.directory, GuildFormat.hidden]
        hasHiddenStore = tree.hiddenNames.contains { stores.contains(Paths.lastComponent($0)) }
        (packages, repeated) = (tree.packages, tree.repeated)
        let place = ImportPlace(root: root, options: options, fileSystem: fileSystem, isNamed: format != nil)
        for candidate in format.map({ [$0] }) ?? FormatRegistry.all {
            let plan = try candidate.plan(tree, place)
            tree.remove(plan.claims)
            notes += plan.notes
            problems += plan.problems
            if !plan.runs.isEmpty { parts.append((candidate, plan, place)) }
        }
        hidden = tree.hiddenNames.count
        if format == nil, !parts.isEmpty, let note = Self.note(of: tree.files) { notes.append(note) }
    }

    /// Whether all that was found are files that grow at their end: their sizes tell everything.
    var holdsStreamsOnly: Bool { parts.allSatisfy { $0.format is any StreamFormat } }

    /// Takes away runs made of files that only grow for which `isDone` says so.
    mutating func skip(_ isDone: (ImportPlan.Run) -> Bool) {
        for index in parts.indices where parts[index].format is any StreamFormat {
            parts[index].plan.runs.removeAll { isDone($0) }
        }
        parts.removeAll { $0.plan.runs.isEmpty }
    }

    /// The first few of many names.
    static func few(_ names: [String]) -> String {
        names.prefix(3).joined(separator: ", ") + (names.count > 3 ? ", …" : "")
    }

    /// What no format took, by the endings of its names: whoever misses something sees why.
    private static func note(of files: [SourceTree.File]) -> String? {
        let rest = files.filter { !ParamsFile.names.contains($0.name) }
        guard !rest.isEmpty else { return nil }
        let kinds = Dictionary(grouping: rest) { file in
            file.name.lastIndex(of: ".").map { String(file.name[$0...]) } ?? "no ending"
        }
        let counts = kinds.map { (ending: $0.key, count: $0.value.count) }
            .sorted { ($1.count, $0.ending) < ($0.count, $1.ending) }
        let list = counts.prefix(5).map { "\($0.ending): \($0.count)" }.joined(separator: ", ")
        if rest.count == 1 { return "1 file (\(rest[0].relativePath)) is of no format that is known" }
        return "\(rest.count) files (\(list)\(counts.count > 5 ? ", …" : "")) are of no format that is known"
    }

    /// Takes away formats by their names.
    mutating func skip(formats: Set<String>) { parts.removeAll { formats.contains($0.format.name) } }

    /// The path by which a later import knows this one again, from wherever it is started.
    private static func absolute(_ path: String) -> String {
        let isAbsolute = path.hasPrefix("/")
        let whole = isAbsolute ? path : Paths.join(RealHost().environment("PWD") ?? "", path)
        let parts = whole.split(separator: "/").filter { $0 != "." }
        return (whole.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
    }
}

extension Repository {
    /// Brings the logs of one format below `path` in: a directory of any depth, or one file.
    ///
    /// Importing the same directory again adds what is new, and nothing twice; see ``ImportReport/refused`` for files that
    /// were replaced. Damage in the files is reported, and what can be read around it is taken.
    /// - Throws: what keeps the import as a whole from going on: no such path, a full disk, options that fit no file.
    public func importLogs(
        _ format: ImportFormat, from path: String, options: ImportOptions = ImportOptions()
    ) throws(VarveError) -> ImportReport {
        try importLogs(try ImportSearch(path, format, options: options))
    }

    /// Brings in what a search found.
    public func importLogs(_ search: ImportSearch) throws(VarveError) -> ImportReport {
        let session = ImportSession(self, search)
        try session.importAll()
        return session.report
    }
}
