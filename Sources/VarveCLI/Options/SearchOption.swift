import ArgumentParser
import Varve

/// What a verb shows of a repository, by an expression on runs and metrics.
struct SearchOption: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Only what this holds for, such as 'params.lr > 0.01' or 'metric.min < 1'.", valueName: "expr"))
    var `where`: String?

    /// The search; nil: everything.
    func search() throws -> Search? {
        try `where`.map { text throws(VarveError) in try Search(parsing: text) }
    }
}
