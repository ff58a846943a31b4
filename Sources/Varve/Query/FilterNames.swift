import VarveFormat

/// The names that a filter may begin with, and the nearest one to a name that doesn't exist.
package enum FilterNames {
    /// Names that take a second one: `params.lr`.
    static let groups = ["params", "hparams", "tags", "values", "properties"]
    /// Names that stand alone.
    static let fields = [
        "name", "note", "status", "id", "created", "ended", "duration", "attempt", "points", "lost", "active",
        "archived", "host",
    ]
    /// The property of runs that lists pass over.
    static let archived = "archived"
    /// Those of them that are true or false, and may be asked for alone.
    static let flags = ["active", archived]
    /// Other trackers' names of the same.
    static let aliases = [
        "created_at": "created", "creation_time": "created", "ended_at": "ended", "finalized_at": "ended",
        "end_time": "ended", "hash": "id", "description": "note", "hostname": "host",
    ]
    /// What asks for metrics: of each pair of a run and a metric, or of one metric of the run.
    static let metricRoots = ["metric", "metrics", MetricPart.rankKey]
    static let words = ["and", "or", "not", "in", "true", "false", "none", "inf", "now"]
    static let clauses = ["order", "limit", "group"]
    static let textTests = FilterTextTest.allCases.map(\.rawValue) + ["matches"]

    /// The candidate that differs least from `name`, if it differs little; else the first of which it is a part, as `acc` is of
    /// `test/acc`.
    package static func nearest(to name: String, among candidates: [String]) -> String? {
        let word = name.lowercased()
        let name = Array(word.utf8.prefix(64))
        var best: (distance: Int, candidate: String)?
        for candidate in candidates {
            let distance = distance(name, Array(candidate.lowercased().utf8))
            let limit = max(1, min(name.count, candidate.utf8.count) / 2)
            if distance <= min(limit, 3), distance < best?.distance ?? .max { best = (distance, candidate) }
        }
        if let best { return best.candidate }
        return candidates.first { $0.lowercased().split { "./_- ".contains($0) }.contains { $0 == word } }
    }

    /// The number of insertions, deletions, replacements and exchanges of neighbours between the two (optimal string
    /// alignment).
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var before: [Int] = []
        var previous = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var cost = min(previous[j] + (a[i] == b[j] ? 0 : 1), previous[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, before[j - 1] + 1) }
                row.append(cost)
            }
            before = previous
            previous = row
        }
        return previous[b.count]
    }
}

extension Search {
    /// Of the properties and metrics that the expression names, those that nothing has, each with the nearest one that
    /// exists: what to say when a search finds nothing.
    public func unknownNames(in snapshot: Snapshot) throws(VarveError) -> [(name: String, nearest: String?)] {
        var found = FilterNames.unknown(keys, in: snapshot.runs).map { (name: $0.key, nearest: $0.nearest) }
        guard !metricNames.isEmpty else { return found }
        let known = Set(try snapshot.metrics().map(\.metric.name))
        for name in metricNames where !known.contains(name) {
            found.append(("metric \(name)", FilterNames.nearest(to: name, among: known.sorted())))
        }
        return found
    }
}

extension FilterNames {
    fileprivate static func unknown(_ keys: [String], in runs: [RunInfo]) -> [(key: String, nearest: String?)] {
        var known: Set<ExactText> = []
        for run in runs { for (key, _) in run.properties { known.insert(ExactText(key)) } }
        let candidates = known.sorted().map(\.text)
        return keys.filter { !known.contains(ExactText($0)) && !fields.contains($0) }
            .map { ($0, nearest(to: $0, among: candidates)) }
    }
}

extension Filter {
    /// Of the properties that the expression names, those that none of `runs` has, each with the nearest one that exists:
    /// what to say when a filter finds nothing.
    public func unknownKeys(in runs: [RunInfo]) -> [(key: String, nearest: String?)] {
        FilterNames.unknown(keys, in: runs)
    }
}

/// The candidate that differs least from `name`, if it differs little: what to ask "did you mean" with.
public func nearestName(to name: String, among candidates: [String]) -> String? {
    FilterNames.nearest(to: name, among: candidates)
}
