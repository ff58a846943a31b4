import Varve

/// A record as a line of JSON, as `varve log` takes it and as exports write it:
///
///     {"metric": "confusion", "context": {…}, "step": 5, "time": "…", "confusion_matrix": {"labels": ["a", "b"], "counts": [[3, 1], [0, 4]]}}
///
/// or with `"histogram": {"edges": […], "counts": […]}`, or with `"class_report": {"a": {"precision": …, "recall": …, "f1-score": …,
/// "support": …}, …}`, as scikit-learn gives it; what is written is a list of `{"label": "a", "precision": …}`, since a class may be
/// called as one of scikit-learn's means is. A matrix of many classes has `"cells": [[true, predicted, count], …]` instead of counts:
/// indices into its labels, and only what isn't 0.
package enum RecordLine {
    /// The keys whose value is a record.
    private static let keys = ["confusion_matrix", "histogram", "class_report"]
    /// What scikit-learn writes beside the classes; all of it follows from them.
    private static let means = ["macro avg", "weighted avg", "micro avg", "samples avg"]
    /// A matrix of more classes is written by its cells.
    private static let mostRows = 256

    /// Whether an object is a record, and no row of numbers.
    package static func isRecord(_ object: JSONObject) -> Bool {
        keys.contains { object[$0]?.objectValue != nil } || object["class_report"]?.arrayValue != nil
    }

    /// What is recorded.
    /// - Throws: `invalid` if that can't be told from the object, or can't be a record.
    package static func content(_ object: JSONObject) throws(VarveError) -> Record.Content {
        if let matrix = object["confusion_matrix"]?.objectValue { return .confusionMatrix(try Self.matrix(matrix)) }
        if let histogram = object["histogram"]?.objectValue {
            return .histogram(
                try Histogram(
                    edges: numbers(histogram["edges"], "edges"), counts: numbers(histogram["counts"], "counts")))
        }
        var rows: [ClassReport.Row] = []
        if let list = object["class_report"]?.arrayValue {
            for row in list { rows.append(try self.row(row["label"]?.stringValue ?? "", row)) }
        }
        // Accuracy is a number.
        for member in object["class_report"]?.objectValue?.members ?? []
        where !means.contains(member.key) && member.value.objectValue != nil {
            rows.append(try row(member.key, member.value))
        }
        return .classReport(try ClassReport(classes: rows))
    }

    private static func row(_ label: String, _ row: JSONValue) throws(VarveError) -> ClassReport.Row {
        func value(_ key: String) throws(VarveError) -> Double {
            guard let number = row[key]?.number else {
                throw VarveError(.invalid, "the class \(label) has no \(key)")
            }
            return number
        }
        return ClassReport.Row(
            label: label, precision: try value("precision"), recall: try value("recall"), f1: try value("f1-score"),
            support: try value("support"))
    }

    private static func matrix(_ object: JSONObject) throws(VarveError) -> ConfusionMatrix {
        let labels = try list(object["labels"], "labels").map { $0.stringValue ?? $0.text }
        guard object["cells"] != nil else {
            var counts: [[Double]] = []
            for row in try list(object["counts"], "counts") { counts.append(try numbers(row, "counts")) }
            return try ConfusionMatrix(labels: labels, counts: counts)
        }
        var cells: [ConfusionMatrix.Cell] = []
        for cell in try list(object["cells"], "cells") {
            let parts = try numbers(cell, "cells")
            guard parts.count == 3, let truth = Int(exactly: parts[0]), let predicted = Int(exactly: parts[1]) else {
                throw VarveError(.invalid, "a cell is no triple of two classes and a count", found: cell.text)
            }
            cells.append(ConfusionMatrix.Cell(truth: truth, predicted: predicted, count: parts[2]))
        }
        return try ConfusionMatrix(labels: labels, cells: cells)
    }

    private static func list(_ value: JSONValue?, _ what: String) throws(VarveError) -> [JSONValue] {
        guard let list = value?.arrayValue else { throw VarveError(.invalid, "\(what) is no list") }
        return list
    }

    private static func numbers(_ value: JSONValue?, _ what: String) throws(VarveError) -> [Double] {
        var numbers: [Double] = []
        for item in try list(value, what) {
            guard let number = item.number else { throw VarveError(.invalid, "\(what) holds what is no number") }
            numbers.append(number)
        }
        return numbers
    }
}

// MARK: Writing

extension RecordLine {
    /// The line of a record.
    /// - Parameter run: what to call its run; nil: nothing.
    package static func object(_ record: Record, run: String? = nil) -> JSONObject {
        var context = JSONObject()
        for pair in record.metric.context { context[pair.key] = .string(pair.value) }
        var object = JSONObject()
        if let run { object["run"] = .string(run) }
        object["metric"] = .string(record.metric.name)
        object["context"] = .object(context)
        object["step"] = record.step.map { .int(Int64($0)) } ?? .null
        object["time"] = record.time == WallTime.none ? .null : .string(TimeText.text(record.time))
        let (key, value) = member(record.content)
        object[key] = value
        return object
    }

    private static func member(_ content: Record.Content) -> (key: String, value: JSONValue) {
        switch content {
        case .confusionMatrix(let matrix): ("confusion_matrix", object(matrix))
        case .histogram(let histogram):
            ("histogram", ["edges": numbers(histogram.edges), "counts": numbers(histogram.counts)])
        case .classReport(let report): ("class_report", .array(report.classes.map(object)))
        }
    }

    private static func numbers(_ values: [Double]) -> JSONValue { .array(values.map(number)) }

    /// An integer where it is one: counts mostly are.
    private static func number(_ value: Double) -> JSONValue {
        value == 0 && value.sign == .minus ? .double(value) : Int64(exactly: value).map { .int($0) } ?? .double(value)
    }

    private static func object(_ matrix: ConfusionMatrix) -> JSONValue {
        let labels = JSONValue.array(matrix.labels.map { .string($0) })
        guard matrix.labels.count <= mostRows else {
            let cells = matrix.cells.map {
                JSONValue.array([.int(Int64($0.truth)), .int(Int64($0.predicted)), number($0.count)])
            }
            return ["labels": labels, "cells": .array(cells)]
        }
        return ["labels": labels, "counts": .array(matrix.rows.map { numbers($0.counts) })]
    }

    private static func object(_ row: ClassReport.Row) -> JSONValue {
        [
            "label": .string(row.label), "precision": number(row.precision), "recall": number(row.recall),
            "f1-score": number(row.f1), "support": number(row.support),
        ]
    }
}

extension JSONValue {
    /// A number, or one of the words for what isn't finite.
    package var number: Double? {
        if let doubleValue { return doubleValue }
        if let text = stringValue, case .number(let number, _) = CellValue(text), !number.isFinite { return number }
        return nil
    }
}
