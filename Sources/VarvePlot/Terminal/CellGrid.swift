/// The characters of a picture and their inks.
struct CellGrid {
    let width: Int
    let height: Int
    private var cells: [Cell]

    private struct Cell {
        var sign: Character = " "
        var ink = Ink.plain
        /// The right half of a wide character.
        var isCovered = false
        var isFree = true
    }

    init(width: Int, height: Int) {
        self.width = max(0, width)
        self.height = max(0, height)
        cells = Array(repeating: Cell(), count: self.width * self.height)
    }

    mutating func put(_ sign: Character, _ ink: Ink = .plain, x: Int, y: Int) {
        guard (0..<width).contains(x), (0..<height).contains(y) else { return }
        cells[y * width + x] = Cell(sign: sign, ink: ink, isFree: false)
    }

    /// Writes harmless text; what doesn't fit is cut off.
    mutating func text(_ text: String, _ ink: Ink = .plain, x: Int, y: Int) {
        var x = x
        for character in PlainText.harmless(text) {
            let isWide = character.unicodeScalars.first.map { PlainText.isWide($0) } ?? false
            guard x + (isWide ? 2 : 1) <= width else { return }
            put(character, ink, x: x, y: y)
            if isWide, x >= 0, (0..<height).contains(y) {
                cells[y * width + x + 1] = Cell(sign: " ", ink: ink, isCovered: true, isFree: false)
            }
            x += isWide ? 2 : 1
        }
    }

    /// Whether nothing was written to these cells.
    func isFree(x: Range<Int>, y: Int) -> Bool {
        guard x.lowerBound >= 0, x.upperBound <= width, (0..<height).contains(y) else { return false }
        return x.allSatisfy { cells[y * width + $0].isFree }
    }

    /// The rows from top to bottom, without blanks at their ends.
    func lines(_ style: TerminalStyle) -> [String] {
        (0..<height).map { y in
            let row = cells[(y * width)..<((y + 1) * width)]
            let end = row.lastIndex { !$0.isCovered && ($0.sign != " " || Self.hasBackground($0.ink)) } ?? -1
            var line = ""
            // A blank goes on with what is before it, unless that is a background (40 and up).
            var current: String?
            for (offset, cell) in row.enumerated() where offset + y * width <= end && !cell.isCovered {
                let isBlank = cell.sign == " " && !Self.hasBackground(cell.ink)
                let code = isBlank ? current.flatMap { $0.hasPrefix("4") ? nil : $0 } : style.code(cell.ink)
                if code != current {
                    if current != nil { line += "\u{1B}[0m" }
                    if let code { line += "\u{1B}[\(code)m" }
                    current = code
                }
                line.append(style.marks == .ascii ? Self.plain(cell.sign) : cell.sign)
            }
            return current == nil ? line : line + "\u{1B}[0m"
        }
    }

    /// The nearest character of ASCII.
    private static func plain(_ sign: Character) -> Character {
        switch sign {
        case "…": "~"
        case "→": ">"
        case "–", "−", "─", "━": "-"
        case "±": "~"
        case "×": "x"
        case "●", "∙": "o"
        default: sign.isASCII ? sign : "?"
        }
    }

    private static func hasBackground(_ ink: Ink) -> Bool {
        if case .cell = ink { return true }
        return false
    }
}
