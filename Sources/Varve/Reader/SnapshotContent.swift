import VarveFiles
import VarveFormat

/// What a snapshot holds on to: open segments, and the files with what of them is not in the index.
final class SnapshotContent: Sendable {
    let environment: Environment
    let paths: RepositoryPaths
    let segments: [SegmentReader]
    /// Axes that its readers have decoded.
    let axes = AxisShelf()
    /// What they decode pages into.
    let pageMemory = PagePool()
    /// What its readers have learnt of logs.
    let beside = BesideKinds()
    /// The files of all runs.
    private let files: FileTable
    private let loadProblems: [VarveError]
    private let lateProblems = Guarded<[VarveError]>([])
    /// Rows of each segment's coverage that count, by segment.
    private let trusted: [[Bool]]
    private let repository: UniqueID
    private let only: UniqueID?
    private let usesIndex: Bool
    /// Segments that were found to be damaged when their pages were read, and how.
    private let damaged: [UniqueID: VarveError]
    /// Whether the slices of a coverage row count: its file is there, and is the one that the index has seen.
    func isTrusted(_ segment: Int, _ row: Int) -> Bool { trusted[segment][row] }

    /// Whether all slices of a segment count.
    func isWhole(_ segment: Int) -> Bool { trusted[segment].allSatisfy { $0 } }

    private let table = Guarded<PropertyTable?>(nil)
    /// Files of several runs.
    private let others: [SourceFile]

    /// The runs in the order of creation.
    var runIDs: [UniqueID] { files.runs }
    /// The runs that inherit another one's history, ascending.
    var forkedRuns: [UniqueID] { files.forkedRuns }
    /// The files of runs that had to be opened, those with points outside the index among them.
    var openedFiles: [SourceFile] { files.opened }

    /// - Parameter usesIndex: false reads everything from logs and journals.
    init(
        _ environment: Environment, _ paths: RepositoryPaths, repository: UniqueID, only run: UniqueID? = nil,
        usesIndex: Bool = true, damaged: [UniqueID: VarveError] = [:]
    ) throws(VarveError) {
        self.environment = environment
        self.paths = paths
        self.repository = repository
        only = run
        self.usesIndex = usesIndex
        self.damaged = damaged
        let found = try IndexAndNames(environment, paths, repository: repository, only: run, usesIndex: usesIndex)
        let index = damaged.isEmpty ? found.index : found.index.without(damaged)
        segments = index.segments
        var loader = SourceLoader(environment, paths, index)
        try loader.load(found.names, only: run)
        var problems = index.problems + loader.problems
        problems.sort { ($0.file ?? "", $0.offset ?? 0) < ($1.file ?? "", $1.offset ?? 0) }
        loadProblems = problems
        files = FileTable(index.coverage, whole: loader.whole, opened: loader.files.filter { $0.begin.run != .zero })
        others = loader.files.filter { $0.begin.run == .zero }
        var trusted = segments.map { [Bool](repeating: false, count: $0.coverage.count) }
        for file in loader.whole.numbers {
            index.coverage.forEachPlace(ofFile: file) { trusted[$0.segment][$0.row] = true }
        }
        for place in loader.files.flatMap(\.indexed) { trusted[place.segment][place.row] = true }
        self.trusted = trusted
    }

    /// What is there without a segment whose pages are damaged: what it held is read from the logs.
    func without(_ segment: SegmentReader, _ error: VarveError) throws(VarveError) -> SnapshotContent {
        var damaged = damaged
        damaged[segment.id] = error
        return try SnapshotContent(
            environment, paths, repository: repository, only: only, usesIndex: usesIndex, damaged: damaged)
    }

    /// A run's only file, if it has just one that the index has whole and in one piece, and inherits nothing.
    ///
    /// - Parameter next: where to look first among all runs; then the place behind it.
    func onlyFile(of run: UniqueID, from next: inout Int) -> CoverageTable.Summary? {
        files.onlyFile(of: run, from: &next)
    }

    /// Adds to what could not be read, unless it is known.
    func note(_ problem: VarveError) {
        guard !loadProblems.contains(problem) else { return }
        lateProblems.withLock { if !$0.contains(problem) { $0.append(problem) } }
    }

    /// The files of a run, in order.
    func files(of run: UniqueID) -> [SourceFile] { files.files(of: run) }

    func has(_ run: UniqueID) -> Bool { files.row(of: run) != nil }

    /// Where a run's only file is in the index, if it has just one, which is there whole in one piece and inherits nothing:
    /// then all slices of the run in that row count, and none elsewhere does.
    func onlyPlace(of run: UniqueID) -> CoverageMap.Place? {
        var next = 0
        return onlyPlace(of: run, from: &next)
    }

    /// The same of runs that come in their order, each found where the one before ended.
    func onlyPlace(of run: UniqueID, from next: inout Int) -> CoverageMap.Place? {
        files.onlyPlace(of: run, from: &next)
    }

    /// The properties of a run; all runs' are read with the first call.
    func properties(of run: UniqueID) -> Properties { propertyTable().properties(of: run) }

    /// The highest revision of a run's properties, deleted ones among them.
    func revision(of run: UniqueID) -> UInt64 { propertyTable().revision(of: run) }

    /// Everything that could not be read, in part or whole.
    var problems: [VarveError] {
        _ = propertyTable()
        return loadProblems + lateProblems.withLock { $0 }
    }

    /// The newest properties of all runs; read with the first call.
    func propertyTable() -> PropertyTable {
        if let table = table.withLock({ $0 }) { return table }
        var fresh = PropertyTable()
        let codec = ColumnCodec()
        for (segment, reader) in segments.enumerated() {
            do throws(VarveError) {
                fresh.add(try reader.properties(codec: codec), of: reader, trusted: trusted[segment])
            } catch {
                note(error)
            }
        }
        for file in openedFiles { take(file, into: &fresh) }
        for file in others { take(file, into: &fresh) }
        let done = fresh
        table.withLock { $0 = done }
        return done
    }

    private func take(_ file: SourceFile, into table: inout PropertyTable) {
        guard let section = file.tail?.section else { return }
        // A file has the rank of its own name, wherever it stands; one of several runs is only ever under its own.
        let rankName =
            section.begin.run == .zero
            ? "\(file.name)"
            : "\(section.isSeal ? LogName.seal(run: section.begin.run, n: section.begin.n) : .log(run: section.begin.run, n: section.begin.n))"
        for property in section.properties {
            table.set(
                property.key, of: property.run ?? section.begin.run, revision: property.revision, rankName: rankName,
                value: property.value)
        }
    }
}
