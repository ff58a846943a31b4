/// Draws a plot with the characters of a terminal.
public struct TerminalPlot: Sendable {
    private let plot: Plot
    private let width: Int
    private let height: Int
    private let style: TerminalStyle

    /// The widest and highest that is drawn.
    public static let mostColumns = 1000
    /// Below this nothing can be told.
    public static let leastColumns = 20
    /// The lowest picture.
    public static let leastRows = 6

    /// A plot on so many columns and rows; what lies beyond the limits counts as these.
    public init(_ plot: Plot, width: Int, height: Int, style: TerminalStyle) {
        self.plot = plot
        self.width = max(Self.leastColumns, min(width, Self.mostColumns))
        self.height = max(Self.leastRows, min(height, Self.mostColumns))
        self.style = style
    }

    /// The lines from top to bottom, none wider than asked for. Text of others in them can't command a terminal.
    public var lines: [String] {
        switch plot.content {
        case .lines(let content): TerminalLines(plot, content, width: width, height: height, style).lines
        case .parallel(let content): TerminalParallel(plot, content, width: width, height: height, style).lines
        case .heatMap(let content): TerminalHeatMap(plot, content, width: width, height: height, style).lines
        }
    }
}
