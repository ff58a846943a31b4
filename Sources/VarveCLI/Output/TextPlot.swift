/// Curves as text, for a terminal: each in its own sign, over a frame with the extremes at its edges.
struct TextPlot {
    struct Curve {
        var name: String
        var points: [(step: Int, value: Double)]
    }

    let curves: [Curve]
    var width = 60
    var height = 10

    private static let signs: [Character] = ["●", "○", "▲", "△", "■", "□"]

    /// The lines from top to bottom; none if no point is finite.
    var lines: [String] {
        let all = curves.flatMap(\.points).filter { $0.value.isFinite }
        guard let low = all.map(\.value).min(), let high = all.map(\.value).max(), let first = all.map(\.step).min(),
            let last = all.map(\.step).max()
        else { return [] }
        var cells = Array(repeating: Array(repeating: Character(" "), count: width), count: height)
        for (curve, sign) in zip(curves, Self.signs).reversed() {
            for (column, value) in means(of: curve, first: first, last: last) {
                let share = high > low ? (value - low) / (high - low) : 0.5
                let row = min(height - 1, max(0, Int(((1 - share) * Double(height - 1)).rounded())))
                cells[row][column] = sign
            }
        }
        let labels = (0..<height).map { row in
            if high == low { return row == height / 2 ? HumanText.number(high, digits: 3) : "" }
            return row == 0
                ? HumanText.number(high, digits: 3) : row == height - 1 ? HumanText.number(low, digits: 3) : ""
        }
        let margin = labels.map(\.count).max() ?? 0
        var lines = zip(labels, cells).map { label, row in
            var line = String(repeating: " ", count: margin - label.count) + label + " ┤" + String(row)
            while line.last == " " { line.removeLast() }
            return line
        }
        let ends = (String(first), String(last))
        let gap = String(repeating: " ", count: max(1, width - ends.0.count - ends.1.count))
        lines.append(String(repeating: " ", count: margin) + " └" + String(repeating: "─", count: width))
        lines.append(String(repeating: " ", count: margin + 2) + ends.0 + gap + ends.1)
        for (curve, sign) in zip(curves, Self.signs) {
            lines.append(String(repeating: " ", count: margin + 2) + "\(sign) \(HumanText.harmless(curve.name))")
        }
        return lines
    }

    /// For each column the mean of the points that fall into it.
    private func means(of curve: Curve, first: Int, last: Int) -> [(column: Int, value: Double)] {
        var sums: [Int: (sum: Double, count: Double)] = [:]
        for point in curve.points where point.value.isFinite {
            let share = last > first ? (Double(point.step) - Double(first)) / (Double(last) - Double(first)) : 0
            let column = min(width - 1, Int(share * Double(width)))
            let old = sums[column] ?? (0, 0)
            sums[column] = (old.sum + point.value, old.count + 1)
        }
        return sums.keys.sorted().map { ($0, (sums[$0]?.sum ?? 0) / (sums[$0]?.count ?? 1)) }
    }
}
