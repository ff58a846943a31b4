import Varve

/// The proof of an import: of every series what its source told and what a snapshot shows afterwards.
///
/// Both sides are counted and hashed (``PointHash``) independently: the source's while it is read, Varve's by reading the
/// repository again. Where the counts agree and the hashes don't, sums over the single points tell whether it is only the order
/// that differs, which happens where an earlier file of a run grew after a later one was imported.
public final class ImportAudit {
    /// How two sides compare.
    public enum Verdict: String, Hashable, Sendable {
        /// The same points in the same order.
        case equal
        /// The same points, in another order.
        case reordered
        /// Not the same points.
        case different
    }

    /// One series.
    public struct Series: Hashable, Sendable {
        /// The metric and its context in Varve.
        public var metric: MetricKey
        /// What the source told.
        public var source: Side
        /// What is stored.
        public var stored: Side

        /// How they compare.
        public var verdict: Verdict {
            if source.points != stored.points || source.sum != stored.sum { return .different }
            return source.hash == stored.hash ? .equal : .reordered
        }
    }

    /// One of the two sides of a series.
    public struct Side: Hashable, Sendable {
        /// How many points.
        public var points = 0
        /// XXH64 over step, time and value of each, in order.
        public var hash: UInt64 = PointHash().value
        /// The sum of the points' own hashes, whatever their order.
        public var sum: UInt64 = 0
    }

    /// One run.
    public struct Run: Sendable {
        /// Its ID in Varve; nil: nothing of it was stored.
        public var id: RunID?
        /// Its name.
        public var name: String
        /// The format of its sources.
        public var format: String
        /// Its sources, relative to the imported path.
        public var sources: [String]
        /// Its series, by name.
        public internal(set) var series: [Series] = []
        /// What isn't kept, by kind.
        public var leftOut: [String: Int]
        /// How many problems its sources have.
        public var problems: Int

        /// The worst of its series.
        public var verdict: Verdict {
            if series.contains(where: { $0.verdict == .different }) { return .different }
            return series.contains { $0.verdict == .reordered } ? .reordered : .equal
        }
    }

    /// The path that was imported.
    public let path: String
    /// The runs, in the order of the import.
    public private(set) var runs: [Run] = []

    init(path: String) { self.path = path }

    /// Whether every run holds what its sources told.
    public var isEqual: Bool { runs.allSatisfy { $0.verdict != .different } }
    /// How many series were compared.
    public var series: Int { runs.reduce(0) { $0 + $1.series.count } }
    /// How many points the sources told.
    public var points: Int { runs.reduce(0) { $0 + $1.series.reduce(0) { $0 + $1.source.points } } }

    /// Takes down what the source of a run told.
    func add(_ run: ImportedRun, _ plan: ImportPlan.Run) {
        guard run.hasContent else { return }
        var audited = Run(
            id: run.runID, name: run.name, format: run.session.format.name, sources: plan.sources.map(\.id),
            leftOut: run.leftOut, problems: run.problemCount)
        audited.series = run.series.values.map { intake in
            let side = Side(points: intake.read.count, hash: intake.read.value, sum: intake.sum.value)
            return Series(metric: intake.metric, source: side, stored: Side())
        }
        runs.append(audited)
    }

    /// Reads what is stored now of every run.
    func readBack(_ repository: Repository) throws(VarveError) {
        let snapshot = try repository.snapshot()
        var places: [RunID: [MetricKey: (hash: PointHash, sum: PointSum)]] = [:]
        let ids = Set(runs.compactMap(\.id))
        if !ids.isEmpty {
            let reader = try snapshot.series(Query(runs: ids.sorted(), view: .all))
            while let chunk = try reader.next() {
                var place = places[chunk.run]?[chunk.metric] ?? (PointHash(), PointSum())
                for index in 0..<chunk.count {
                    let (step, time, value) = (Int64(chunk.steps[index]), chunk.times[index], chunk.values[index])
                    place.hash.add(step: step, time: time, value: value)
                    place.sum.add(step: step, time: time, value: value)
                }
                places[chunk.run, default: [:]][chunk.metric] = place
            }
        }
        for index in runs.indices { compare(&runs[index], with: runs[index].id.flatMap { places[$0] } ?? [:]) }
    }

    private func compare(_ run: inout Run, with stored: [MetricKey: (hash: PointHash, sum: PointSum)]) {
        func side(_ metric: MetricKey) -> Side? {
            stored[metric].map { Side(points: $0.hash.count, hash: $0.hash.value, sum: $0.sum.value) }
        }
        for index in run.series.indices { run.series[index].stored = side(run.series[index].metric) ?? Side() }
        let told = Set(run.series.map(\.metric))
        // What is stored and no source told is a difference, too.
        for metric in stored.keys where !told.contains(metric) {
            run.series.append(Series(metric: metric, source: Side(), stored: side(metric) ?? Side()))
        }
        run.series.sort { $0.metric < $1.metric }
    }
}
