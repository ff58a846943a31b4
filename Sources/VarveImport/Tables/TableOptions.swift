import Varve

/// What a caller knows better than an importer can guess.
package struct TableOptions: Sendable {
    /// The column or key that holds the step.
    package var step: String?
    /// The column or key that holds the time.
    package var time: String?
    /// The column or key that names the run.
    package var run: String?
    /// What separates the cells of a CSV file; nil: a tab in `.tsv` files, else a comma.
    package var separator: UInt8?

    /// The names of the columns of a table that has no header.
    package var columns: [String]?

    /// A last row without its line end is left: more of it will come.
    package var leavesOpenEnd: Bool

    /// The table has one metric, which is called this whatever its column says.
    package var metric: String?

    /// No column is taken for a context.
    package var keepNames: Bool

    package init(
        step: String? = nil, time: String? = nil, run: String? = nil, separator: UInt8? = nil,
        columns: [String]? = nil, leavesOpenEnd: Bool = false, keepNames: Bool = false
    ) {
        self.step = step
        self.time = time
        self.run = run
        self.separator = separator
        self.columns = columns
        self.leavesOpenEnd = leavesOpenEnd
        self.keepNames = keepNames
    }

    /// Whether what was said fits a table of points as Varve exports it, which needs no word at all.
    var agreesWithPoints: Bool {
        [(step, "step"), (time, "time"), (run, "run")].allSatisfy { $0.0 == nil || $0.0 == $0.1 }
    }
}

/// Finds the sink of a run that a table names; nil stands for the run of the file.
package typealias SinkFinder = (_ run: String?) throws(VarveError) -> any RunSink
