import Varve

/// What an importer takes for a context: which part of the data a metric was measured on.
///
/// | where | found | becomes |
/// |---|---|---|
/// | a directory's last component (`logs/x/validation`) | `train`, `val`, `valid`, `validation`, `test`, `eval` | the run `logs/x`, context `subset` |
/// | the name of a table (`x/train.csv`) | the same words | the run `x`, context `subset` |
/// | a name's beginning, ended by a slash, an underscore or a point (`val/loss`, `val_loss`, `val.loss`) | the same words | the metric `loss`, context `subset` |
///
/// `train` and `test` stay what they are; `val`, `valid`, `validation` and `eval` become `val`. Capitals don't matter. Only
/// what lies below the imported path is looked at; below a directory that is a context, names stay as they are. A name that
/// would meet another one of its run (`val_loss` beside `val/loss`) stays as it is. `keepNames` switches all of it off.
package enum ContextRule {
    /// The key of the context.
    package static let key = "subset"

    /// The subset that a word stands for, if it does.
    package static func subset(_ word: some StringProtocol) -> String? {
        switch word.lowercased() {
        case "train": "train"
        case "val", "valid", "validation", "eval": "val"
        case "test": "test"
        default: nil
        }
    }

    /// The metric that a name in a file stands for.
    package static func metric(_ name: String) -> MetricKey {
        let separators: [Character] = ["/", "_", "."]
        guard let at = name.firstIndex(where: { separators.contains($0) }), let subset = subset(name[..<at]) else {
            return MetricKey(name)
        }
        let rest = name[name.index(after: at)...]
        return rest.isEmpty ? MetricKey(name) : MetricKey(String(rest), context: [key: subset])
    }
}

/// The metrics of one run by their names in its files; two names never become one metric.
package struct MetricNames {
    private let keepNames: Bool
    private var known: [Source: MetricKey] = [:]
    private var taken: Set<MetricKey> = []

    private struct Source: Hashable {
        var name: String
        var subset: String?
        var directory: String
    }

    /// - Parameter known: metrics of names in no subset, which an earlier import chose.
    package init(keepNames: Bool, known: [String: MetricKey] = [:]) {
        self.keepNames = keepNames
        for (name, metric) in known {
            self.known[Source(name: name, subset: nil, directory: "")] = metric
            taken.insert(metric)
        }
    }

    /// The names in no subset that became a metric of another name, or in a context.
    package var renamed: [String: MetricKey] {
        var renamed: [String: MetricKey] = [:]
        for (source, metric) in known where source.subset == nil && metric != MetricKey(source.name) {
            renamed[source.name] = metric
        }
        return renamed
    }

    /// The metric of a name that stands in a file of `directory`, a context if `subset` says so.
    package mutating func metric(_ name: String, subset: String? = nil, directory: String = "") -> MetricKey {
        // Without a subset all files of a run speak of the same metrics; of two directories `val` and `valid` each has its own.
        let source = Source(name: name, subset: subset, directory: subset == nil ? "" : directory)
        if let metric = known[source] { return metric }
        var metric =
            if keepNames {
                MetricKey(name)
            } else if let subset {
                MetricKey(name, context: [ContextRule.key: subset])
            } else {
                ContextRule.metric(name)
            }
        if taken.contains(metric) { metric = subset == nil ? MetricKey(name) : MetricKey(directory + "/" + name) }
        // Whoever still meets another one gets a context of its own.
        var number = 2
        while taken.contains(metric) {
            metric = MetricKey(name, context: ["source": "\(directory)#\(number)"])
            number += 1
        }
        taken.insert(metric)
        known[source] = metric
        return metric
    }
}
