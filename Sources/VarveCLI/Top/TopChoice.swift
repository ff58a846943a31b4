import Varve

/// Which runs `varve top` shows: those that an expression finds, or whose names contain a text.
struct TopChoice {
    /// What was typed; empty: all runs.
    private(set) var text = ""
    /// The runs that an expression found; nil: there is none, or it is no expression.
    private var found: Set<RunID>?
    /// Why what was typed isn't taken for an expression, where it looks like one.
    private(set) var note: String?

    /// Shows all runs.
    init() {}

    /// Looks for what was typed. What can't be read as an expression is a part of names.
    init(_ text: String, in snapshot: Snapshot) {
        self.text = text
        guard !text.isEmpty else { return }
        do throws(VarveError) {
            let search = try Search(parsing: text)
            guard search.groups.isEmpty else {
                throw VarveError(.invalid, "'group by' has no meaning here")
            }
            found = Set(try snapshot.find(search).runs.map(\.id))
        } catch {
            // A word alone is meant as a part of a name; whoever writes more wants to know what is wrong with it.
            if text.contains(where: { "=<>()[]\"".contains($0) }) {
                note = error.message.split(separator: "\n").first.map(String.init)
            }
        }
    }

    /// Whether a run is shown.
    func has(_ run: RunInfo) -> Bool {
        if text.isEmpty { return true }
        if let found { return found.contains(run.id) }
        return note == nil && run.name.lowercased().contains(text.lowercased())
    }
}
