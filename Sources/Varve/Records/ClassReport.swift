import VarveFormat

/// Precision, recall, F1 and support of each class, and their means: what scikit-learn calls a classification report.
///
/// All of it follows from a ``ConfusionMatrix``, by the usual definitions: precision = right ÷ all that were taken for the class,
/// recall = right ÷ all of the class, F1 = 2 · right ÷ (all of the class + all taken for it); what would divide by 0 is 0.
public struct ClassReport: Hashable, Sendable {
    /// What is known of one class.
    public struct Row: Hashable, Sendable {
        /// The class, or which mean it is.
        public var label: String
        /// The share of what was taken for the class that was right.
        public var precision: Double
        /// The share of the class that was found.
        public var recall: Double
        /// The harmonic mean of the two.
        public var f1: Double
        /// How many examples the class has.
        public var support: Double

        /// A class of which these are known.
        public init(label: String, precision: Double, recall: Double, f1: Double, support: Double) {
            self.label = label
            self.precision = precision
            self.recall = recall
            self.f1 = f1
            self.support = support
        }
    }

    /// A class each, in order.
    public let classes: [Row]

    /// What follows from a matrix.
    public init(_ matrix: ConfusionMatrix) {
        let (right, truth, predicted) = (matrix.diagonal, matrix.truthTotals, matrix.predictedTotals)
        func ratio(_ a: Double, _ b: Double) -> Double { b == 0 ? 0 : a / b }
        classes = matrix.labels.indices.map { i in
            Row(
                label: matrix.labels[i], precision: ratio(right[i], predicted[i]), recall: ratio(right[i], truth[i]),
                f1: ratio(2 * right[i], truth[i] + predicted[i]), support: truth[i])
        }
    }

    /// A report of which only the report is known.
    ///
    /// - Throws: `invalid` if two classes have one name or a support is negative or no number; `limit` if there are more classes
    ///   than 65,536.
    public init(classes: [Row]) throws(VarveError) {
        try ConfusionMatrix.check(classes.map(\.label))
        for row in classes where !(row.support >= 0 && row.support.isFinite) {
            throw VarveError(
                .invalid, "the support of \(row.label) can't be stored", expected: "a number from 0 on",
                found: "\(row.support)")
        }
        self.classes = classes
    }

    init(_ stored: StoredReport) {
        classes = stored.labels.indices.map { i in
            Row(
                label: stored.labels[i], precision: stored.precision[i], recall: stored.recall[i], f1: stored.f1[i],
                support: stored.support[i])
        }
    }

    var stored: StoredReport {
        StoredReport(
            labels: classes.map(\.label), precision: classes.map(\.precision), recall: classes.map(\.recall),
            f1: classes.map(\.f1), support: classes.map(\.support))
    }

    /// How many examples there are in all.
    public var support: Double { classes.reduce(0) { $0 + $1.support } }

    /// The share of all examples that were taken for what they are: recall, weighted by support. 0 if there are none.
    public var accuracy: Double { support == 0 ? 0 : classes.reduce(0) { $0 + $1.recall * $1.support } / support }

    /// The means over classes, each counted once; named `macro avg`.
    public var macro: Row { mean("macro avg") { _ in 1 } }

    /// The means over classes, each counted as often as it has examples; named `weighted avg`.
    public var weighted: Row { mean("weighted avg", \.support) }

    private func mean(_ label: String, _ weight: (Row) -> Double) -> Row {
        let whole = classes.reduce(0) { $0 + weight($1) }
        func mean(_ value: (Row) -> Double) -> Double {
            whole == 0 ? 0 : classes.reduce(0) { $0 + value($1) * weight($1) } / whole
        }
        return Row(
            label: label, precision: mean(\.precision), recall: mean(\.recall), f1: mean(\.f1), support: support)
    }

    /// The mean of several reports, class by class; the mean of a class is over the reports that have it.
    public static func mean(_ reports: [ClassReport]) -> ClassReport {
        var labels: [String] = []
        var rows: [ExactText: [Row]] = [:]
        for row in reports.flatMap(\.classes) {
            if rows[ExactText(row.label)] == nil { labels.append(row.label) }
            rows[ExactText(row.label), default: []].append(row)
        }
        return ClassReport(
            rows: labels.map { label in
                let all = rows[ExactText(label)] ?? []
                func mean(_ value: (Row) -> Double) -> Double { all.reduce(0) { $0 + value($1) } / Double(all.count) }
                return Row(
                    label: label, precision: mean(\.precision), recall: mean(\.recall), f1: mean(\.f1),
                    support: mean(\.support))
            })
    }

    private init(rows: [Row]) { classes = rows }
}
