import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// All that the public API says of a repository, as values that can be compared with what it said before it was damaged.
struct RepositoryReading {
    struct Series: Hashable {
        var run: RunID
        var metric: MetricKey
    }

    struct Point: Hashable {
        var step: Int
        var time: Int64
        var value: UInt64
    }

    private(set) var points: [Query.View: [Series: [Point]]] = [:]
    private(set) var properties: [RunID: Properties] = [:]
    private(set) var text: [RunID: [TextLine]] = [:]
    private(set) var artifacts: [RunID: [Artifact]] = [:]
    private(set) var records: [RunID: [Record]] = [:]
    private(set) var problems: [VarveError] = []

    /// - Parameters:
    ///   - isBrief: only points and properties, in one view: for tests that read many thousand times.
    ///   - isTrue: whether the index says what is so. One that was made to lie, checksums and all, may sum points up that
    ///     aren't there.
    init(_ repository: Repository, isBrief: Bool = false, isTrue: Bool = true) throws {
        let snapshot = try repository.snapshot()
        for view in isBrief ? [Query.View.all] : [.standard, .all, .lastPerStep] {
            points[view] = try Self.points(snapshot, view)
        }
        for run in snapshot.runs {
            properties[run.id] = run.properties
            if isBrief { continue }
            text[run.id] = try snapshot.text(of: run.id)
            artifacts[run.id] = try snapshot.artifacts(of: run.id)
            records[run.id] = try snapshot.records(of: run.id)
        }
        if !isBrief, isTrue { try checkSums(snapshot) }
        if !isBrief, !isTrue { _ = try snapshot.statistics(Query()) }
        problems = snapshot.problems
    }

    private static func points(_ snapshot: Snapshot, _ view: Query.View) throws -> [Series: [Point]] {
        var found: [Series: [Point]] = [:]
        let reader = try snapshot.series(Query(view: view))
        while let chunk = try reader.next() {
            let new = (0..<chunk.count).map {
                Point(step: chunk.steps[$0], time: chunk.times[$0], value: chunk.values[$0].bitPattern)
            }
            found[Series(run: chunk.run, metric: chunk.metric), default: []] += new
        }
        return found
    }

    /// Counts agree with the points that were read.
    private func checkSums(_ snapshot: Snapshot) throws {
        let standard = points[.standard] ?? [:]
        let statistics = try snapshot.statistics(Query())
        try require(statistics.count == standard.count, "statistics of \(statistics.count) series")
        for series in statistics {
            let read = standard[Series(run: series.run, metric: series.metric)]
            try require(series.count == read?.count, "statistics of \(series.metric): \(series.count) points")
        }
        // What a fork inherits was logged once, by another run.
        let forks = Set(snapshot.runs.filter { $0.forkedFrom != nil }.map(\.id))
        for info in try snapshot.metrics() {
            let own = points[.all]?.filter { $0.key.metric == info.metric && !forks.contains($0.key.run) }
            let read = own?.values.reduce(0) { $0 + $1.count } ?? 0
            try require(info.points >= read, "\(info.metric) has \(info.points) points, \(read) were read")
        }
    }

    var all: [Series: [Point]] { points[.all] ?? [:] }

    /// Throws unless all that is here was in `truth`, at its place and once.
    ///
    /// - Parameter isMoved: frames changed places, and with them text.
    func requirePart(
        of truth: RepositoryReading, settings: [String: [PropertyValue]], isMoved: Bool = false
    ) throws {
        for view in [Query.View.standard, .all] {
            for (series, read) in points[view] ?? [:] {
                let whole = truth.points[view]?[series] ?? []
                try require(Self.isPart(read, of: whole), "\(view) of \(series.metric): \(read), not in \(whole)")
            }
        }
        for (series, read) in points[.lastPerStep] ?? [:] {
            var last: [Int: Point] = [:]
            for point in points[.standard]?[series] ?? [] { last[point.step] = point }
            let expected = last.sorted { $0.key < $1.key }.map(\.value)
            try require(read == expected, "last per step of \(series.metric): \(read), not \(expected)")
        }
        for (run, read) in properties {
            for (key, value) in read {
                try require(settings[key]?.contains(value) == true, "\(key) of \(run) is \(value)")
            }
        }
        for (run, read) in text {
            let whole = truth.text[run] ?? []
            let isGood =
                isMoved ? Set(read).isSubset(of: whole) && Set(read).count == read.count : Self.isPart(read, of: whole)
            try require(isGood, "text \(read)")
        }
        for (run, read) in artifacts {
            try require(Self.isPart(read, of: truth.artifacts[run] ?? []), "artifacts \(read)")
        }
        for (run, read) in records where !isMoved {
            try require(Self.isPart(read, of: truth.records[run] ?? []), "records \(read)")
        }
    }

    /// Whether nothing of `truth` is missing here.
    func isWhole(_ truth: RepositoryReading) -> Bool {
        points.allSatisfy { truth.points[$0.key] == $0.value } && properties == truth.properties
            && (points.count == 1 || text == truth.text && artifacts == truth.artifacts && records == truth.records)
    }

    /// The points of `truth` that aren't here.
    func missing(of truth: RepositoryReading) -> [Series: [Point]] {
        var missing: [Series: [Point]] = [:]
        for (series, whole) in truth.all {
            let here = Set(all[series] ?? [])
            let gone = whole.filter { !here.contains($0) }
            if !gone.isEmpty { missing[series] = gone }
        }
        return missing
    }

    private static func isPart<Element: Equatable>(_ part: [Element], of whole: [Element]) -> Bool {
        var rest = whole[...]
        for element in part {
            guard let place = rest.firstIndex(of: element) else { return false }
            rest = rest[(place + 1)...]
        }
        return true
    }
}
