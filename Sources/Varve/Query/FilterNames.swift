/// The names that a filter may begin with, and the nearest one to a name that doesn't exist.
package enum FilterNames {
    /// Names that take a second one: `params.lr`.
    static let groups = ["params", "hparams", "tags", "values", "properties"]
    /// Names that stand alone.
    static let fields = ["name", "note", "status", "id", "created", "ended", "duration", "attempt", "points", "lost"]
    static let words = ["and", "or", "not", "in", "true", "false", "none", "inf"]
    static let textTests = FilterTextTest.allCases.map(\.rawValue)

    /// The candidate that differs least from `name`, if it differs little.
    package static func nearest(to name: String, among candidates: [String]) -> String? {
        let name = Array(name.lowercased().utf8.prefix(64))
        var best: (distance: Int, candidate: String)?
        for candidate in candidates {
            let distance = distance(name, Array(candidate.lowercased().utf8))
            let limit = max(1, min(name.count, candidate.utf8.count) / 2)
            if distance <= min(limit, 3), distance < best?.distance ?? .max { best = (distance, candidate) }
        }
        return best?.candidate
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

extension Filter {
    /// Of the properties that the expression names, those that none of `runs` has, each with the nearest one that
    /// exists:
    /// what to say when a filter finds nothing.
    public func unknownKeys(in runs: [RunInfo]) -> [(key: String, nearest: String?)] {
        var known: Set<String> = []
        for run in runs { known.formUnion(run.properties.keys) }
        let candidates = known.sorted()
        return keys.filter { !known.contains($0) && !FilterNames.fields.contains($0) }
            .map { ($0, FilterNames.nearest(to: $0, among: candidates)) }
    }
}
