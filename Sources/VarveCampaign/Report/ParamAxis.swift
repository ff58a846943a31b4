import Varve

/// A param with the values that some runs have.
public struct ParamAxis: Hashable, Sendable {
    /// The param's name, without `params.`.
    public var name: String
    /// The distinct values, in order; 1 and 1.0 are one, and so are all NaNs.
    public var values: [PropertyValue]
    /// How many of the runs don't have it.
    public var missing: Int

    /// Whether runs differ in it: not having it is a difference, too.
    public var varies: Bool { values.count + (missing > 0 ? 1 : 0) > 1 }

    /// What becomes of runs that differ in nothing else, if nobody says it.
    public enum Role: Hashable, Sendable {
        /// They are other settings: each value has a row of its own.
        case setting
        /// They are repetitions: seeds, splits and folds are averaged over.
        case repetition
        /// It only counts runs: it is averaged over, and is no axis of a grid.
        case counter
    }

    /// The role that the name suggests.
    public var role: Role {
        let last = name.split(separator: ".").last.map { $0.lowercased() } ?? ""
        if Self.counters.contains(last) { return .counter }
        let words = last.split { "_- ".contains($0) }.map(String.init)
        return words.contains(where: Self.repetitions.contains) ? .repetition : .setting
    }

    /// Campaigns are told apart, and each has a grid of its own.
    static let campaign = "campaign_id"

    private static let counters: Set<String> = [
        "campaign_exp_idx", "exp_idx", "exp_index", "experiment_index", "experiment_idx", "run_idx", "run_index",
        "run_id", "run_number", "job_id", "trial_id",
    ]
    private static let repetitions: Set<String> = [
        "seed", "seeds", "split", "splits", "fold", "folds", "trial", "repeat", "repetition", "replicate", "replica",
    ]

    /// The params of some runs, by name.
    public static func all(of runs: [RunInfo]) -> [ParamAxis] {
        var found: [String: (values: [PropertyIdentity: PropertyValue], runs: Int)] = [:]
        for run in runs {
            for (name, value) in run.params {
                found[name, default: ([:], 0)].runs += 1
                let identity = PropertyIdentity(value)
                if found[name]?.values[identity] == nil { found[name]?.values[identity] = value }
            }
        }
        return found.keys.sorted().map { name in
            let (values, count) = found[name] ?? ([:], 0)
            return ParamAxis(
                name: name, values: values.values.sorted { $0.precedes($1) }, missing: runs.count - count)
        }
    }
}

extension RunInfo {
    /// The values of params, `absent` where the run doesn't have one. Where no run has such a param, `name` and `status` are
    /// the run's own, and so are other properties by their full keys.
    func values(of names: [String]) -> [PropertyValue] {
        names.map { name in
            if let value = properties["params.\(name)"] { return value }
            switch name {
            case "name": return .string(self.name)
            case "status": return .string(status.rawValue)
            default: return properties[name] ?? .absent
            }
        }
    }
}
