import Glibc

/// The curves of scaling as an SVG: a column an axis, a row a kind of cost, both scales logarithmic, readable on light and
/// dark backgrounds.
package struct ScalingChart {
    private let figures: ScalingFigures

    package init(_ figures: ScalingFigures) { self.figures = figures }

    private struct Row: Sendable {
        var title: String
        var questions: [ScalingQuestion]
        /// Decades.
        var range: ClosedRange<Double>
        /// What a decade of it is called.
        var label: @Sendable (Int) -> String
    }

    private static let rows = [
        Row(
            title: "time", questions: [.open, .runs, .series, .metric], range: -2...4,
            label: { ["10 µs", "0.1 ms", "1 ms", "10 ms", "0.1 s", "1 s", "10 s"][$0 + 2] }),
        Row(
            title: "peak memory beyond the process", questions: [.openMemory, .metricMemory, .compactMemory],
            range: -1...3, label: { ["0.1 MB", "1 MB", "10 MB", "100 MB", "1 GB"][$0 + 1] }),
        Row(
            title: "bytes a point", questions: [.logBytes, .indexBytes], range: 0...3,
            label: { ["1 B", "10 B", "100 B", "1 kB"][$0] }),
    ]
    /// Told apart by colour and by the name at the end of each line; close in lightness on both backgrounds.
    private static let colours = ["#2f7ed8", "#d9622b", "#2a9d6f", "#a05fc0"]
    private static let panel = (width: 220.0, height: 170.0)
    private static let margin = (left: 64.0, top: 58.0, right: 142.0, row: 66.0)

    package var text: String {
        let axes = ScalingAxis.allCases.filter { !figures.sizes($0).isEmpty }
        let width = Self.margin.left + Double(axes.count) * (Self.panel.width + Self.margin.right)
        let height = Self.margin.top + Double(Self.rows.count) * (Self.panel.height + Self.margin.row) - 16
        var svg = """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(width)) \(Int(height))" role="img"
              aria-label="What questions cost as runs, series and points grow">
            <style>
              svg { color-scheme: light dark; background: #fff; font: 12px system-ui, "DejaVu Sans", sans-serif }
              text { fill: #333 } .title { font-size: 14px; font-weight: 600 } .tick { fill: #777; font-size: 10.5px }
              .grid { stroke: #e4e4e4 } .frame { stroke: #b5b5b5; fill: none } .curve { fill: none; stroke-width: 2 }
              .slope { stroke: #aaa; stroke-dasharray: 3 3 }
              @media (prefers-color-scheme: dark) {
                svg { background: #0d1117 } text { fill: #d5dae0 } .tick { fill: #8b949e } .grid { stroke: #21262d }
                .frame { stroke: #484f58 } .slope { stroke: #586069 }
              }
            </style>

            """
        for (column, axis) in axes.enumerated() {
            let x = Self.margin.left + Double(column) * (Self.panel.width + Self.margin.right)
            svg += #"<text class="title" x="\#(Self.round(x))" y="20">\#(axis.rawValue)</text>"# + "\n"
            svg += #"<text class="tick" x="\#(Self.round(x))" y="36">\#(axis.shape)</text>"# + "\n"
            for (number, row) in Self.rows.enumerated() {
                let y = Self.margin.top + Double(number) * (Self.panel.height + Self.margin.row)
                svg += panel(axis, row, x: x, y: y, isFirst: column == 0)
            }
        }
        return svg + "</svg>\n"
    }

    private func panel(_ axis: ScalingAxis, _ row: Row, x: Double, y: Double, isFirst: Bool) -> String {
        let sizes = figures.sizes(axis).map { log10(Double($0)) }
        guard let low = sizes.first, let high = sizes.last, low < high else { return "" }
        func across(_ size: Double) -> Double { x + (size - low) / (high - low) * Self.panel.width }
        func down(_ decade: Double) -> Double {
            let share = (decade - row.range.lowerBound) / (row.range.upperBound - row.range.lowerBound)
            return y + 8 + (1 - min(max(share, 0), 1)) * Self.panel.height
        }
        let (top, bottom) = (down(row.range.upperBound), down(row.range.lowerBound))
        var svg = ""
        if isFirst { svg += #"<text x="\#(Self.round(x))" y="\#(Self.round(y))">\#(row.title)</text>"# + "\n" }
        for decade in Int(row.range.lowerBound)...Int(row.range.upperBound) {
            let line = Self.round(down(Double(decade)))
            svg += #"<path class="grid" d="M\#(Self.round(x)) \#(line)h\#(Int(Self.panel.width))"/>"#
            svg +=
                #"<text class="tick" text-anchor="end" x="\#(Self.round(x - 6))" y="\#(Self.round(down(Double(decade)) + 3.5))">\#(row.label(decade))</text>"#
                + "\n"
        }
        for size in figures.sizes(axis) {
            let place = Self.round(across(log10(Double(size))))
            svg += #"<path class="grid" d="M\#(place) \#(Self.round(top))V\#(Self.round(bottom))"/>"#
            svg +=
                #"<text class="tick" text-anchor="middle" x="\#(place)" y="\#(Self.round(bottom + 15))">\#(Self.power(size))</text>"#
                + "\n"
        }
        svg +=
            #"<rect class="frame" x="\#(Self.round(x))" y="\#(Self.round(top))" width="\#(Int(Self.panel.width))" height="\#(Self.round(bottom - top))"/>"#
            + "\n"
        svg += slope(low: low, high: high, row, across, down)
        var labels: [(y: Double, text: String, colour: String)] = []
        for (question, colour) in zip(row.questions, Self.colours) {
            let curve = figures.curve(question, axis).filter { $0.value > 0 }
            guard let last = curve.last else { continue }
            let points = curve.map { "\(Self.round(across(log10($0.size)))),\(Self.round(down(log10($0.value))))" }
            svg += #"<polyline class="curve" stroke="\#(colour)" points="\#(points.joined(separator: " "))"/>"#
            for point in points {
                let parts = point.split(separator: ",")
                svg += #"<circle cx="\#(parts[0])" cy="\#(parts[1])" r="2.6" fill="\#(colour)"/>"#
            }
            svg += "\n"
            let name =
                question.rawValue.hasSuffix(", memory") ? String(question.rawValue.dropLast(8)) : question.rawValue
            labels.append((down(log10(last.value)), name, colour))
        }
        // Names that would lie on each other move apart.
        labels.sort { $0.y < $1.y }
        for i in labels.indices.dropFirst() where labels[i].y < labels[i - 1].y + 13 {
            labels[i].y = labels[i - 1].y + 13
        }
        for label in labels {
            svg +=
                #"<text x="\#(Self.round(x + Self.panel.width + 7))" y="\#(Self.round(label.y + 4))" style="fill:\#(label.colour)">\#(label.text)</text>"#
                + "\n"
        }
        return svg
    }

    /// A line that grows as the axis does, for the eye.
    private func slope(
        low: Double, high: Double, _ row: Row, _ across: (Double) -> Double, _ down: (Double) -> Double
    ) -> String {
        let rise = min(high - low, row.range.upperBound - row.range.lowerBound)
        let start = row.range.lowerBound
        return
            #"<path class="slope" d="M\#(Self.round(across(high - rise))) \#(Self.round(down(start)))L\#(Self.round(across(high))) \#(Self.round(down(start + rise)))"/>"#
            + "\n"
    }

    private static func round(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(abs(tenths % 10))"
    }

    /// `10⁵`.
    private static func power(_ size: Int) -> String {
        var exponent = 0
        var rest = size
        while rest >= 10, rest % 10 == 0 {
            rest /= 10
            exponent += 1
        }
        guard rest == 1 else { return ScalingFigures.grouped(size) }
        return "10" + String("\(exponent)".map { Array("⁰¹²³⁴⁵⁶⁷⁸⁹")[$0.wholeNumberValue ?? 0] })
    }
}
