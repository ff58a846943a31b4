/// Measurements as an aligned table.
package struct ReportTable {
    private var rows: [[String]] = [["benchmark", "case", "value", "unit", "floor", "÷ floor", "of", "hash"]]
    /// Columns of numbers stand right.
    private static let rightColumns: Set<Int> = [2, 4, 5, 6]

    package init() {}

    package mutating func append(_ measurement: Measurement) {
        let isRatio = measurement.unit == "x floor"
        rows.append([
            measurement.name, measurement.what, Self.text(measurement.value), measurement.unit,
            measurement.floor.map(Self.text) ?? "",
            isRatio ? Self.text(measurement.value) : measurement.floor.map { Self.text(measurement.value / $0) } ?? "",
            "\(measurement.runs)", measurement.hashText ?? "",
        ])
    }

    package var lines: [String] {
        let columns = rows[0].count
        let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                line += Self.rightColumns.contains(column) ? padding + cell : cell + padding
                line += column + 1 < columns ? "  " : ""
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }

    /// Three significant digits, and all of a whole number's.
    static func text(_ value: Double) -> String {
        guard value.isFinite else { return "\(value)" }
        var magnitude = abs(value)
        var digits = 0
        while magnitude > 0, magnitude < 100, digits < 6 {
            magnitude *= 10
            digits += 1
        }
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let whole = (abs(value) * scale).rounded()
        guard whole < 1e15 else { return "\(value)" }
        let sign = value < 0 ? "-" : ""
        let text = String(Int(whole))
        guard digits > 0 else { return sign + text }
        let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
        return sign + padded.dropLast(digits) + "." + padded.suffix(digits)
    }
}
