/// The parts of a terminal's picture around the data: title, legend, notes; and where the data goes between them.
struct TerminalFrame {
    var grid: CellGrid
    /// Rows that are left for the data and its axes.
    var rows: Range<Int>
    let style: TerminalStyle

    /// One entry of the legend.
    struct Entry {
        var sign: String
        var name: String
        var ink: Ink
    }

    /// - Parameter leastRows: so many rows data and axes want before anything else gets one, but for the title.
    init(
        _ plot: Plot, legendTitle: String, entries: [Entry], moreEntries: Int, facts: [String], width: Int, height: Int,
        _ style: TerminalStyle, leastRows: Int = 7
    ) {
        self.style = style
        grid = CellGrid(width: width, height: height)
        rows = 0..<height
        if height > 3 {
            grid.text(PlainText.clipped(PlainText.harmless(plot.title), to: width), .bold, x: 0, y: 0)
            rows = 1..<height
        }
        let notes = (facts + plot.notes).map { PlainText.harmless($0) }
        var spare = rows.count - leastRows
        let legend = Self.legend(
            legendTitle, entries, moreEntries, width: width, most: max(1, min(height / 4, spare)), style)
        if spare >= legend.count, !entries.isEmpty {
            spare -= legend.count
            let shownNotes = notes.prefix(max(0, min(spare, 4)))
            rows = rows.lowerBound..<(rows.upperBound - legend.count - shownNotes.count)
            for (index, line) in legend.enumerated() {
                for (x, text, ink) in line { grid.text(text, ink, x: x, y: rows.upperBound + index) }
            }
            for (index, note) in shownNotes.enumerated() {
                grid.text(
                    PlainText.clipped(note, to: width), .dim, x: 0, y: rows.upperBound + legend.count + index)
            }
        } else {
            let shownNotes = notes.prefix(max(0, min(spare, 4)))
            rows = rows.lowerBound..<(rows.upperBound - shownNotes.count)
            for (index, note) in shownNotes.enumerated() {
                grid.text(PlainText.clipped(note, to: width), .dim, x: 0, y: rows.upperBound + index)
            }
        }
    }

    /// The legend as lines of texts with their places: as many entries side by side as there is room for.
    private static func legend(
        _ title: String, _ entries: [Entry], _ more: Int, width: Int, most: Int, _ style: TerminalStyle
    ) -> [[(x: Int, text: String, ink: Ink)]] {
        guard !entries.isEmpty, width > 8 else { return [] }
        let title = title.isEmpty ? "" : PlainText.clipped(PlainText.harmless(title), to: width / 3) + "  "
        let indent = PlainText.width(title)
        let room = width - indent
        var names = entries.map { PlainText.clipped(PlainText.harmless($0.name), to: min(40, max(4, room - 4))) }
        let cell = (names.map { PlainText.width($0) }.max() ?? 0) + 5
        let perLine = max(1, (room + 2) / cell)
        var shown = entries
        var hidden = more
        if (entries.count + perLine - 1) / perLine > most {
            let kept = max(1, perLine * most - 1)
            hidden += max(0, entries.count - kept)
            shown = Array(entries.prefix(kept))
            names = Array(names.prefix(kept))
        }
        var lines: [[(x: Int, text: String, ink: Ink)]] = [[(0, title, .dim)]]
        for (index, (entry, name)) in zip(shown, names).enumerated() {
            if index > 0, index % perLine == 0 { lines.append([]) }
            let x = indent + index % perLine * cell
            lines[lines.count - 1] += [(x, entry.sign, entry.ink), (x + PlainText.width(entry.sign) + 1, name, .plain)]
        }
        if hidden > 0 {
            let place = shown.count % perLine
            let text = "… \(hidden) more"
            if place == 0, lines.count < most || shown.isEmpty {
                lines.append([(indent, text, .dim)])
            } else if place > 0 {
                lines[lines.count - 1].append((indent + place * cell, text, .dim))
            } else if var last = lines.last {
                // Every line is full: the words take the last entry's place.
                last.removeLast(2)
                lines[lines.count - 1] = last
                let text = "… \(hidden + 1) more"
                lines[lines.count - 1].append((indent + (perLine - 1) * cell, text, .dim))
            }
        }
        return lines
    }
}
