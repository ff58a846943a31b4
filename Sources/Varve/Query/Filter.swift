/// A condition on runs, such as `params.lr > 0.01 and not status == "failed"`.
///
/// - Names: `params.x` (also `hparams.x`), `values.x`, `tags.x`, `properties.x` for any other property, `name`, `note`,
///   `status`, `id`, `created`, `ended`, `duration` (seconds), `attempt`, `points`, `lost`; `run.` before any of them
///   is
///   allowed. What isn't a plain name stands in brackets: `params["batch-size"]`.
/// - Comparisons: `==`, `!=`, `<`, `<=`, `>`, `>=`, also in a row: `0.001 < params.lr <= 0.1`.
/// - `"baseline" in tags`, `params.lr in [0.1, 0.01]`, `"net" in name`, and the same with `not in`.
/// - `startswith`, `endswith`, `contains` between texts: `name startswith "resnet"` or `name.startswith("resnet")`.
/// - `and`, `or`, `not`, parentheses. A name alone holds where the property is true.
///
/// Integers and doubles compare exactly as numbers, text with text, booleans with booleans. NaN, values of different
/// types
/// and properties that a run doesn't have satisfy no comparison, `!=` included.
public struct Filter: Hashable, Sendable {
    let condition: FilterCondition
    /// The full keys of the properties that the expression names, sorted.
    public let keys: [String]

    /// Parses an expression.
    /// - Throws: `invalid` with a message that shows the place and suggests what may have been meant; `limit` if the
    ///   text
    ///   is longer than 64 KiB or nested deeper than 64 levels.
    public init(parsing text: String) throws(VarveError) {
        var parser = try FilterParser(text)
        condition = try parser.filter()
        keys = parser.keys.sorted()
    }

    /// Which rows satisfy the condition.
    package func matches(_ columns: some FilterColumns) -> [Bool] {
        FilterEvaluation(columns: columns).rows(condition).booleans
    }
}
