import Glibc

/// What a stream is connected to, and what may be written there.
struct Terminal: Sendable {
    /// The number of columns; nil: a file or a pipe.
    var width: Int?
    /// Whether colours are welcome.
    var hasColour = false

    /// Whether somebody is looking.
    var isInteractive: Bool { width != nil }

    /// Standard output (1) or error (2) as they are. NO_COLOR and TERM=dumb are respected, COLUMNS overrides the width.
    init(descriptor: Int32, environment: (String) -> String? = Self.environment) {
        guard isatty(descriptor) == 1 else { return }
        var size = winsize()
        var columns = 80
        if ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { columns = Int(size.ws_col) }
        if let text = environment("COLUMNS"), let number = Int(text), number > 0 { columns = number }
        width = columns
        hasColour = environment("NO_COLOR").map { $0.isEmpty } ?? true && environment("TERM") != "dumb"
    }

    init(width: Int?, hasColour: Bool = false) {
        self.width = width
        self.hasColour = hasColour
    }

    static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    /// The text in a style, if colours are welcome.
    func styled(_ text: String, _ style: TextStyle) -> String {
        guard hasColour, style != .plain, !text.isEmpty else { return text }
        return "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m"
    }
}

/// A colour or weight, by its number in a terminal's escape sequence.
enum TextStyle: Int, Sendable {
    case plain = 0
    case bold = 1
    case dim = 2
    case red = 31
    case green = 32
    case yellow = 33
    case blue = 34
}
