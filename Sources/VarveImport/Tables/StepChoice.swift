import Varve

/// Which column of a table, or key of its rows, holds the step, and which the time.
///
/// The first name of the list wins that is filled in at least half of the sampled rows, and with whole numbers only; if
/// there is none, the first that is filled at all; else rows are counted from 0. `epoch` comes last, since many rows share
/// one. W&B's `_step` counts rows and stands behind the step that the training itself counts.
///
/// A time is taken from the first name of its list that holds wall times only (``ForeignTime``): seconds since a start are a
/// metric like any other. Capitals don't matter. Step and time are no metrics then; whatever else looks like one is.
package struct StepChoice {
    package static let stepNames = [
        "step", "global_step", "trainer/global_step", "total_timesteps", "time/total_timesteps", "iteration",
        "iterations",
        "iter", "_step", "epoch",
    ]
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

        package init() {}

        package mutating func add(isWholeNumber: Bool, isTime: Bool) {
            filled += 1
            if isWholeNumber { wholeNumbers += 1 }
            if isTime { times += 1 }
        }
    }

    /// The chosen name of the step; nil: count the rows.
    package private(set) var step: String?
    /// The chosen name of the time; nil: there is none.
    package private(set) var time: String?

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
    }

    /// Takes what the caller names instead, where they name something.
    package mutating func override(step: String?, time: String?) {
        if let step { self.step = step }
        if let time { self.time = time }
    }
}
