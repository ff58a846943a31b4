/// What a filter can ask of a metric in one run: of its name, its context, or its points.
package enum MetricPart: Hashable, Sendable {
    case name
    /// The value of a key of the context.
    case context(String)
    case figure(MetricFigure)
}

/// A number that is known of a series without looking at its curve; see ``SeriesStatistics``.
package enum MetricFigure: String, Hashable, Sendable, CaseIterable {
    /// The last value, NaN and infinities included.
    case last
    /// The smallest finite value.
    case min
    /// The largest finite value.
    case max
    /// The smallest or the largest one, whichever is better of such a metric; see ``MetricDirection``.
    case best
    /// The number of points.
    case count
    case firstStep = "first_step"
    case lastStep = "last_step"
    /// The step of the first appearance of the smallest, largest or best value.
    case minStep = "min_step"
    case maxStep = "max_step"
    case bestStep = "best_step"
    /// How many values are NaN; how many are infinite.
    case nan
    case infinite

    /// The figure of a series; nil where there is none, such as the smallest of no finite values.
    func value(of series: SeriesStatistics) -> PropertyValue? {
        func step(_ step: Int?) -> PropertyValue? { step.map { .int(Int64($0)) } }
        let isMax = MetricDirection(of: series.metric.name) == .maximise
        return switch self {
        case .last: series.last.map { .double($0.value) }
        case .min: series.min.map { .double($0.value) }
        case .max: series.max.map { .double($0.value) }
        case .best: (isMax ? series.max : series.min).map { .double($0.value) }
        case .count: .int(Int64(series.count))
        case .firstStep: step(series.steps?.lowerBound)
        case .lastStep: step(series.steps?.upperBound)
        case .minStep: step(series.min?.step)
        case .maxStep: step(series.max?.step)
        case .bestStep: step((isMax ? series.max : series.min)?.step)
        case .nan: .int(Int64(series.nan))
        case .infinite: .int(Int64(series.positiveInfinite + series.negativeInfinite))
        }
    }
}

/// A metric by name and some of its context, as `metrics["loss", {"subset": "val"}]` names it.
package struct MetricSelector: Hashable, Sendable {
    var name: String
    var context: [String: String]

    package static func == (a: MetricSelector, b: MetricSelector) -> Bool {
        a.name.hasSameBytes(as: b.name)
            && MetricKey(a.name, context: a.context) == MetricKey(b.name, context: b.context)
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(ExactText(name)) }

    /// The one metric that is meant; nil: there is none.
    ///
    /// A metric with exactly this context is meant before those that have more.
    /// - Throws: `invalid` if several are left.
    func metric(among metrics: [MetricKey]) throws(VarveError) -> MetricKey? {
        let exact = MetricKey(name, context: context)
        let candidates = metrics.filter { metric in
            metric.isNamed(name) && metric.has(context)
        }
        if candidates.contains(exact) { return exact }
        guard candidates.count > 1 else { return candidates.first }
        let shown = candidates.prefix(5).map { "    \($0)" }.joined(separator: "\n")
        let rest = candidates.count > 5 ? "\n    … and \(candidates.count - 5) more" : ""
        throw VarveError(
            .invalid, "'\(self)' is \(candidates.count) metrics\n\(shown)\(rest)",
            remedy: "say which, as in metrics[\"\(name)\", {\"subset\": \"val\"}]")
    }
}

extension MetricSelector: CustomStringConvertible {
    /// As it is written in an expression.
    package var description: String {
        let pairs = context.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \"\($0.value)\"" }
        return "metrics[\"\(name)\"\(pairs.isEmpty ? "" : ", {\(pairs.joined(separator: ", "))}")]"
    }
}
