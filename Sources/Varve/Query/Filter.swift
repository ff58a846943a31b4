/// A condition on runs and on their metrics, such as `params.lr > 0.01 and not status == "failed"`.
///
/// - Names of runs: `params.x` (also `hparams.x`), `values.x`, `tags.x`, `properties.x` for any other property, `name`,
///   `note`, `status`, `active`, `id`, `created`, `ended`, `duration` (seconds), `attempt`, `points`, `lost`; `run.` before
///   any of them is allowed. What isn't a plain name stands in brackets: `params["batch-size"]`.
/// - Names of metrics: `metric.name`, `metric.context.subset`, and the figures `metric.last`, `min`, `max`, `best`, `count`,
///   `first_step`, `last_step`, `min_step`, `max_step`, `best_step`, `nan`, `infinite`. An expression with one of them is one
///   on pairs of a run and a metric, and holds for a run if it does for one of its pairs. `metrics["loss", {"subset":
///   "val"}].min` is a figure of that one metric, and says something of the run.
/// - Comparisons: `==`, `!=`, `<`, `<=`, `>`, `>=`, also in a row: `0.001 < params.lr <= 0.1`.
/// - `"baseline" in tags`, `params.lr in [0.1, 0.01]`, `"net" in name`, and the same with `not in`.
/// - `startswith`, `endswith`, `contains` between texts, and `matches` with a regular expression, which is found anywhere
///   in the text: `name startswith "resnet"` or `name.startswith("resnet")`.
/// - `and`, `or`, `not`, parentheses. A name alone holds where the property is true.
///
/// Integers and doubles compare exactly as numbers, text with text, booleans with booleans. NaN, values of different types
/// and what a run doesn't have satisfy no comparison, `!=` included. Docs/Query.md has all of it.
public struct Filter: Hashable, Sendable {
    let condition: FilterCondition
    /// The full keys of the properties that the expression names, sorted.
    public let keys: [String]
    /// The metrics that the expression names, sorted.
    public let metricNames: [String]

    /// Parses an expression.
    /// - Throws: `invalid` with a message that shows the place and suggests what may have been meant; `limit` if the
    ///   text is longer than 64 KiB or nested deeper than 64 levels.
    public init(parsing text: String) throws(VarveError) {
        var parser = try FilterParser(text)
        self.init(condition: try parser.filter(), parser)
    }

    init(condition: FilterCondition, _ parser: FilterParser) {
        self.init(condition: condition, keys: parser.keys.sorted(), metricNames: parser.metrics.sorted())
    }

    init(condition: FilterCondition, keys: [String], metricNames: [String]) {
        self.condition = condition
        self.keys = keys
        self.metricNames = metricNames
    }

    /// Which rows satisfy the condition.
    package func matches(_ columns: some FilterColumns) -> [Bool] {
        FilterEvaluation(columns: columns).rows(condition).booleans
    }
}
