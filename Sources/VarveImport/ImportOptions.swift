import Varve

/// How an import goes about it.
public struct ImportOptions: Sendable {
    /// Names of runs and metrics stay what they are in the files: nothing of them becomes a context.
    public var keepNames = false
    /// Tables: the column or key that holds the step; nil: it is recognised, else rows are counted.
    public var step: String?
    /// Tables: the column or key that holds the time; nil: it is recognised, else there is none.
    public var time: String?
    /// Tables: the column or key that names the run; nil: a file is a run.
    public var run: String?
    /// CSV: what separates cells; nil: a tab in `.tsv` files, else a comma.
    public var separator: Unicode.Scalar?
    /// CSV: the names of the columns, where the tables have no header; nil: the first row names them, or they are recognised.
    public var columns: [String]?
    /// Formats that are read through a Python package: the interpreter that has it; nil: the one that VARVE_PYTHON names, else
    /// `python3`.
    public var python: String?
    /// A run whose files were replaced since they were imported is moved to the trash and imported anew.
    public var replaceChanged = false
    /// Artifacts are copied into the repository.
    public var artifacts = true
    /// What came in is proved to be complete: everything is read, also what is known to be unchanged, and compared with what
    /// a snapshot shows; see ``ImportReport/audit``.
    public var audits = false
    /// Called now and then, with bytes.
    public var progress: @Sendable (Progress) -> Void = { _ in }

    /// The sources are being written to, and will be looked at again.
    package var follows = false
    /// So many runs are written at once, where one table names many.
    package var maxOpenRuns = 64
    /// So many runs stay open between the passes of a follower.
    package var maxFollowedRuns = 256
    /// So many points wait in memory for runs that aren't open, 32 bytes each.
    package var maxWaitingPoints = 1 << 20

    /// The defaults.
    public init() {}

    var table: TableOptions {
        TableOptions(
            step: step, time: time, run: run, separator: separator.flatMap { UInt8(exactly: $0.value) },
            columns: columns, leavesOpenEnd: follows, keepNames: keepNames)
    }
}
