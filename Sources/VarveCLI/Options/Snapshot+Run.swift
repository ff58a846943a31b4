import Varve

extension Snapshot {
    /// The one run that `text` names: an ID, a unique prefix of one, or a name.
    func run(_ text: String) throws -> RunInfo {
        let found = runs(matching: text)
        if found.count == 1 { return found[0] }
        guard found.isEmpty else {
            let ids = ShortIDs(runs.map(\.id))
            let shown = found.prefix(10).map { "    \(ids[$0.id])  \($0.name)  \($0.status.rawValue)" }
            let rest = found.count > 10 ? "\n    … and \(found.count - 10) more" : ""
            throw VarveError(
                .invalid, "'\(text)' names \(found.count) runs\n\(shown.joined(separator: "\n"))\(rest)",
                remedy: "take more of the ID")
        }
        let names = Set(runs.map(\.name)).sorted()
        let nearest = FilterNames.nearest(to: text, among: names)
        throw VarveError(
            .notFound, "there is no run '\(text)'",
            remedy: nearest.map { "did you mean '\($0)'?" } ?? "varve runs lists what there is")
    }

    /// The error for a metric that nobody has logged.
    func noMetric(_ name: String) -> VarveError {
        let names = Set(((try? metrics()) ?? []).map(\.metric.name)).sorted()
        let nearest = FilterNames.nearest(to: name, among: names)
        return VarveError(
            .notFound, "there is no metric '\(name)'",
            remedy: nearest.map { "did you mean '\($0)'?" } ?? "varve metrics lists what there is")
    }
}

/// The beginnings of IDs, as short as they can be while each still names one run.
struct ShortIDs {
    /// Characters of the text form.
    let length: Int

    init(_ ids: [RunID]) {
        var digits = 8
        let sorted = ids.map(\.id).sorted()
        for (a, b) in zip(sorted, sorted.dropFirst()) where a != b {
            let same =
                a.high != b.high ? (a.high ^ b.high).leadingZeroBitCount : 64 + (a.low ^ b.low).leadingZeroBitCount
            digits = max(digits, same / 4 + 1)
        }
        // Whole groups of digits are easier to read and to compare than parts of them.
        length = [(8, 8), (12, 13), (16, 18), (20, 23)].first { $0.0 >= digits }?.1 ?? 36
    }

    subscript(id: RunID) -> String { String(id.description.prefix(length)) }
}
