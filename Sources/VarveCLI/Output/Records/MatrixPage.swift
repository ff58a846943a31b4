import Varve
import VarveExport
import VarvePlot

/// A confusion matrix as it is shown: one run's, or that of a group.
struct MatrixPage {
    let group: MatrixGroup
    /// What is shown: counts, their mean, or shares.
    let matrix: ConfusionMatrix
    let report: ClassReport
    let isMean: Bool
    let normalisation: ConfusionMatrix.Normalisation?
    let runs: [RunInfo]

    init(
        _ group: MatrixGroup, isMean: Bool, normalisation: ConfusionMatrix.Normalisation?, runs: [RunInfo]
    ) throws {
        self.group = group
        self.isMean = isMean
        self.normalisation = normalisation
        self.runs = runs.filter { Set(group.runs).contains($0.id) }
        let counts = isMean ? try group.mean() : group.sum
        matrix = normalisation.map(counts.normalised) ?? counts
        report = isMean ? group.meanReport : group.reportOfSum
    }

    /// More classes than this have no place in a picture.
    static let mostClasses = 200

    var plot: Plot {
        let labels = Array(matrix.labels.prefix(Self.mostClasses))
        var values = labels.map { _ in [Double?](repeating: 0, count: labels.count) }
        for cell in matrix.cells where cell.truth < labels.count && cell.predicted < labels.count {
            values[cell.truth][cell.predicted] = cell.count
        }
        var notes: [String] = []
        if runs.count > 1 { notes.append(isMean ? "mean of \(runs.count) runs" : "sum of \(runs.count) runs") }
        if matrix.labels.count > labels.count {
            notes.append("the first \(labels.count) of \(matrix.labels.count) classes")
        }
        let value =
            switch normalisation {
            case nil: isMean && runs.count > 1 ? "mean count" : "count"
            case .truth: "share of true"
            case .predicted: "share of predicted"
            case .all: "share of all"
            }
        return Plot(
            title: title, notes: notes,
            content: .heatMap(
                HeatMap(
                    columnTitle: "predicted", columns: labels, rowTitle: "true", rows: labels, valueTitle: value,
                    values: values)))
    }

    private var title: String {
        var words = ["\(group.metric)"]
        if group.steps.count == 1, let step = group.steps.first { words.append("step \(step)") }
        if runs.count == 1 { words.append(runs[0].name) }
        return words.joined(separator: " · ")
    }

    /// The heat map, and the class report below it.
    func write(to output: OutputStream) throws {
        let screen = Screen(descriptor: 1)
        let width = screen.columns ?? 100
        let rows = min(matrix.labels.count, Self.mostClasses) + 9
        for line in TerminalPlot(plot, width: width, height: rows, style: screen.style()).lines {
            try output.line(line)
        }
        try output.line()
        try writeReport(to: output, .table)
    }

    /// The class report as a list.
    func writeReport(to output: OutputStream, _ format: ListFormat) throws {
        let writer = try ListWriter(
            output, format: format,
            columns: [
                Column("index", title: "CLASS"), Column("precision", numeric: true), Column("recall", numeric: true),
                Column("f1-score", title: "F1", numeric: true), Column("support", numeric: true),
            ])
        func number(_ value: Double) -> Cell {
            Cell(value: .double(value), wording: .text(value.isNaN ? "–" : HumanText.fixed(value, decimals: 4)))
        }
        func row(_ row: ClassReport.Row, _ style: TextStyle = .plain) throws {
            try writer.row([
                .text(row.label, style: style), number(row.precision), number(row.recall), number(row.f1),
                .number(row.support),
            ])
        }
        for one in report.classes { try row(one) }
        let accuracy = report.accuracy
        try writer.row([
            .text("accuracy", style: .dim), number(accuracy), number(accuracy), number(accuracy),
            .number(report.support),
        ])
        try row(report.macro, .dim)
        try row(report.weighted, .dim)
        try writer.end()
    }

    /// The matrix as a list, a row a true class.
    func writeMatrix(to output: OutputStream, _ format: ListFormat) throws {
        let writer = try ListWriter(
            output, format: format,
            columns: [Column("index", title: "TRUE")] + matrix.labels.map { Column($0, title: $0, numeric: true) })
        for (label, counts) in matrix.rows {
            try writer.row([.text(label)] + counts.map { Cell.whole($0) })
        }
        try writer.end()
    }

    /// What is saved of a matrix, by the ends of the names that tcbench gives the files.
    enum Part: String, CaseIterable {
        case matrix = "conf_mtx"
        case report = "class_rep"
    }

    /// One of them as pandas writes it.
    func writeCSV(_ part: Part, to output: OutputStream) throws {
        switch part {
        case .matrix: for line in ReportText.lines(matrix) { try output.write(line) }
        case .report: for line in ReportText.lines(report) { try output.write(line) }
        }
    }

    var json: JSONValue {
        var object = JSONObject()
        object["metric"] = .string(group.metric.name)
        var context = JSONObject()
        for pair in group.metric.context { context[pair.key] = .string(pair.value) }
        object["context"] = .object(context)
        object["steps"] = .array(group.steps.sorted().map { .int(Int64($0)) })
        object["runs"] = .array(group.runs.map { .string($0.description) })
        object["labels"] = .array(matrix.labels.map { .string($0) })
        object["counts"] = .array(
            matrix.rows.map { .array($0.counts.map { Cell.whole($0).value }) })
        func row(_ row: ClassReport.Row) -> JSONValue {
            var object = JSONObject()
            object["label"] = .string(row.label)
            object["precision"] = .double(row.precision)
            object["recall"] = .double(row.recall)
            object["f1"] = .double(row.f1)
            object["support"] = Cell.whole(row.support).value
            return .object(object)
        }
        var found = JSONObject()
        found["classes"] = .array(report.classes.map(row))
        found["accuracy"] = .double(report.accuracy)
        found["macro"] = row(report.macro)
        found["weighted"] = row(report.weighted)
        object["report"] = .object(found)
        return .object(object)
    }
}

extension Cell {
    /// A count: an integer where it is one.
    static func whole(_ value: Double) -> Cell {
        value.rounded() == value && value.magnitude < 1e15 ? Cell(value: .int(Int64(value))) : .number(value)
    }
}
