/// Lines, bands and dots over two axes in a terminal.
struct TerminalLines {
    private let plot: Plot
    private let content: LinePlot
    private let style: TerminalStyle
    private var frame: TerminalFrame
    private let xScale: Scale
    private let yScale: Scale

    /// Letters of lines where colours can't tell them apart.
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")

    init(_ plot: Plot, _ content: LinePlot, width: Int, height: Int, _ style: TerminalStyle) {
        self.plot = plot
        self.content = content
        self.style = style
        xScale = content.xScale
        yScale = content.yScale
        let named = content.lines.filter { $0.colour != nil }
        let marks = content.markCounts
        let signs = marks.map { "\(style.marks == .ascii ? $0.kind.signs.1 : $0.kind.signs.0) \($0.kind.words)" }
        let letters = Self.needsLetters(content, style)
        let entries = named.enumerated().map { index, line in
            TerminalFrame.Entry(
                sign: letters ? String(Self.letter(index)) : line.isDotted ? "●" : "━━", name: line.name,
                ink: .line(line.colour ?? 0))
        }
        frame = TerminalFrame(
            plot, legendTitle: content.legendTitle,
            entries: entries.count == 1 && entries[0].name.isEmpty ? [] : entries,
            moreEntries: 0, facts: signs.isEmpty ? [] : [signs.joined(separator: "   ")], width: width, height: height,
            style)
    }

    private static func needsLetters(_ content: LinePlot, _ style: TerminalStyle) -> Bool {
        let named = content.lines.count { $0.colour != nil }
        return style.marks == .ascii || named > 1 && (style.colours == .none || named > Palette.count)
    }

    private static func letter(_ index: Int) -> Character { letters[index % letters.count] }

    var lines: [String] {
        var frame = frame
        // From the top: the vertical axis' title, the data, the horizontal axis, its texts, its title.
        let hasTitle = !content.y.title.isEmpty && !plot.title.contains(content.y.title)
        let top = frame.rows.lowerBound + (hasTitle ? 1 : 0)
        let marks = content.markCounts.map(\.kind)
        let hasUpperMarks = marks.contains(.positiveInfinite)
        let hasLowerMarks = marks.contains { $0 != .positiveInfinite }
        let bottom = frame.rows.upperBound - 2
        let first = top + (hasUpperMarks ? 1 : 0)
        let rows = max(1, bottom - first - (hasLowerMarks ? 1 : 0))

        let yTicks = Ticks.fitting(content.y, yScale, most: max(2, rows / 3), length: Double(rows)) { _ in 1.9 }
        let margin = min(frame.grid.width / 3, yTicks.map { PlainText.width(PlainText.harmless($0.text)) }.max() ?? 0)
        let left = margin + 2
        let columns = max(4, frame.grid.width - left - 1)
        if hasTitle {
            frame.grid.text(
                PlainText.clipped(PlainText.harmless(content.y.title), to: frame.grid.width), .dim, x: 0, y: top - 1)
        }

        drawAxes(
            &frame.grid, yTicks, margin: margin, columns: columns, first: first, rows: rows, bottom: bottom, top: top)
        drawData(&frame.grid, left: left, columns: columns, first: first, rows: rows)
        drawMarks(&frame.grid, left: left, columns: columns, top: top, bottom: bottom - 1)
        return frame.grid.lines(style)
    }

    // MARK: Axes

    private func drawAxes(
        _ grid: inout CellGrid, _ yTicks: [Tick], margin: Int, columns: Int, first: Int, rows: Int, bottom: Int,
        top: Int
    ) {
        let isPlain = style.marks == .ascii
        let (upright, tick, corner, across, mark): (Character, Character, Character, Character, Character) =
            isPlain ? ("|", "+", "+", "-", "+") : ("│", "┤", "└", "─", "┬")
        for row in top..<bottom { grid.put(upright, .dim, x: margin + 1, y: row) }
        for yTick in yTicks {
            guard let share = yScale.share(of: yTick.value) else { continue }
            let row = first + Int(((1 - share) * Double(rows - 1)).rounded())
            grid.put(tick, .dim, x: margin + 1, y: row)
            let text = PlainText.clipped(PlainText.harmless(yTick.text), to: margin)
            grid.text(PlainText.padded(text, to: margin, right: true), x: 0, y: row)
        }
        grid.put(corner, .dim, x: margin + 1, y: bottom)
        for column in 0..<columns { grid.put(across, .dim, x: margin + 2 + column, y: bottom) }
        let xTicks = Ticks.fitting(content.x, xScale, most: max(2, columns / 8), length: Double(columns)) {
            Double(PlainText.width(PlainText.harmless($0)) + 2)
        }
        for xTick in xTicks {
            guard let share = xScale.share(of: xTick.value) else { continue }
            let column = margin + 2 + Int((share * Double(columns - 1)).rounded())
            grid.put(mark, .dim, x: column, y: bottom)
            let text = PlainText.clipped(PlainText.harmless(xTick.text), to: columns)
            let width = PlainText.width(text)
            let start = max(0, min(grid.width - width, column - (width - 1) / 2))
            if grid.isFree(x: start..<(start + width), y: bottom + 1) { grid.text(text, x: start, y: bottom + 1) }
        }
        // The title where the texts leave room for it: at the right end, else at the left one.
        let title = PlainText.clipped(PlainText.harmless(content.x.title), to: columns)
        let width = PlainText.width(title)
        for start in [grid.width - width, 0] + stride(from: grid.width - width, to: margin, by: -1)
        where grid.isFree(x: max(0, start - 2)..<min(grid.width, start + width + 2), y: bottom + 1) {
            grid.text(title, .dim, x: start, y: bottom + 1)
            return
        }
    }

    // MARK: Data

    private func drawData(_ grid: inout CellGrid, left: Int, columns: Int, first: Int, rows: Int) {
        var canvas = DotCanvas(columns: columns, rows: rows, marks: style.marks)
        let (width, height) = (Double(canvas.width - 1), Double(canvas.height - 1))
        func place(_ x: Double, _ y: Double) -> (x: Double, y: Double)? {
            guard let x = xScale.share(of: x), let y = yScale.share(of: y) else { return nil }
            return (x * width, (1 - y) * height)
        }
        for (index, line) in content.lines.enumerated() {
            for piece in line.band { fill(piece, on: &canvas, owner: index, place) }
        }
        func draw(_ strokes: [LinePlot.Stroke], _ layer: DotCanvas.Layer, _ owner: Int) {
            for stroke in strokes {
                var before: (x: Double, y: Double)?
                for point in stroke.points {
                    let here = place(point.x, point.y)
                    defer { before = here }
                    guard let here else { continue }
                    canvas.line(
                        from: before ?? here, to: here, layer, owner: owner, isDashed: stroke.isPartial)
                }
            }
        }
        for (index, line) in content.lines.enumerated() { draw(line.faint, .faint, index) }
        for (index, line) in content.lines.enumerated() where !line.isDotted {
            draw(line.strokes, line.colour == nil ? .cloud : .line, index)
        }
        let names = letterIndexes
        canvas.draw(
            to: &grid, x: left, y: first,
            ink: { layer, owner in
                let slot = content.lines[owner].colour
                switch layer {
                case .band, .faint: return slot.map { .faint($0) } ?? .cloud
                case .cloud: return .cloud
                case .line: return slot.map { .line($0) } ?? .cloud
                }
            }, letter: { names[$0].map { Self.letter($0) } ?? "." })
        drawDots(&grid, left: left, columns: columns, first: first, rows: rows)
        if Self.needsLetters(content, style), style.marks != .ascii {
            drawLetters(canvas, &grid, left: left, first: first)
        }
    }

    /// The number among the named lines of each line that has a name.
    private var letterIndexes: [Int?] {
        var next = 0
        return content.lines.map { line in
            guard line.colour != nil else { return nil }
            next += 1
            return next - 1
        }
    }

    private func fill(
        _ piece: [LinePlot.BandPoint], on canvas: inout DotCanvas, owner: Int,
        _ place: (Double, Double) -> (x: Double, y: Double)?
    ) {
        var before: (low: (x: Double, y: Double), high: (x: Double, y: Double))?
        func column(_ x: Int, _ low: Double, _ high: Double) {
            let (top, bottom) = (max(-1, min(high, low)), min(Double(canvas.height), max(low, high)))
            // Beyond the canvas, or nowhere.
            guard top <= bottom else { return }
            let range = Int(top.rounded())...Int(bottom.rounded())
            // Every fourth dot, so that it looks fainter than any line. Where it is too thin for that, at least one.
            let chosen = range.filter { ($0 + 2 * x) % 4 == 0 }
            for y in chosen.isEmpty ? [range.lowerBound] : chosen { canvas.dot(x, y, .band, owner: owner) }
        }
        for point in piece {
            // On a logarithmic axis a band may reach down to what has no place: then to the edge.
            guard let high = place(point.x, point.high), (-1e6...1e6).contains(high.x),
                let low = place(point.x, point.low) ?? place(point.x, yScale.low)
            else {
                before = nil
                continue
            }
            let end = Int(low.x.rounded())
            if let before {
                let start = Int(before.low.x.rounded())
                for x in stride(from: max(0, min(start, end)), through: min(canvas.width, max(start, end)), by: 1) {
                    let share = end == start ? 1 : Double(x - start) / Double(end - start)
                    column(
                        x, before.low.y + (low.y - before.low.y) * share,
                        before.high.y + (high.y - before.high.y) * share)
                }
            } else {
                column(end, low.y, high.y)
            }
            before = (low, high)
        }
    }

    /// Lines of dots: a sign a point.
    private func drawDots(_ grid: inout CellGrid, left: Int, columns: Int, first: Int, rows: Int) {
        let names = letterIndexes
        let hasLetters = Self.needsLetters(content, style)
        for (index, line) in content.lines.enumerated() where line.isDotted {
            let sign: Character =
                hasLetters ? names[index].map { Self.letter($0) } ?? "." : line.colour == nil ? "∙" : "●"
            for point in line.strokes.lazy.flatMap(\.points) {
                guard let x = xScale.share(of: point.x), let y = yScale.share(of: point.y), (0...1).contains(x),
                    (0...1).contains(y)
                else { continue }
                grid.put(
                    style.marks == .ascii && !sign.isASCII ? "o" : sign, line.colour.map { .line($0) } ?? .cloud,
                    x: left + Int((x * Double(columns - 1)).rounded()),
                    y: first + Int(((1 - y) * Double(rows - 1)).rounded()))
            }
        }
    }

    /// Puts each line's letter on it, some times, where it is alone.
    private func drawLetters(_ canvas: DotCanvas, _ grid: inout CellGrid, left: Int, first: Int) {
        let names = letterIndexes
        var places: [Int: [(column: Int, row: Int)]] = [:]
        for column in 0..<canvas.columns {
            for row in 0..<canvas.rows {
                if let (layer, owner) = canvas.content(column: column, row: row), layer == .line {
                    places[owner, default: []].append((column, row))
                }
            }
        }
        let named = names.count { $0 != nil }
        for (owner, cells) in places {
            guard let index = names[owner], !content.lines[owner].isDotted else { continue }
            // Each line's letters begin elsewhere, so that those of neighbours don't stand in one column.
            let distance = 24
            var next = cells[0].column + 2 + (index * distance / max(1, named)) % distance
            var used = -1
            for (column, row) in cells where column >= next && column != used {
                grid.put(Self.letter(index), .line(content.lines[owner].colour ?? 0), x: left + column, y: first + row)
                used = column
                next = column + distance
            }
            if used < 0, let last = cells.last {
                grid.put(
                    Self.letter(index), .line(content.lines[owner].colour ?? 0), x: left + last.column,
                    y: first + last.row)
            }
        }
    }

    private func drawMarks(_ grid: inout CellGrid, left: Int, columns: Int, top: Int, bottom: Int) {
        for line in content.lines {
            for mark in line.marks {
                guard let x = xScale.share(of: mark.x), (0...1).contains(x) else { continue }
                let signs = mark.kind.signs
                grid.put(
                    style.marks == .ascii ? signs.1 : signs.0, line.colour.map { .line($0) } ?? .cloud,
                    x: left + Int((x * Double(columns - 1)).rounded()), y: mark.kind == .positiveInfinite ? top : bottom
                )
            }
        }
    }
}
