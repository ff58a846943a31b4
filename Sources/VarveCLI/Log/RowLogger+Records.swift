import Varve

extension RowLogger {
    /// The keys whose value is a record.
    private static let recordKeys = ["confusion_matrix", "histogram", "class_report"]

    /// Whether an object is a record, and no row of numbers.
    static func isRecord(_ object: JSONObject) -> Bool { recordKeys.contains { object[$0]?.objectValue != nil } }

    /// `{"metric": "confusion", "step": 5, "context": {…}, "confusion_matrix": {"labels": ["a", "b"], "counts": [[3, 1], [0, 4]]}}`,
    /// or with `"histogram": {"edges": […], "counts": […]}`, or with `"class_report": {"a": {"precision": …, "recall": …, "f1-score": …,
    /// "support": …}, …}`, as scikit-learn gives it.
    mutating func logRecord(_ object: JSONObject, line: Int) throws(VarveError) {
        var pairs = context
        for member in object["context"]?.objectValue?.members ?? [] {
            pairs[member.key] = member.value.stringValue ?? member.value.text
        }
        let content: Record.Content
        do throws(VarveError) {
            content = try Self.content(object)
        } catch {
            return refuse("line \(line): \(error)")
        }
        // Not counted as a row: a record without a step has none.
        let step = object[names.step ?? "step"].flatMap { $0 == .null ? nil : $0 }
        let number = if let step { try self.step(step, line: line) } else { Int?.none }
        let usual = if case .classReport = content { "report" } else { "confusion" }
        let name = object["metric"]?.stringValue ?? usual
        do throws(VarveError) {
            try run.log(
                content, name: name, step: number, context: pairs,
                time: time(object[names.time ?? "time"], line: line))
        } catch {
            guard error.code == .limit || error.code == .invalid else { throw error }
            return refuse("line \(line): \(error)")
        }
        records += 1
    }

    private static func content(_ object: JSONObject) throws(VarveError) -> Record.Content {
        if let matrix = object["confusion_matrix"]?.objectValue {
            let labels = try texts(matrix["labels"], "labels")
            let rows = try list(matrix["counts"], "counts")
            var counts: [[Double]] = []
            for row in rows { counts.append(try numbers(row, "counts")) }
            return .confusionMatrix(try ConfusionMatrix(labels: labels, counts: counts))
        }
        if let histogram = object["histogram"]?.objectValue {
            return .histogram(
                try Histogram(
                    edges: numbers(histogram["edges"], "edges"), counts: numbers(histogram["counts"], "counts")))
        }
        var rows: [ClassReport.Row] = []
        // The means follow from the classes, and accuracy is a number.
        for member in object["class_report"]?.objectValue?.members ?? []
        where !["macro avg", "weighted avg", "micro avg", "samples avg"].contains(member.key) {
            guard let row = member.value.objectValue else { continue }
            func value(_ key: String) throws(VarveError) -> Double {
                guard let number = row[key].flatMap(Self.number) else {
                    throw VarveError(.invalid, "the class \(member.key) has no \(key)")
                }
                return number
            }
            rows.append(
                ClassReport.Row(
                    label: member.key, precision: try value("precision"), recall: try value("recall"),
                    f1: try value("f1-score"), support: try value("support")))
        }
        return .classReport(try ClassReport(classes: rows))
    }

    private static func list(_ value: JSONValue?, _ what: String) throws(VarveError) -> [JSONValue] {
        guard let list = value?.arrayValue else { throw VarveError(.invalid, "\(what) is no list") }
        return list
    }

    private static func texts(_ value: JSONValue?, _ what: String) throws(VarveError) -> [String] {
        try list(value, what).map { $0.stringValue ?? $0.text }
    }

    private static func numbers(_ value: JSONValue?, _ what: String) throws(VarveError) -> [Double] {
        var numbers: [Double] = []
        for item in try list(value, what) {
            guard let number = number(item) else { throw VarveError(.invalid, "\(what) holds what is no number") }
            numbers.append(number)
        }
        return numbers
    }
}
