import Varve

/// What was measured at each size of each axis, taken from measurements called `scaling`.
package struct ScalingFigures: Sendable {
    private var values: [ScalingAxis: [Int: [ScalingQuestion: Double]]] = [:]

    package init(_ measurements: [Measurement]) {
        for measurement in measurements where measurement.name == "scaling" {
            let parts = measurement.what.split(separator: ":", maxSplits: 1)
            let head = parts[0].split(separator: " ")
            guard parts.count == 2, head.count == 2, let axis = ScalingAxis(rawValue: String(head[0])),
                let size = Int(head[1]), let question = ScalingQuestion(rawValue: String(parts[1].dropFirst()))
            else { continue }
            values[axis, default: [:]][size, default: [:]][question] = measurement.value
        }
    }

    package func sizes(_ axis: ScalingAxis) -> [Int] { (values[axis] ?? [:]).keys.sorted() }

    package func value(_ question: ScalingQuestion, _ axis: ScalingAxis, _ size: Int) -> Double? {
        values[axis]?[size]?[question]
    }

    /// The points of a curve: sizes and values.
    func curve(_ question: ScalingQuestion, _ axis: ScalingAxis) -> [(size: Double, value: Double)] {
        sizes(axis).compactMap { size in value(question, axis, size).map { (Double(size), $0) } }
    }

    /// A table an axis, as Markdown.
    package var lines: [String] {
        var lines: [String] = []
        for axis in ScalingAxis.allCases where !sizes(axis).isEmpty {
            let questions = ScalingQuestion.allCases
            lines += ["", "**\(axis.rawValue.capitalizedFirst)**: \(axis.shape).", ""]
            lines.append(
                "| \(axis.rawValue) | " + questions.map { "\($0.rawValue), \($0.unit)" }.joined(separator: " | ") + " |"
            )
            lines.append("|---:|" + questions.map { _ in "---:|" }.joined())
            for size in sizes(axis) {
                let cells = questions.map { value($0, axis, size).map(ReportTable.text) ?? "" }
                lines.append("| \(Self.grouped(size)) | " + cells.joined(separator: " | ") + " |")
            }
            let growth = questions.map { question -> String in
                let ends = curve(question, axis).suffix(2)
                guard let first = ends.first, let last = ends.last, first.size < last.size, first.value > 0 else {
                    return ""
                }
                return "×" + ReportTable.text(last.value / first.value)
            }
            lines.append("| the last step, ×10 | " + growth.joined(separator: " | ") + " |")
        }
        return lines
    }

    static func grouped(_ number: Int) -> String {
        var text = ""
        for (place, digit) in String(number).reversed().enumerated() {
            if place > 0, place % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
