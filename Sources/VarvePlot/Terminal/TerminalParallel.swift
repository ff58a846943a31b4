/// Parallel coordinates in a terminal.
struct TerminalParallel {
    private let content: ParallelPlot
    private let style: TerminalStyle
    private let plot: Plot
    private let width: Int
    private let height: Int

    init(_ plot: Plot, _ content: ParallelPlot, width: Int, height: Int, _ style: TerminalStyle) {
        self.plot = plot
        self.content = content
        self.style = style
        self.width = width
        self.height = height
    }

    var lines: [String] {
        var frame = TerminalFrame(
            plot, legendTitle: "", entries: [], moreEntries: 0, facts: [], width: width, height: height, style)
        guard !content.axes.isEmpty else { return frame.grid.lines(style) }
        // Titles and upper ends above the data, lower ends below it.
        let top = frame.rows.lowerBound + 2
        let rows = max(1, frame.rows.upperBound - top - 1)
        // The first and the last axis have half of their texts beside them.
        let room = frame.grid.width / content.axes.count
        let margin = min(8, room / 2)
        let columns = max(2, frame.grid.width - 2 * margin)
        func column(_ axis: Int) -> Int {
            content.axes.count == 1 ? columns / 2 : axis * (columns - 1) / (content.axes.count - 1)
        }
        var canvas = DotCanvas(columns: columns, rows: rows, marks: style.marks)
        let shapes = content.shapes
        for (index, shape) in shapes.enumerated() {
            let dots = shape.places.map { place in
                (
                    axis: place.axis, x: Double(column(place.axis) * canvas.across),
                    y: (1 - place.share) * Double(canvas.height - 1)
                )
            }
            for (a, b) in zip(dots, dots.dropFirst()) where b.axis == a.axis + 1 {
                canvas.line(
                    from: (a.x, a.y), to: (b.x, b.y), shape.colour == nil ? .cloud : .line, owner: index)
            }
        }
        canvas.draw(
            to: &frame.grid, x: margin, y: top,
            ink: { _, owner in shapes[owner].colour.map { .scaled(max(0, min(1, $0))) } ?? .cloud })
        for (index, axis) in content.axes.enumerated() {
            draw(axis, index, margin + column(index), room: room - 1, top: top, rows: rows, to: &frame.grid)
        }
        return frame.grid.lines(style)
    }

    private func draw(
        _ axis: PlotAxis, _ index: Int, _ x: Int, room: Int, top: Int, rows: Int, to grid: inout CellGrid
    ) {
        let scale = content.scale(index)
        for row in 0..<rows { grid.put(style.marks == .ascii ? "|" : "│", .dim, x: x, y: top + row) }
        func write(_ text: String, _ ink: Ink, y: Int) {
            let text = PlainText.clipped(PlainText.harmless(text), to: max(1, room))
            let width = PlainText.width(text)
            grid.text(text, ink, x: max(0, min(grid.width - width, x - width / 2)), y: y)
        }
        write(axis.title, .bold, y: top - 2)
        if case .words = axis.kind {
            for tick in Ticks.ticks(axis, scale, target: max(1, rows / 2)) {
                let row = Int(((1 - (scale.share(of: tick.value) ?? 0)) * Double(rows - 1)).rounded())
                write(tick.text, .plain, y: top + row)
            }
            return
        }
        write(Self.end(axis, scale.high), .plain, y: top - 1)
        write(Self.end(axis, scale.low), .plain, y: top + rows)
    }

    /// The end of an axis: it needn't be round.
    static func end(_ axis: PlotAxis, _ value: Double) -> String {
        axis.kind == .step && value.magnitude < 1e15 ? "\(Int(value.rounded()))" : NumberText.short(value)
    }
}
