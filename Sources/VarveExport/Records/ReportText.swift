import Varve

/// Confusion matrices and class reports as pandas and tcbench write them to CSV, so that scripts which read theirs read ours.
///
/// Lines come one at a time: the rows of a matrix have a cell for each pair of classes, of which there may be billions.
package enum ReportText {
    /// `index,precision,recall,f1-score,support`, a line a class, then accuracy (in all four columns, as pandas has it), `macro avg`
    /// and `weighted avg`.
    package static func lines(_ report: ClassReport) -> some Sequence<String> {
        let accuracy = report.accuracy
        let rows =
            report.classes + [
                ClassReport.Row(
                    label: "accuracy", precision: accuracy, recall: accuracy, f1: accuracy, support: accuracy),
                report.macro, report.weighted,
            ]
        let cells = rows.lazy.map { row in
            [CSVText.cell(row.label)] + [row.precision, row.recall, row.f1, row.support].map(number)
        }
        return text(head: ["index", "precision", "recall", "f1-score", "support"], cells)
    }

    /// `index` and the classes; a line a true class, a column a predicted one.
    package static func lines(_ matrix: ConfusionMatrix) -> some Sequence<String> {
        let write = counts(of: matrix)
        return text(
            head: ["index"] + matrix.labels.map(CSVText.cell),
            matrix.rows.lazy.map { [CSVText.cell($0.label)] + $0.counts.map(write) })
    }

    /// `true,predicted,count`, a line a cell that isn't 0: the form of matrices that have too many classes for a table.
    package static func cellLines(_ matrix: ConfusionMatrix) -> some Sequence<String> {
        let write = counts(of: matrix)
        return text(
            head: ["true", "predicted", "count"],
            matrix.cells.lazy.map { cell in
                [
                    CSVText.cell(matrix.labels[cell.truth]), CSVText.cell(matrix.labels[cell.predicted]),
                    write(cell.count),
                ]
            })
    }

    private static func text(head: [String], _ rows: some Sequence<[String]>) -> some Sequence<String> {
        var rows = rows.makeIterator()
        var isFirst = true
        return AnyIterator<String> {
            let cells = isFirst ? head : rows.next()
            isFirst = false
            return cells.map { $0.joined(separator: ",") + "\n" }
        }
    }

    private static func counts(of matrix: ConfusionMatrix) -> (Double) -> String {
        let isWhole = matrix.cells.allSatisfy { $0.count.rounded() == $0.count && $0.count < 1e15 }
        return { isWhole ? String(Int($0)) : number($0) }
    }

    /// As Python writes it: the shortest digits that give the same double again, `.0` where it is whole.
    private static func number(_ value: Double) -> String {
        if value.isNaN { return "" }
        if value.isInfinite { return value > 0 ? "inf" : "-inf" }
        return "\(value)"
    }
}
