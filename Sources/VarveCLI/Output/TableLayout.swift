/// The widths of a table's columns, and which of them the terminal has room for.
struct TableLayout {
    private var shown: [(index: Int, column: Column, width: Int)] = []
    private let terminal: Terminal
    /// Columns left out for want of room.
    private(set) var hidden = 0

    private static let gap = "  "

    init(columns: [Column], rows: [[Cell]], terminal: Terminal) {
        self.terminal = terminal
        for (index, column) in columns.enumerated() where !column.isForMachines {
            let title = HumanText.width(HumanText.harmless(column.title))
            var width = title
            for row in rows { width = max(width, HumanText.width(HumanText.harmless(row[index].shown))) }
            shown.append((index, column, min(width, max(column.maxWidth, title))))
        }
        guard let room = terminal.width else { return }
        while total > room,
            let last = shown.lastIndex(where: \.column.isSpare) ?? shown.lastIndex(where: \.column.isOptional)
        {
            shown.remove(at: last)
            hidden += 1
        }
        // What is still too wide gives way in its widest column of text.
        while total > room {
            let widest = shown.indices.filter { !shown[$0].column.isNumeric }.max { shown[$0].width < shown[$1].width }
            guard let widest, shown[widest].width > 8 else { break }
            shown[widest].width -= min(total - room, shown[widest].width - 8)
        }
    }

    private var total: Int { shown.map(\.width).reduce(0, +) + Self.gap.count * max(0, shown.count - 1) }

    var header: String {
        let titles = shown.map { place in
            padded(HumanText.harmless(place.column.title), width: place.width, right: place.column.isNumeric)
        }
        return terminal.styled(trimmed(titles), .dim)
    }

    func line(_ cells: [Cell]) -> String {
        var fields: [String] = []
        for (place, (index, column, width)) in shown.enumerated() {
            let text = HumanText.clipped(HumanText.harmless(cells[index].shown), to: width)
            let spaces = String(repeating: " ", count: max(0, width - HumanText.width(text)))
            let styled = terminal.styled(text, cells[index].style)
            // No blanks at the end of a line.
            let isLast = place == shown.count - 1
            fields.append(column.isNumeric ? spaces + styled : isLast ? styled : styled + spaces)
        }
        return trimmed(fields)
    }

    private func padded(_ text: String, width: Int, right: Bool) -> String {
        let spaces = String(repeating: " ", count: max(0, width - HumanText.width(text)))
        return right ? spaces + text : text + spaces
    }

    private func trimmed(_ fields: [String]) -> String {
        var line = fields.joined(separator: Self.gap)
        while line.last == " " { line.removeLast() }
        return line
    }
}
