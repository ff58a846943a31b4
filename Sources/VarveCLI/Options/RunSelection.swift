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
    /// - Throws: `notFound` for a name that no run has.
    func runs(in snapshot: Snapshot) throws -> [RunInfo] { try snapshot.runs(named: wanted, where: `where`) }

    /// The same.
    ///
    /// - Throws: also a refusal if there are none.
    func someRuns(in snapshot: Snapshot) throws -> [RunInfo] { try runs(in: snapshot).orRefusal() }
}

extension Snapshot {
    /// The runs that are named, then those for which an expression holds, each once.
    func runs(named names: [String], where expression: String?) throws -> [RunInfo] {
        let filter = try expression.map { text throws(VarveError) in try Filter(parsing: text) }
        var chosen = try names.map { try run($0) }
        if let filter { chosen += try runs(where: filter) }
        var seen: Set<RunID> = []
        return chosen.filter { seen.insert($0.id).inserted }
    }
}

extension [RunInfo] {
    /// These runs.
    ///
    /// - Throws: a refusal if there are none.
    func orRefusal() throws -> [RunInfo] {
        guard !isEmpty else { throw Refusal("no run matches") }
        return self
    }
}
