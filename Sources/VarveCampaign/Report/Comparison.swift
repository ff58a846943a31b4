import Varve

/// Two values of a param side by side: the runs that are alike in everything else make pairs.
public struct Comparison: Hashable, Sendable {
    /// The param.
    public var name: String
    /// The value of the first runs.
    public var first: PropertyValue
    /// The value of the second runs.
    public var second: PropertyValue
    /// What is compared.
    public var metric: MetricKey
    /// The differences, first less second, and their tests.
    public var test: PairedTest
    /// Combinations of the other params that only one of the two has a finite value for.
    public var unpaired: Int

    /// Every value of a param against every later one.
    ///
    /// - Parameter others: the params in which the runs of a pair are alike. Several runs with the same values of all params
    ///   count as one, with the mean of their values.
    static func all(
        of name: String, pairedBy others: [String], _ runs: [RunInfo], _ values: MetricValues
    ) -> [Comparison] {
        var choices = ParamAxis.all(of: runs).first { $0.name == name }?.values ?? []
        if runs.contains(where: { $0.params[name] == nil }) { choices.append(.absent) }
        var result: [Comparison] = []
        for metric in values.metrics {
            var cells: [PropertyIdentity: [[PropertyIdentity]: [Double]]] = [:]
            for run in runs {
                guard let value = values.value(of: metric, in: run.id), value.isFinite else { continue }
                let choice = PropertyIdentity(run.params[name] ?? .absent)
                let rest = run.values(of: others).map { PropertyIdentity($0) }
                cells[choice, default: [:]][rest, default: []].append(value)
            }
            for (place, first) in choices.enumerated() {
                for second in choices[(place + 1)...] {
                    let a = cells[PropertyIdentity(first)] ?? [:]
                    let b = cells[PropertyIdentity(second)] ?? [:]
                    let common = Set(a.keys).intersection(b.keys)
                    guard !common.isEmpty else { continue }
                    // Sorted, so that sums don't depend on the order of a dictionary.
                    let pairs = common.compactMap { key -> (Double, Double)? in
                        guard let x = a[key], let y = b[key] else { return nil }
                        return (Sample.mean(x), Sample.mean(y))
                    }.sorted { $0 < $1 }
                    result.append(
                        Comparison(
                            name: name, first: first, second: second, metric: metric, test: PairedTest(pairs),
                            unpaired: a.count + b.count - 2 * common.count))
                }
            }
        }
        return result
    }
}
