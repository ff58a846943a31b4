/// A picture before anybody has decided how it is drawn: data, axes and words. ``TerminalPlot`` and ``SVGPlot`` draw it.
public struct Plot: Sendable {
    /// What stands above it.
    public var title: String
    /// Facts that a reader needs to judge it, a line each: what was averaged, what could not be drawn.
    public var notes: [String]
    /// What is drawn.
    public var content: Content

    /// The kinds of pictures.
    public enum Content: Sendable {
        /// Lines with bands, or dots, over two axes.
        case lines(LinePlot)
        /// An upright axis for each column; every row is a line across.
        case parallel(ParallelPlot)
        /// A grid of coloured cells.
        case heatMap(HeatMap)
    }

    /// A picture of these parts.
    public init(title: String, notes: [String] = [], content: Content) {
        self.title = title
        self.notes = notes
        self.content = content
    }
}

/// An axis: its words, and how values lie on it.
public struct PlotAxis: Hashable, Sendable {
    /// What it measures.
    public var title: String
    /// How values lie on it, and what its ticks look like.
    public var kind: Kind
    /// Whether equal ratios are equal distances; only numbers and steps can be.
    public var isLogarithmic: Bool
    /// A fixed lower end; nil: that of the data.
    public var low: Double?
    /// A fixed upper end; nil: that of the data.
    public var high: Double?

    /// What the numbers on an axis are.
    public enum Kind: Hashable, Sendable {
        /// Any numbers.
        case number
        /// Whole numbers: no tick lies between two.
        case step
        /// Seconds.
        case duration
        /// Seconds since 1970.
        case time
        /// Numbers 0, 1, … that stand for these words.
        case words([String])
    }

    /// An axis of these parts.
    public init(
        _ title: String, _ kind: Kind = .number, isLogarithmic: Bool = false, low: Double? = nil, high: Double? = nil
    ) {
        self.title = title
        self.kind = kind
        self.isLogarithmic = isLogarithmic
        self.low = low
        self.high = high
    }
}

/// A place on two axes.
public struct PlotPoint: Hashable, Sendable {
    /// Over the horizontal axis.
    public var x: Double
    /// Over the vertical axis.
    public var y: Double

    /// The place of these two.
    public init(_ x: Double, _ y: Double) {
        self.x = x
        self.y = y
    }
}
