/// A grid of coloured cells in a terminal; without colours, of shades.
struct TerminalHeatMap {
    private let plot: Plot
    private let content: HeatMap
    private let style: TerminalStyle
    private let width: Int
    private let height: Int

    private static let shades: [Character] = ["░", "▒", "▓", "█"]
    private static let plainShades: [Character] = [".", ":", "+", "#"]

    init(_ plot: Plot, _ content: HeatMap, width: Int, height: Int, _ style: TerminalStyle) {
        self.plot = plot
        self.content = content
        self.style = style
        self.width = width
        self.height = height
    }

    private var shades: [Character] { style.marks == .ascii ? Self.plainShades : Self.shades }

    var lines: [String] {
        var plot = plot
        let wanted = content.rows.count
        // The title, below it that of the columns; their words and the scale of colours.
        let around = 4
        if wanted > max(1, height - around - min(4, plot.notes.count)) {
            plot.notes.append("there are more rows than fit here; --height shows more")
        }
        // No longer than it has to be.
        let height = min(height, max(TerminalPlot.leastRows, wanted + around + min(4, plot.notes.count)))
        var frame = TerminalFrame(
            plot, legendTitle: "", entries: [], moreEntries: 0, facts: [], width: width, height: height, style,
            leastRows: min(wanted, 4) + around - 1)
        let top = frame.rows.lowerBound + 1
        let rows = max(0, min(wanted, frame.rows.upperBound - top - 2))
        let names = content.rows.prefix(rows).map { PlainText.harmless($0) }
        let margin = min(
            width / 3, max(names.map { PlainText.width($0) }.max() ?? 0, PlainText.width(content.rowTitle)))
        let columns = max(1, min(content.columns.count, width - margin - 1))
        let words = content.columns.map { PlainText.width(PlainText.harmless($0)) }.max() ?? 0
        let cell = max(1, min(max(7, words + 2), (width - margin - 1) / columns))
        let scale = content.scale

        frame.grid.text(PlainText.clipped(PlainText.harmless(content.rowTitle), to: margin), .dim, x: 0, y: top - 1)
        frame.grid.text(
            PlainText.clipped(PlainText.harmless(content.columnTitle), to: width - margin - 1), .dim, x: margin + 1,
            y: top - 1)
        for row in 0..<rows {
            frame.grid.text(PlainText.clipped(names[row], to: margin), x: 0, y: top + row)
            for column in 0..<columns {
                draw(
                    content.value(row: row, column: column), scale, x: margin + 1 + column * cell, y: top + row,
                    width: cell, to: &frame.grid)
            }
        }
        var end = -1
        for column in 0..<columns {
            let text = PlainText.clipped(PlainText.harmless(content.columns[column]), to: max(cell - 1, min(8, width)))
            let x = margin + 1 + column * cell
            guard x > end, x + PlainText.width(text) <= width else { continue }
            frame.grid.text(text, x: x, y: top + rows)
            end = x + PlainText.width(text)
        }
        drawScale(scale, y: top + rows + 1, columns: columns, to: &frame.grid)
        return frame.grid.lines(style)
    }

    private func draw(_ value: Double?, _ scale: Scale, x: Int, y: Int, width: Int, to grid: inout CellGrid) {
        guard let value else { return }
        guard let share = scale.share(of: value) else {
            grid.text(
                PlainText.clipped(width > 4 ? " " + NumberText.short(value) : value.isNaN ? "×" : "!", to: width), .dim,
                x: x, y: y)
            return
        }
        let text = width >= 7 ? NumberText.short(value) : ""
        if style.colours != .none {
            for column in 0..<width {
                grid.put(" ", .cell(share), x: x + column, y: y)
            }
            grid.text(PlainText.clipped(text, to: width - 1), .cell(share), x: x + (text.isEmpty ? 0 : 1), y: y)
            return
        }
        let shade = shades[max(0, min(3, Int(share * 4)))]
        for column in 0..<(text.isEmpty ? width : 1) { grid.put(shade, x: x + column, y: y) }
        grid.text(PlainText.clipped(text, to: width - 2), x: x + 1, y: y)
    }

    private func drawScale(_ scale: Scale, y: Int, columns: Int, to grid: inout CellGrid) {
        var x = 0
        func write(_ text: String, _ ink: Ink = .plain) {
            grid.text(text, ink, x: x, y: y)
            x += PlainText.width(text)
        }
        write(PlainText.clipped(PlainText.harmless(content.valueTitle), to: grid.width / 2) + "  ", .dim)
        write(NumberText.short(scale.low) + " ")
        if style.colours == .none {
            for shade in shades { write("\(shade)\(shade)") }
        } else {
            for step in 0..<16 {
                grid.put(" ", .cell(Double(step) / 15), x: x, y: y)
                x += 1
            }
        }
        write(" " + NumberText.short(scale.high))
        if columns < content.columns.count { write("   \(content.columns.count - columns) more columns", .dim) }
    }
}
