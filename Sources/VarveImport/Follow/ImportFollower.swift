import Varve
import VarveFiles

/// Imports the same path again and again, as long as somebody asks for it: what grows there is in Varve about a second later.
///
/// Nothing watches the files: they may lie on a file system of another machine. Each pass looks for new files and reads what
/// grew; the pause between two passes is a fraction of a second while something grows, longer while nothing does, and never
/// shorter than three times what looking takes, so that a large tree doesn't keep a core busy. While no size and no time of a
/// tree changes, looking opens no file; but for stores in hidden directories.
public final class ImportFollower {
    private let repository: Repository
    private let path: String
    private let format: ImportFormat?
    private let options: ImportOptions
    private let clock: () -> Int64
    private let followed: FollowedRuns
    /// What each run's sources looked like when they were last read.
    private var seen: [String: [SourceTree.File]] = [:]
    /// The files as they were at the last pass, if they alone tell whether something grew.
    private var files: [SourceTree.File]?
    private var hiddenNames: [String] = []
    private let fileSystem: any FileSystem

    /// Formats that need something which isn't there: asking for it at each pass would start a process each time.
    private var unreadable: Set<String> = []

    /// Seconds until the next pass.
    public private(set) var pause = shortest

    private static let shortest = 0.2
    private static let longest = 0.8
    /// Nanoseconds; clocks of file systems tick every 10 ms at worst, those of other machines every second.
    private static let settling: Int64 = 2_000_000_000

    /// - Parameter clock: nanoseconds that never go back.
    public convenience init(
        _ repository: Repository, _ path: String, _ format: ImportFormat? = nil,
        options: ImportOptions = ImportOptions(), clock: @escaping () -> Int64
    ) {
        self.init(repository, path, format, options, RealFileSystem(), clock: clock)
    }

    init(
        _ repository: Repository, _ path: String, _ format: ImportFormat?, _ options: ImportOptions,
        _ fileSystem: any FileSystem, clock: @escaping () -> Int64
    ) {
        self.fileSystem = fileSystem
        self.repository = repository
        self.path = path
        self.format = format
        var options = options
        options.follows = true
        self.options = options
        self.clock = clock
        followed = FollowedRuns(most: options.maxFollowedRuns, clock)
    }

    /// Ends the runs that are open. Whoever stops without it leaves them without an end, until somebody imports again.
    public func end() throws(VarveError) { try followed.endAll() }

    /// Imports what is new. A path that isn't there yet, or not any more, holds nothing.
    public func pass() throws(VarveError) -> ImportReport {
        let start = clock()
        var report = ImportReport()
        var look: Int64 = 0
        do throws(VarveError) {
            let tree = try SourceTree(path, in: fileSystem, isSearch: true)
            if tree.files == files, tree.hiddenNames == hiddenNames {
                try followed.endIdle(now: clock())
                rest(grew: false, look: clock() - start)
                return report
            }
            var search = try ImportSearch(tree, format?.type, options, fileSystem)
            look = clock() - start
            files = Self.canRest(search, tree) ? tree.files : nil
            hiddenNames = tree.hiddenNames
            search.skip { run in
                let files = run.sources.map(\.file)
                let key = run.key
                defer { seen[key] = files }
                return seen[key] == files
            }
            search.skip(formats: unreadable)
            let session = ImportSession(repository, search, followed)
            try session.importAll()
            report = session.report
            for key in session.waitingPlans { seen[key] = nil }
            if !session.waitingPlans.isEmpty { files = nil }
            unreadable.formUnion(report.unreadable.map(\.format))
            try followed.endIdle(now: clock())
        } catch {
            guard error.code == .notFound else { throw error }
        }
        rest(grew: report.newRuns + report.grownRuns > 0, look: look)
        return report
    }

    /// Whether the sizes and times of the files tell that something has changed since they were looked at.
    ///
    /// A database can change without growing, twice within one tick of the file system's clock: only once its files have been
    /// left alone for a while does the same time mean the same content.
    private static func canRest(_ search: ImportSearch, _ tree: SourceTree) -> Bool {
        if search.hasHiddenStore { return false }
        let now = RealHost().wallTime()
        return search.holdsStreamsOnly || tree.files.allSatisfy { $0.modified < now - settling }
    }

    /// Sets the pause. What importing took doesn't count: it had something to do.
    private func rest(grew: Bool, look: Int64) {
        pause = max(grew ? Self.shortest : min(Self.longest, pause * 1.5), 3 * Double(look) / 1e9)
    }
}
