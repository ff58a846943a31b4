import ArgumentParser
import Varve

/// The runs that a verb changes: named, or chosen by an expression; never all of them by accident.
struct RunSelection: ParsableArguments {
    @Argument(help: ArgumentHelp("Runs: IDs, beginnings of IDs, or names.", valueName: "run"))
    var wanted: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp("All runs for which this holds, such as 'status == \"failed\"'.", valueName: "expr"))
    var `where`: String?

    func validate() throws {
        guard !wanted.isEmpty || `where` != nil else {
            throw ValidationError("name a run, or say which ones with --where")
        }
    }

    /// The runs, each once, in the order in which they were named, then oldest first.
    ///
    /// - Throws: `notFound` for a name that no run has; a refusal if the expression fits none.
    func runs(in snapshot: Snapshot) throws -> [RunInfo] {
        let filter = try `where`.map { text throws(VarveError) in try Filter(parsing: text) }
        var chosen = try wanted.map { try snapshot.run($0) }
        if let filter { chosen += try snapshot.runs(where: filter) }
        var seen: Set<RunID> = []
        return chosen.filter { seen.insert($0.id).inserted }
    }

    /// The same, but none is refused.
    func someRuns(in snapshot: Snapshot) throws -> [RunInfo] {
        let chosen = try runs(in: snapshot)
        guard !chosen.isEmpty else { throw Refusal("no run matches") }
        return chosen
    }
}
