import Glibc
import VarvePlot

/// The size of a terminal, and what it can show.
struct Screen {
    /// Columns; nil: it isn't a terminal.
    let columns: Int?
    /// Rows; nil: it isn't a terminal.
    let rows: Int?
    private let environment: (String) -> String?

    /// The terminal behind a descriptor. COLUMNS and LINES count more than what it says.
    init(descriptor: Int32, environment: @escaping (String) -> String? = Terminal.environment) {
        self.environment = environment
        guard descriptor >= 0, isatty(descriptor) == 1 else {
            (columns, rows) = (nil, nil)
            return
        }
        var size = winsize()
        _ = ioctl(descriptor, UInt(TIOCGWINSZ), &size)
        func side(_ name: String, _ known: UInt16, _ usual: Int) -> Int {
            if let text = environment(name), let number = Int(text), number > 0 { return number }
            return known > 0 ? Int(known) : usual
        }
        columns = side("COLUMNS", size.ws_col, 80)
        rows = side("LINES", size.ws_row, 24)
    }

    /// How to draw: in ASCII where the locale isn't UTF-8, in as many colours as TERM promises, in none where NO_COLOR is set.
    func style(
        marks: TerminalStyle.Marks? = nil, colour: PlotOutputOptions.ColourChoice = .auto
    ) -> TerminalStyle {
        let term = environment("TERM") ?? ""
        let isMany = term.contains("256") || term.contains("kitty") || !(environment("COLORTERM") ?? "").isEmpty
        let wantsNone = !(environment("NO_COLOR") ?? "").isEmpty || term == "dumb" || columns == nil
        let colours: TerminalStyle.Colours =
            switch colour {
            case .never: .none
            case .always: isMany || columns == nil ? .many : .sixteen
            case .auto: wantsNone ? .none : isMany ? .many : .sixteen
            }
        return TerminalStyle(marks: marks ?? (isUnicode ? .braille : .ascii), colours: colours)
    }

    /// Without any locale most of today's terminals show UTF-8 all the same; one that says otherwise is believed.
    private var isUnicode: Bool {
        for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
            guard let locale = environment(name), !locale.isEmpty else { continue }
            let upper = locale.uppercased()
            return upper.contains("UTF-8") || upper.contains("UTF8")
        }
        return true
    }
}
