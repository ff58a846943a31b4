import Varve

/// The runs that are to leave a repository, seen also where they go: a removal or a move that was interrupted has taken some of them to
/// the trash, or has left a part of one, which may lack the params and the name by which it is chosen.
struct LeavingRuns {
    /// What is still here, a part of it at least.
    private(set) var runs: [RunInfo] = []
    /// The names of runs that have left as a whole: of those that were named, or, where nothing else was chosen, of those for which
    /// the condition holds.
    private(set) var leftBefore: [String] = []
    /// What is here, with what the trash has of it.
    let snapshot: Snapshot

    /// - Parameter hasLeft: whether a run of the trash has left in the way that is meant.
    init(_ selection: RunSelection, _ repository: Repository, hasLeft: (RunID) -> Bool = { _ in true }) throws {
        let here = try repository.snapshot()
        snapshot = try repository.snapshot(withRemoved: { here.run($0) != nil }) ?? here
        var trashed: [TrashedRun]?
        for name in selection.wanted {
            do {
                runs.append(try snapshot.run(name))
            } catch let error as VarveError where error.code == .notFound {
                let all = try trashed ?? repository.trashedRuns()
                trashed = all
                guard let found = try? RestoreVerb.find(name, in: all), hasLeft(found.id) else { throw error }
                leftBefore.append(found.name)
            }
        }
        if let expression = selection.where {
            let filter = try Filter(parsing: expression)
            runs += try snapshot.runs(where: filter)
            if runs.isEmpty, let all = try repository.snapshot(withRemoved: hasLeft) {
                leftBefore += try all.runs(where: filter).map(\.name)
            }
        }
        var seen: Set<RunID> = []
        runs = runs.filter { seen.insert($0.id).inserted }
    }

    /// Tells what had left before; false: there is nothing else to do.
    func tell(_ what: String, to output: OutputStream) throws -> Bool {
        for name in leftBefore { try output.line("\(what) before \(HumanText.harmless(name))") }
        try output.flush()
        return !runs.isEmpty || leftBefore.isEmpty
    }
}
