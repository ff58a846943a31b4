import Varve

/// Says what was done to which runs, a line each.
struct RunLines {
    private let ids: ShortIDs
    private let names: [RunID: String]

    init(_ snapshot: Snapshot) {
        let runs = snapshot.runs
        ids = ShortIDs(runs.map(\.id))
        names = Dictionary(runs.map { ($0.id, $0.name) }) { first, _ in first }
    }

    /// A run as people know it.
    subscript(id: RunID) -> String {
        let name = HumanText.harmless(names[id] ?? "")
        return name.isEmpty ? ids[id] : "\(ids[id])  \(name)"
    }

    /// One line a run, but a number where there are very many.
    func tell(_ what: String, _ runs: [RunID], to output: OutputStream) throws {
        let most = 50
        for run in runs.prefix(most) { try output.line("\(what) \(self[run])") }
        if runs.count > most { try output.line("\(what) \(runs.count - most) more") }
    }
}
