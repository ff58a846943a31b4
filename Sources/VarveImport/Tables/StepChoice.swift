import Varve

/// Which column of a table, or key of its rows, holds the step, and which the time.
///
/// The first name of the list wins that is filled in at least half of the sampled rows, and with whole numbers only; if
/// there is none, the first that is filled at all; else rows are counted from 0. `epoch` comes last, since many rows share
/// one. W&B's `_step` counts rows and stands behind the step that the training itself counts.
///
/// A time is taken from the first name of its list that holds wall times only (``ForeignTime``): seconds since a start are a
/// metric like any other. Capitals don't matter. Step and time are no metrics then; whatever else looks like one is.
///
/// A column of words that stand for subsets (`phase`: `train`, `val`, …) says of each row which context it is of: without it
/// the two rows of an epoch would be one series.
package struct StepChoice {
    package static let stepNames = [
        "step", "steps", "global_step", "trainer/global_step", "total_timesteps", "time/total_timesteps",
        "misc/total_timesteps", "timesteps_total", "timestepssofar", "totalenvinteracts", "totalenvsteps",
        "num_timesteps", "timesteps", "timestep", "env_steps", "env_step", "num_updates", "iteration", "iterations",
        "training_iteration", "iter", "iters", "itr", "updates", "update", "_step", "episodes", "episode",
        "progress/tick.mean", "epoch", "epochs",
    ]
    package static let subsetNames = ["subset", "split", "phase", "mode", "stage", "partition"]
    package static let timeNames = [
        "time", "timestamp", "wall_time", "wall time", "walltime", "_timestamp", "datetime", "date",
    ]
    /// So many rows are looked at before the first is imported.
    package static let sample = 1_000

    /// What the sampled rows hold under one name.
    package struct Column {
        package var filled = 0
        package var wholeNumbers = 0
        package var times = 0
        package var subsets = 0

        package init() {}

        package mutating func add(isWholeNumber: Bool, isTime: Bool, isSubset: Bool) {
            filled += 1
            if isWholeNumber { wholeNumbers += 1 }
            if isTime { times += 1 }
            if isSubset { subsets += 1 }
        }
    }

    /// The chosen name of the step; nil: count the rows.
    package private(set) var step: String?
    /// The chosen name of the time; nil: there is none.
    package private(set) var time: String?
    /// The chosen name of the subset; nil: there is none.
    package private(set) var subset: String?

    /// Chooses among the names of `columns`, of which `rows` rows were sampled.
    package init(_ columns: [String: Column], rows: Int) {
        var byLowercase: [String: String] = [:]
        for name in columns.keys.sorted().reversed() { byLowercase[name.lowercased()] = name }
        func first(_ names: [String], _ fits: (Column) -> Bool) -> String? {
            names.lazy.compactMap { byLowercase[$0] }.first { columns[$0].map(fits) ?? false }
        }
        let isStep = { (column: Column) in column.filled > 0 && column.wholeNumbers == column.filled }
        step = first(Self.stepNames) { isStep($0) && 2 * $0.filled >= rows } ?? first(Self.stepNames, isStep)
        time = first(Self.timeNames) { $0.filled > 0 && $0.times == $0.filled }
        subset = first(Self.subsetNames) { 2 * $0.filled >= rows && $0.filled > 0 && $0.subsets == $0.filled }
    }

    /// Takes a column for the step that has no name, and counts the rows.
    mutating func take(index name: String) { if step == nil { step = name } }

    /// Takes what the caller names instead, where they name something.
    mutating func override(_ options: TableOptions) {
        if let step = options.step { self.step = step }
        if let time = options.time { self.time = time }
        if options.keepNames || subset == options.run { subset = nil }
    }
}
