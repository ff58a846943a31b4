import Varve

/// What an import found, what it stored, and what it didn't.
public struct ImportReport {
    /// Runs that the files hold something for.
    public var runs = 0
    /// Of these, runs that were made.
    public var newRuns = 0
    /// Of these, runs that something was added to.
    public var grownRuns = 0
    /// Runs of which everything was there already.
    public var unchangedRuns = 0
    /// Groups of files that hold neither points nor texts nor params: no run was made of them.
    public var emptyRuns = 0
    /// Files that were read or compared.
    public var files = 0
    /// Bytes of these files.
    public var bytes = 0
    /// Series in the files that were read.
    public var series = 0
    /// Points in the files that were read, those included that were there already.
    public var pointsRead = 0
    /// Points that were added.
    public var pointsStored = 0
    /// Texts that were added.
    public var textsStored = 0
    /// Confusion matrices, class reports and histograms that were added.
    public var recordsStored = 0
    /// Files that were added as artifacts.
    public var artifactsStored = 0
    /// Integers beyond 2⁵³ that were rounded to a double.
    public var roundedIntegers = 0
    /// What Varve doesn't keep: how many, by kind in the plural, such as `images`.
    public var skipped: [String: Int] = [:]
    /// What is wrong with the files, at most ``maxProblems``; what can be read around it was taken.
    public var problems: [ImportProblem] = []
    /// How many problems there are.
    public var problemCount = 0
    /// Runs that were left as they are because a file of theirs was replaced or shortened since it was imported; with the
    /// files that changed.
    public var refused: [String] = []

    /// Sources that need something which isn't there, such as another tool's Python package.
    public var unreadable: [UnreadableSource] = []

    /// What was seen and isn't taken, and how to have it taken: sentences without a full stop.
    public var notes: [String] = []
    /// What was found out about every series, if ``ImportOptions/audits`` asked for it.
    public var audit: ImportAudit?

    /// So many problems are kept in full.
    public static let maxProblems = 1_000

    /// Nothing was found.
    public init() {}

    mutating func add(_ problem: ImportProblem) {
        problemCount += 1
        if problems.count < Self.maxProblems { problems.append(problem) }
    }

    mutating func leaveOut(_ source: String, of format: String, for reason: VarveError) {
        if let index = unreadable.firstIndex(where: { $0.path == source && $0.format == format }) {
            unreadable[index].runs += 1
        } else {
            unreadable.append(UnreadableSource(path: source, format: format, runs: 1, reason: reason))
        }
    }

    mutating func add(_ error: VarveError) {
        add(ImportProblem(file: error.file ?? "", offset: error.offset ?? 0, message: error.message))
    }
}

/// A source of which nothing can be read here, because something is missing that its format needs.
public struct UnreadableSource: Hashable, Sendable {
    /// Relative to what was imported.
    public var path: String
    /// The word for its format.
    public var format: String
    /// How many runs of it were left out.
    public var runs: Int
    /// What is missing, and its remedy.
    public var reason: VarveError
}

extension UnreadableSource: CustomStringConvertible {
    /// One line.
    public var description: String { "\(path) (\(runs == 1 ? "1 run" : "\(runs) runs")): \(reason)" }
}
