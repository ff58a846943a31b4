/// The widths of a table's columns, and which of them the terminal has room for.
struct TableLayout {
    private var shown: [Place] = []
    private let terminal: Terminal
    /// Columns left out for want of room.
    private(set) var hidden = 0

    private static let gap = "  "
    /// A clipped text keeps so much of itself.
    private static let leastWidth = 8
    /// A name that its row is known by keeps so much, so that rows are told apart.
    private static let leastNameWidth = 32
    /// So much of that a name gives, where it is all that is in the way.
    private static let nameSpare = 12
    /// So much of a title of texts is kept where a table doesn't fit anyway.
    private static let leastTitleWidth = 16

    private struct Place {
        var index: Int
        var column: Column
        var width: Int
        /// No number is clipped, only its title; and no text that tells rows apart.
        var leastWidth: Int
        /// The same with as much of the title as it takes to know it.
        var titledWidth: Int
    }

    init(columns: [Column], rows: [[Cell]], terminal: Terminal) {
        self.terminal = terminal
        for (index, column) in columns.enumerated() where !column.isForMachines {
            let title = HumanText.width(HumanText.harmless(column.title))
            var content = 0
            for row in rows { content = max(content, HumanText.width(HumanText.harmless(row[index].shown))) }
            let width = min(max(title, content), max(column.maxWidth, title))
            let least = column.isNumeric ? content : column.isName ? min(content, Self.leastNameWidth) : 0
            let leastWidth = min(width, max(least, Self.leastWidth))
            let titled = column.isNumeric ? title : min(title, Self.leastTitleWidth)
            shown.append(
                Place(
                    index: index, column: column, width: width, leastWidth: leastWidth,
                    titledWidth: min(width, max(leastWidth, titled))))
        }
        guard let room = terminal.width else { return }
        while total > room,
            let last = shown.lastIndex(where: \.column.isSpare) ?? shown.lastIndex(where: \.column.isOptional)
        {
            shown.remove(at: last)
            hidden += 1
        }
        // What is still too wide gives way where most can: titles, too, if that is of any use.
        let fits = Self.total(shown.map(\.leastWidth)) <= room
        while total > room {
            func spare(_ place: Place) -> Int { place.width - (fits ? place.leastWidth : place.titledWidth) }
            let widest = shown.indices.max { spare(shown[$0]) < spare(shown[$1]) }
            guard let widest, spare(shown[widest]) > 0 else { break }
            shown[widest].width -= min(total - room, spare(shown[widest]))
        }
        guard total > room, total - room <= Self.nameSpare, let name = shown.firstIndex(where: \.column.isName) else {
            return
        }
        shown[name].width = min(
            shown[name].width, max(Self.leastNameWidth - Self.nameSpare, shown[name].width - total + room))
    }

    /// Lines are longer than the terminal is wide, whatever was left out and clipped.
    var isTooWide: Bool { terminal.width.map { total > $0 } ?? false }

    private var total: Int { Self.total(shown.map(\.width)) }

    private static func total(_ widths: [Int]) -> Int { widths.reduce(0, +) + gap.count * max(0, widths.count - 1) }

    var header: String {
        let titles = shown.map { place in
            padded(
                HumanText.clipped(HumanText.harmless(place.column.title), to: place.width), width: place.width,
                right: place.column.isNumeric)
        }
        return terminal.styled(trimmed(titles), .dim)
    }

    func line(_ cells: [Cell]) -> String {
        var fields: [String] = []
        for (number, place) in shown.enumerated() {
            let cell = cells[place.index]
            let text = HumanText.clipped(HumanText.harmless(cell.shown), to: place.width)
            let spaces = String(repeating: " ", count: max(0, place.width - HumanText.width(text)))
            let styled = terminal.styled(text, cell.style)
            // No blanks at the end of a line.
            let isLast = number == shown.count - 1
            fields.append(place.column.isNumeric ? spaces + styled : isLast ? styled : styled + spaces)
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
