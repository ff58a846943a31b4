import ArgumentParser
import Varve

/// Which points of which runs a verb takes.
struct SelectionOptions: ParsableArguments {
    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp("Only series whose context has this pair; may be repeated.", valueName: "key=value"))
    var context: [KeyValue] = []

    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp("Only this run: an ID, the beginning of one, or a name; may be repeated.", valueName: "run"))
    var run: [String] = []

    @OptionGroup var condition: SearchOption

    @Option(
        name: .long, parsing: .unconditional,
        help: ArgumentHelp("Only these steps, both ends included: A..B, A.., ..B.", valueName: "a..b"))
    var steps: StepRange?

    @Flag(help: "Points too that a resumed run took back, with the attempt that logged each where points are listed.")
    var all = false

    @Flag(help: "Of each step only the last point, by step.")
    var lastPerStep = false

    func validate() throws {
        if all, lastPerStep { throw ValidationError("--all and --last-per-step exclude each other") }
    }

    /// The query for a metric; nil: all of them.
    func query(_ metric: String?, in snapshot: Snapshot) throws -> Query {
        var runs: [RunID]?
        if !run.isEmpty { runs = try run.map { try snapshot.run($0).id } }
        var pairs: [MetricKey: [RunID]]?
        if let search = try condition.search() {
            try search.refuseGroups()
            let found = try snapshot.find(search)
            if found.runs.isEmpty { try search.hint(snapshot) }
            let ids = found.runs.map(\.id)
            runs = runs.map { $0.filter(Set(ids).contains) } ?? ids
            pairs = found.pairs
        }
        var query = Query(
            metric: metric, context: context.dictionary, runs: runs, steps: steps?.range,
            view: all ? .all : lastPerStep ? .lastPerStep : .standard)
        query.pairs = pairs
        return query
    }
}
