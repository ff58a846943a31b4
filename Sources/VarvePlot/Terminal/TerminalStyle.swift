/// What a terminal can show.
public struct TerminalStyle: Hashable, Sendable {
    /// What curves are made of.
    public var marks: Marks
    /// How many colours there are.
    public var colours: Colours

    /// What curves are made of.
    public enum Marks: String, Hashable, Sendable, CaseIterable {
        /// Braille signs: 2 × 4 dots a character.
        case braille
        /// Quarters of blocks: 2 × 2 dots a character, for fonts without braille.
        case blocks
        /// Letters, and nothing else beyond ASCII in the frame.
        case ascii
    }

    /// How many colours there are.
    public enum Colours: Hashable, Sendable {
        /// None: lines carry letters.
        case none
        /// The first 16.
        case sixteen
        /// All 256.
        case many
    }

    /// What a terminal can show.
    public init(marks: Marks = .braille, colours: Colours = .none) {
        self.marks = marks
        self.colours = colours
    }

    /// The escape sequence's numbers for an ink; nil: none are needed.
    func code(_ ink: Ink) -> String? {
        guard colours != .none else { return nil }
        let isMany = colours == .many
        switch ink {
        case .plain: return nil
        case .bold: return "1"
        case .dim: return "2"
        case .line(let slot):
            let slot = slot % Palette.count
            return isMany ? "38;5;\(Palette.terminal256[slot])" : "\(Palette.terminal16[slot])"
        case .faint(let slot):
            let slot = slot % Palette.count
            return "2;" + (isMany ? "38;5;\(Palette.terminal256[slot])" : "\(Palette.terminal16[slot])")
        case .cloud: return isMany ? "38;5;245" : "37;2"
        case .scaled(let share):
            return isMany
                ? "38;5;\(Palette.terminal256(Palette.scaled(share)))" : "\([34, 36, 32, 33, 37][Int(share * 4.999)])"
        case .cell(let share):
            let text = share > 0.55 ? 16 : 231
            return isMany
                ? "48;5;\(Palette.terminal256(Palette.scaled(share)));38;5;\(text)"
                : "\([44, 46, 42, 43, 47][Int(share * 4.999)]);\(share > 0.4 ? 30 : 37)"
        }
    }
}

/// What a character of a terminal is painted with.
enum Ink: Hashable, Sendable {
    case plain, bold, dim
    /// A line's colour, and a fainter one.
    case line(Int)
    case faint(Int)
    /// One of many lines.
    case cloud
    /// A place on the scale of colours, 0 to 1.
    case scaled(Double)
    /// The same as a background.
    case cell(Double)
}
