import VarveFiles
import VarveFormat

/// What the index says, held against what the logs say: point by point, and property by property.
struct IndexComparison {
    private let repository: Repository

    init(_ repository: Repository) { self.repository = repository }

    /// The problems that are known, and what a comparison adds, as far as both can be read.
    func added(to known: [VarveError]) throws(VarveError) -> [VarveError] {
        var problems = known
        do throws(VarveError) { try compare(&problems) } catch  where error.code != .system {
            if !problems.contains(error) { problems.append(error) }
        }
        return problems
    }

    /// Reads everything twice, with the index and without, side by side.
    private func compare(_ problems: inout [VarveError]) throws(VarveError) {
        let environment = repository.environment
        let without = try SnapshotContent(environment, repository.paths, repository: repository.id, usesIndex: false)
        let with = try SnapshotContent(environment, repository.paths, repository: repository.id)
        for run in without.runIDs where !with.has(run) {
            problems.append(VarveError(.damaged, "the index hides run \(run)", file: repository.paths.index))
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
        try compareProperties(of: over, with, without, &problems)
        while true {
            let x = try a.next(of: over)
            let y = try b.next(of: over)
            if x == nil && y == nil { return }
            guard x == y else {
                problems.append(
                    VarveError(
                        .damaged, "index and logs disagree", file: repository.paths.index,
                        expected: y.map { "\($0)" } ?? "no more points", found: x.map { "\($0)" } ?? "no more points",
                        remedy: "delete the index, it is made anew from the logs"))
                return
            }
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

/// Points one by one.
private final class PointStream {
    struct Point: Hashable, CustomStringConvertible {
        var run: RunID
        var metric: MetricKey
        var step: Int
        var time: Int64
        var value: UInt64

        var description: String {
            "\(metric) of run \(run), step \(step), value \(Double(bitPattern: value))"
        }
    }

    private let reader: SeriesReader
    private var chunk: SeriesChunk?
    private var at = 0

    init(_ reader: SeriesReader) { self.reader = reader }

    func next(of runs: Set<UniqueID>) throws(VarveError) -> Point? {
        while true {
            if let chunk, at < chunk.count, runs.contains(chunk.run.id) {
                defer { at += 1 }
                return Point(
                    run: chunk.run, metric: chunk.metric, step: chunk.steps[at], time: chunk.times[at],
                    value: chunk.values[at].bitPattern)
            }
            chunk = try reader.next()
            at = 0
            if chunk == nil { return nil }
        }
    }
}
