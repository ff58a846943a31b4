import VarveStatistics

/// What a filter can ask of a metric in one run: of its name, its context, or its points.
package enum MetricPart: Hashable, Sendable {
    case name
    /// The value of a key of the context.
    case context(String)
    /// The same of the key `rank`, as the number that it is.
    case rank
    /// Where the processes of its rank ran.
    case host
    case figure(MetricFigure)

    /// What a metric's name and context say of it; nil: they don't.
    func value(of metric: MetricKey) -> PropertyValue? {
        switch self {
        case .name: .string(metric.name)
        case .context(let key): metric[key].map { .string($0) }
        case .rank: metric.value(of: Self.rankKey)
        case .host, .figure: nil
        }
    }

    /// The key of contexts by which the processes of a run are told apart.
    package static let rankKey = "rank"
    package static let hostKey = "host"
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

    /// The one metric that is meant, or that of each rank; empty: there is none.
    ///
    /// A metric with exactly this context is meant before those that have more.
    /// - Throws: `invalid` if several are left that differ in more than their ranks.
    func metrics(among metrics: [MetricKey]) throws(VarveError) -> [MetricKey] {
        let exact = MetricKey(name, context: context)
        let candidates = metrics.filter { metric in
            metric.isNamed(name) && metric.has(context)
        }
        if candidates.contains(exact) { return [exact] }
        guard Set(candidates.map { $0.without([MetricPart.rankKey]) }).count > 1 else { return candidates }
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

extension MetricKey {
    /// What the context has under a key, as the number that it is, if it is a whole one: ranks are numbers, though contexts are texts.
    package func value(of key: String) -> PropertyValue? {
        self[key].map { text in Int64(text).map { .int($0) } ?? .string(text) }
    }

    /// The metric without some keys of its context.
    package func without(_ keys: Set<String>) -> MetricKey {
        guard context.contains(where: { keys.contains($0.key) }) else { return self }
        return MetricKey(name: name, sortedContext: context.filter { !keys.contains($0.key) })
    }
}

extension SeriesStatistics {
    /// The series of several ranks as one: extremes and counts are those of all, the last value is the mean of their last ones.
    static func merged(_ ranks: [SeriesStatistics]) -> SeriesStatistics? {
        guard var merged = ranks.first, ranks.count > 1 else { return ranks.first }
        for other in ranks.dropFirst() {
            if let low = other.min, merged.min.map({ low.value < $0.value }) ?? true { merged.min = low }
            if let high = other.max, merged.max.map({ high.value > $0.value }) ?? true { merged.max = high }
            if let new = other.steps {
                let known = merged.steps ?? new
                merged.steps =
                    Swift.min(known.lowerBound, new.lowerBound)...Swift.max(known.upperBound, new.upperBound)
            }
            merged.count += other.count
            merged.nan += other.nan
            merged.positiveInfinite += other.positiveInfinite
            merged.negativeInfinite += other.negativeInfinite
        }
        let last = ranks.compactMap(\.last)
        if let step = last.map(\.step).max() { merged.last = (meanOverRanks(last.map(\.value)), step) }
        return merged
    }

    /// The one number that stands for those of several ranks: their mean, rounded once. As with any sum, it is NaN if one of them is,
    /// so that a run of which one process diverged doesn't pass for a good one.
    package static func meanOverRanks(_ values: [Double]) -> Double {
        if values.count == 1 { return values[0] }
        return values.allSatisfy(\.isFinite) ? Sample.mean(values.sorted()) : values.reduce(0, +)
    }
}
