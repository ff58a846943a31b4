import Varve

/// Imports the same path again and again, as long as somebody asks for it: what grows there is in Varve about a second later.
///
/// Nothing watches the files: they may lie on a file system of another machine. Each pass looks for new files and reads what
/// grew; the pause between two passes is a fraction of a second while something grows, longer while nothing does, and never
/// shorter than three times what a pass takes, so that a large tree doesn't keep a core busy.
public final class ImportFollower {
    private let repository: Repository
    private let path: String
    private let format: ImportFormat?
    private let options: ImportOptions
    private let clock: () -> Int64
    private let followed: FollowedRuns
    /// What each run's sources looked like when they were last read.
    private var seen: [String: [SourceTree.File]] = [:]

    /// Seconds until the next pass.
    public private(set) var pause = shortest

    private static let shortest = 0.2
    private static let longest = 0.8

    /// - Parameter clock: nanoseconds that never go back.
    public init(
        _ repository: Repository, _ path: String, _ format: ImportFormat? = nil,
        options: ImportOptions = ImportOptions(), clock: @escaping () -> Int64
    ) {
        self.repository = repository
        self.path = path
        self.format = format
        var options = options
        options.follows = true
        self.options = options
        self.clock = clock
        followed = FollowedRuns(clock)
    }

    /// Ends the runs that are open. Whoever stops without it leaves them without an end, until somebody imports again.
    public func end() throws(VarveError) { try followed.endAll() }

    /// Imports what is new. A path that isn't there yet, or not any more, holds nothing.
    public func pass() throws(VarveError) -> ImportReport {
        let start = clock()
        var report = ImportReport()
        do throws(VarveError) {
            var search = try ImportSearch(path, format, options: options)
            search.skip { run in
                let files = run.sources.map(\.file)
                let key = run.sources.first?.id ?? run.name
                defer { seen[key] = files }
                return seen[key] == files
            }
            let session = ImportSession(repository, search, followed)
            try session.importAll()
            report = session.report
            try followed.endIdle(now: clock())
        } catch {
            guard error.code == .notFound else { throw error }
        }
        let grew = report.newRuns + report.grownRuns > 0
        let took = Double(clock() - start) / 1e9
        pause = max(
            grew ? Self.shortest : min(Self.longest, pause * 1.5), 3 * took)
        return report
    }
}
