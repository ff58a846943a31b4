import Varve
import VarveFiles
import VarveFormat
import VarveTestSupport

/// A campaign of log files in a simulated repository, with the plain list of what each holds: what the index is
/// compared with.
struct CampaignModel {
    let paths = RepositoryPaths(root: "/repo")
    let repository = UniqueID(high: 7, low: 7)
    var fileSystem: SimulatedFileSystem
    let host: SimulatedHost
    private(set) var files: [LogFileFixture] = []
    private var written: [Int] = []

    init(seed: UInt64) throws {
        fileSystem = SimulatedFileSystem(seed: seed)
        host = SimulatedHost(seed: seed)
        for directory in [paths.root, paths.logs, paths.index] { try fileSystem.makeDirectory(directory) }
        for directory in ["/", paths.root] { try fileSystem.syncDirectory(directory) }
    }

    var environment: Environment { Environment(fileSystem: fileSystem, host: host, hasThreads: false) }
    var compactor: Compactor { Compactor(environment, paths, repository: repository) }

    func index() throws -> IndexSnapshot {
        try IndexSnapshot.open(fileSystem, directory: paths.index, repository: repository, codec: ColumnCodec())
    }

    /// Begins a log file; returns its number among the files.
    mutating func begin(run: UniqueID, n: UInt32, attempt: UInt32 = 0, change: (inout BeginFrame) -> Void = { _ in })
        -> Int
    {
        var begin = BeginFrame()
        begin.repository = repository
        begin.run = run
        begin.n = n
        begin.attempt = attempt
        begin.salt = host.random()
        begin.created = host.wallTime()
        begin.host = "simulated"
        change(&begin)
        files.append(LogFileFixture(begin))
        written.append(0)
        return files.count - 1
    }

    mutating func update(_ file: Int, _ body: (inout LogFileFixture) throws -> Void) rethrows { try body(&files[file]) }

    /// Brings what was appended to the files to the file system, durably.
    mutating func flush() throws {
        for (i, file) in files.enumerated() where written[i] < file.bytes.count {
            let path = Paths.join(paths.logs, file.name)
            let open = try fileSystem.open(path, written[i] == 0 ? .createNew : .update)
            defer { open.close() }
            try open.write(Array(file.bytes[written[i]...]), at: written[i])
            try open.sync()
            written[i] = file.bytes.count
        }
        try fileSystem.syncDirectory(paths.logs)
    }

    private func rows(of file: LogFileFixture, _ index: IndexSnapshot) -> [CoverageRow] {
        index.segments.flatMap(\.coverage).filter { $0.begin.run == file.begin.run && $0.begin.n == file.begin.n }
    }

    /// Deletes all files of a run.
    mutating func remove(run: UniqueID) throws {
        for i in files.indices.reversed() where files[i].begin.run == run {
            try fileSystem.unlink(Paths.join(paths.logs, files[i].name))
            files.remove(at: i)
            written.remove(at: i)
        }
        try fileSystem.syncDirectory(paths.logs)
    }

    /// The points of the campaign by series, in the order in which an index has them.
    ///
    /// - Parameter isIndexed: which points the index has; by default all.
    func expected(
        _ isIndexed: (LogFileFixture, LogFileFixture.Point) -> Bool = { _, _ in true }
    ) -> [IndexContent.Key: [IndexContent.Point]] {
        var series: [IndexContent.Key: [IndexContent.Point]] = [:]
        func rank(_ begin: BeginFrame) -> (UInt32, UInt32, Int, UInt64) {
            (begin.attempt, begin.n, begin.sealOf == nil ? 0 : 1, begin.salt)
        }
        for file in files.sorted(by: { rank($0.begin) < rank($1.begin) }) {
            for point in file.points where isIndexed(file, point) {
                series[IndexContent.Key(run: file.begin.run, metric: point.metric), default: []].append(
                    IndexContent.Point(
                        file: file.begin.identity, step: point.step, time: point.time, value: point.value))
            }
        }
        return series
    }

    /// Demands that the index holds exactly what its coverage says: of each file the points below the covered sequence.
    ///
    /// - Parameter whole: the coverage must reach the end of each file.
    func check(whole: Bool) throws {
        let index = try index()
        try require(index.problems.isEmpty, "\(index.problems)")
        let live = Set(files.map(\.begin.identity))
        // Files that were deleted may still be in the index: a reader goes by the listing.
        let found = try IndexContent(index).series.mapValues { $0.filter { live.contains($0.file) } }
            .filter { !$0.value.isEmpty }
        let expected = expected { file, point in
            point.sequence < index.coverage[file.begin.identity]?.sequence ?? 0
        }
        try require(
            Set(found.keys) == Set(expected.keys), "series \(found.keys) instead of \(expected.keys)")
        for (key, points) in expected {
            try require(found[key] == points, "\(key): \(found[key]?.count ?? 0) points, expected \(points.count)")
        }
        guard whole else { return }
        for file in files {
            let covered = index.coverage[file.begin.identity]
            // A file that was written long ago has another size than today's encoder gives it.
            let size = fileSystem.content("/repo/logs/\(file.name)")?.count ?? file.bytes.count
            try require(
                covered?.offset == UInt64(size) && covered?.sequence == file.sequence,
                "\(file.name) covered to \(covered?.offset ?? 0) of \(size): \(rows(of: file, index))")
            try require(covered?.points == UInt64(file.points.count), "points of \(file.name)")
        }
    }
}
