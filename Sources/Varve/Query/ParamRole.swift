/// What becomes of runs that differ in a param and in nothing else, if nobody says it.
public enum ParamRole: Hashable, Sendable {
    /// They are other settings: each value has a row, or a line, of its own.
    case setting
    /// They are repetitions: seeds, splits and folds are averaged over.
    case repetition
    /// It only counts runs: it is averaged over, and is no axis of a grid.
    case counter

    /// What the name of a param says: `seed`, `data.split_index` and the like repeat, `campaign_exp_idx` and the like count.
    public init(of name: String) {
        let last = name.split(separator: ".").last.map { $0.lowercased() } ?? ""
        let words = last.split { "_- ".contains($0) }.map(String.init)
        if Self.counters.contains(last) {
            self = .counter
        } else {
            self = words.contains(where: Self.repetitions.contains) ? .repetition : .setting
        }
    }

    private static let counters: Set<String> = [
        "campaign_exp_idx", "exp_idx", "exp_index", "experiment_index", "experiment_idx", "run_idx", "run_index",
        "run_id", "run_number", "job_id", "trial_id",
    ]

    private static let repetitions: Set<String> = [
        "seed", "seeds", "split", "splits", "fold", "folds", "trial", "repeat", "repetition", "replicate", "replica",
    ]
}
