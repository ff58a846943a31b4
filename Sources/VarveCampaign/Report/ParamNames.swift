import Varve

/// The params of some runs, by the names that people give them: `lr`, `params.lr`, `hparams.lr`, or the end of a longer name.
struct ParamNames {
    let axes: [ParamAxis]
    private let names: Set<String>
    /// Other properties, by full key.
    private let others: Set<String>

    init(_ runs: [RunInfo]) {
        axes = ParamAxis.all(of: runs)
        names = Set(axes.map(\.name))
        others = runs.reduce(into: ["name", "status"]) { others, run in
            for key in run.properties.keys where !key.beginsWithBytes(of: "params.") { others.insert(key) }
        }
    }

    /// The full names.
    ///
    /// - Parameter known: names that aren't of params, and stay as they are.
    /// - Throws: `invalid` for one that no run has, or that is the end of several.
    func resolve(_ asked: [String], besides known: Set<String> = []) throws(VarveError) -> [String] {
        var found: [String] = []
        for name in asked {
            let full = known.contains(name) ? name : try resolve(name)
            if !found.contains(full) { found.append(full) }
        }
        return found
    }

    private func resolve(_ asked: String) throws(VarveError) -> String {
        var name = asked
        for prefix in ["run.", "params.", "hparams."] where !names.contains(name) {
            name = name.afterBytes(of: prefix) ?? name
        }
        if names.contains(name) { return name }
        let ends = names.filter { $0.hasSuffix(".\(name)") }.sorted()
        if ends.count == 1 { return ends[0] }
        if ends.isEmpty, others.contains(name) { return name }
        guard ends.isEmpty else {
            throw VarveError(
                .invalid, "'\(asked)' is the end of \(ends.count) params", found: ends.prefix(5).joined(separator: ", ")
            )
        }
        let nearest = nearestName(to: name, among: names.sorted())
        throw VarveError(
            .invalid, "no run has the param '\(asked)'",
            remedy: nearest.map { "did you mean '\($0)'?" } ?? "varve properties lists what there is")
    }
}
