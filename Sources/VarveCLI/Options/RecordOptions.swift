import ArgumentParser
import Varve

/// Which records of which runs a verb takes.
struct RecordOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("Runs: IDs, beginnings of IDs, or names.", valueName: "run"))
    var wanted: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp("All runs for which this holds, such as 'params.lr > 0.01'.", valueName: "expr"))
    var `where`: String?

    @Option(help: ArgumentHelp("Only records of this name.", valueName: "name"))
    var name: String?

    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp("Only records whose context has this pair; may be repeated.", valueName: "key=value"))
    var context: [KeyValue] = []

    @Option(
        name: .customLong("step"), parsing: .unconditional,
        help: ArgumentHelp("Only of this step, or these: A, A..B (default: what was logged last).", valueName: "a..b"))
    var steps: StepRange?

    func validate() throws {
        guard !wanted.isEmpty || `where` != nil else {
            throw ValidationError("name a run, or say which ones with --where")
        }
    }

    func runs(in snapshot: Snapshot) throws -> [RunInfo] {
        try snapshot.runs(named: wanted, where: `where`).orRefusal()
    }

    func choice(_ kind: Record.Kind) -> RecordChoice {
        RecordChoice(kind, name: name, context: context.dictionary, steps: steps?.range)
    }

    /// The error for a choice that holds for nothing; it says what there is.
    func nothing(_ kind: Record.Kind, of runs: [RunInfo], in snapshot: Snapshot) throws -> Refusal {
        var known: Set<MetricKey> = []
        for run in runs.prefix(100) {
            try snapshot.forEachRecord(of: run.id, kinds: [kind]) { metric, _ in
                known.insert(metric)
                return false
            } _: { _ in
            }
        }
        guard !known.isEmpty else {
            return Refusal("error: no \(kind.rawValue) was logged in \(HumanText.plural(runs.count, "run"))")
        }
        let names = known.sorted().prefix(10).map { "\($0)" }.joined(separator: ", ")
        let found = "\n  found     \(names)"
        guard let name, !known.contains(where: { $0.isNamed(name) }) else {
            return Refusal("error: no \(kind.rawValue) matches\(found)")
        }
        let nearest = nearestName(to: name, among: Set(known.map(\.name)).sorted())
        let hint = nearest.map { "\n  try       did you mean '\($0)'?" } ?? ""
        return Refusal("error: no \(kind.rawValue) is named '\(name)'\(found)\(hint)")
    }
}
