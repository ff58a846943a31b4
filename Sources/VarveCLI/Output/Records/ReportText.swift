import Varve

/// Confusion matrices and class reports as pandas and tcbench write them to CSV, so that scripts which read theirs read ours.
enum ReportText {
    /// `index,precision,recall,f1-score,support`, a line a class, then accuracy (in all four columns, as pandas has it), `macro avg`
    /// and `weighted avg`.
    static func csv(_ report: ClassReport) -> String {
        var lines = ["index,precision,recall,f1-score,support"]
        for row in report.classes { lines.append(line(row)) }
        let accuracy = report.accuracy
        lines.append(
            line(.init(label: "accuracy", precision: accuracy, recall: accuracy, f1: accuracy, support: accuracy)))
        lines += [line(report.macro), line(report.weighted)]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func line(_ row: ClassReport.Row) -> String {
        ([ListWriter.csv(row.label)] + [row.precision, row.recall, row.f1, row.support].map(number))
            .joined(separator: ",")
    }

    /// `index` and the classes; a line a true class, a column a predicted one.
    static func csv(_ matrix: ConfusionMatrix) -> String {
        var text = (["index"] + matrix.labels.map(ListWriter.csv)).joined(separator: ",") + "\n"
        let isWhole = matrix.cells.allSatisfy { $0.count.rounded() == $0.count && $0.count < 1e15 }
        for row in rows(matrix) {
            let counts = row.counts.map { isWhole ? String(Int($0)) : number($0) }
            text += ([ListWriter.csv(row.label)] + counts).joined(separator: ",") + "\n"
        }
        return text
    }

    /// The rows of a matrix, zeros and all.
    static func rows(_ matrix: ConfusionMatrix) -> some Sequence<(label: String, counts: [Double])> {
        var cells = matrix.cells[...]
        return matrix.labels.indices.lazy.map { truth in
            var counts = [Double](repeating: 0, count: matrix.labels.count)
            while let cell = cells.first, cell.truth == truth {
                counts[cell.predicted] = cell.count
                cells.removeFirst()
            }
            return (matrix.labels[truth], counts)
        }
    }

    /// As Python writes it: the shortest digits that give the same double again, `.0` where it is whole.
    private static func number(_ value: Double) -> String {
        if value.isNaN { return "" }
        if value.isInfinite { return value > 0 ? "inf" : "-inf" }
        return "\(value)"
    }
}
