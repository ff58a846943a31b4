import VarveFiles
import VarveFormat

/// What the index says, held against what the logs say: point by point, and property by property.
struct IndexComparison {
    private let repository: Repository

    init(_ repository: Repository) { self.repository = repository }

    /// Reads everything twice, with the index and without, side by side, and adds what differs to a report.
    func compare(_ report: inout VerificationReport) throws(VarveError) {
        let environment = repository.environment
        let without = try SnapshotContent(environment, repository.paths, repository: repository.id, usesIndex: false)
        let with = try SnapshotContent(environment, repository.paths, repository: repository.id)
        for run in without.runIDs where !with.has(run) {
            report.problems.append(VarveError(.damaged, "the index hides run \(run)", file: repository.paths.index))
        }
        let query = Query(view: .all)
        let a = PointStream(SeriesReader(SeriesPlan(with, query)))
        let b = PointStream(SeriesReader(SeriesPlan(without, query)))
        // What is being written grows between the two snapshots, and new runs come: only runs that were over in the first
        // are compared.
        var over: Set<UniqueID> = []
        for run in without.runIDs {
            let files = without.files(of: run)
            guard with.files(of: run).count <= files.count else { continue }
            let sealed = Set(files.compactMap { $0.begin.sealOf?.salt })
            let isOver = files.allSatisfy { $0.end != nil || $0.writer == .dead || sealed.contains($0.begin.salt) }
            if isOver { over.insert(run) }
        }
        try compareProperties(of: over, with, without, &report.problems)
        let lost = lostByLogs(over, with, without)
        report.notes += lost.map(\.error)
        over.subtract(lost.map(\.run))
        while true {
            let (hasMore, shouldHaveMore) = (try a.hasMore(of: over), try b.hasMore(of: over))
            if !hasMore, !shouldHaveMore { return }
            guard hasMore, shouldHaveMore, a.skipCommon(with: b) else { break }
        }
        report.problems.append(
            VarveError(
                .damaged, "index and logs disagree", file: repository.paths.index,
                expected: b.point ?? "no more points", found: a.point ?? "no more points",
                remedy: "delete the index, it is made anew from the logs"))
    }

    /// Points that only the index has any more: what making it anew from the logs would lose.
    func lostByLogs() throws(VarveError) -> [VarveError] {
        let environment = repository.environment
        // The index first: what is written meanwhile makes the logs have more, not less.
        let with = try SnapshotContent(environment, repository.paths, repository: repository.id)
        let without = try SnapshotContent(environment, repository.paths, repository: repository.id, usesIndex: false)
        return lostByLogs(Set(without.runIDs), with, without).map(\.error)
    }

    /// Those of `runs` of which the index has more points than the logs: a log is damaged, or a repaired copy has taken its place.
    private func lostByLogs(
        _ runs: Set<UniqueID>, _ with: SnapshotContent, _ without: SnapshotContent
    ) -> [(run: UniqueID, error: VarveError)] {
        runs.sorted().compactMap { run in
            let (x, y) = (with.info(of: run).points, without.info(of: run).points)
            guard x > y else { return nil }
            return (
                run,
                VarveError(
                    .damaged, "the logs of run \(RunID(run)) have lost points that the index still has",
                    file: repository.paths.index, expected: "\(x) points in the logs", found: "\(y)",
                    remedy: "keep the index, or export the run")
            )
        }
    }

    /// Somebody may set some between the two snapshots: what differs is held against a third, too.
    private func compareProperties(
        of runs: Set<UniqueID>, _ with: SnapshotContent, _ without: SnapshotContent, _ problems: inout [VarveError]
    ) throws(VarveError) {
        var later: SnapshotContent?
        for run in runs.sorted() {
            let (x, y) = (with.properties(of: run), without.properties(of: run))
            guard x != y else { continue }
            if later == nil {
                later = try SnapshotContent(
                    repository.environment, repository.paths, repository: repository.id, usesIndex: false)
            }
            let newest = later?.properties(of: run) ?? y
            for key in Set(x.keys).union(y.keys).sorted()
            where !Self.isSame(x[key], y[key]) && !Self.isSame(x[key], newest[key]) {
                problems.append(
                    VarveError(
                        .damaged, "index and logs disagree on property \(key) of run \(run)",
                        file: repository.paths.index, expected: y[key].map { "\($0)" } ?? "none",
                        found: x[key].map { "\($0)" } ?? "none",
                        remedy: "delete the index, it is made anew from the logs"))
            }
        }
    }

    /// Bit for bit: a NaN is itself, and texts that only look the same aren't one.
    private static func isSame(_ a: PropertyValue?, _ b: PropertyValue?) -> Bool {
        switch (a, b) {
        case (.double(let x)?, .double(let y)?): x.bitPattern == y.bitPattern
        case (.string(let x)?, .string(let y)?): x.hasSameBytes(as: y)
        default: a == b
        }
    }
}

/// Points of a reader, and how far they were compared.
private final class PointStream {
    private let reader: SeriesReader
    private var chunk: SeriesChunk?
    private var at = 0

    init(_ reader: SeriesReader) { self.reader = reader }

    /// Turns to the next point of these runs; false: there is none.
    func hasMore(of runs: Set<UniqueID>) throws(VarveError) -> Bool {
        while true {
            if let chunk, at < chunk.count, runs.contains(chunk.run.id) { return true }
            chunk = try reader.next()
            at = 0
            if chunk == nil { return false }
        }
    }

    /// Passes over the points that are the same in both, as far as both have them at hand; false: the next ones differ.
    func skipCommon(with other: PointStream) -> Bool {
        guard let a = chunk, let b = other.chunk, a.run == b.run, a.metric == b.metric else { return false }
        let end = at + min(a.count - at, b.count - other.at)
        while at < end {
            guard a.steps[at] == b.steps[other.at], a.times[at] == b.times[other.at],
                a.values[at].bitPattern == b.values[other.at].bitPattern
            else { return false }
            at += 1
            other.at += 1
        }
        return true
    }

    /// The next point in words; nil: there is none.
    var point: String? {
        guard let chunk, at < chunk.count else { return nil }
        return "\(chunk.metric) of run \(chunk.run), step \(chunk.steps[at]), value \(chunk.values[at])"
    }
}
