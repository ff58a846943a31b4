/// Lines with bands, or dots, over two axes.
public struct LinePlot: Sendable {
    /// The horizontal axis.
    public var x: PlotAxis
    /// The vertical axis.
    public var y: PlotAxis
    /// What tells the lines apart, as a heading of the legend.
    public var legendTitle: String
    /// The lines, the first one at the bottom.
    public var lines: [Line]

    /// Lines over two axes.
    public init(x: PlotAxis, y: PlotAxis, legendTitle: String = "", lines: [Line]) {
        self.x = x
        self.y = y
        self.legendTitle = legendTitle
        self.lines = lines
    }

    /// One line: what is drawn of it, and how.
    public struct Line: Sendable {
        /// Its name in the legend.
        public var name: String
        /// Which of the palette's colours it has; nil: one of many, drawn grey and not named.
        public var colour: Int?
        /// Its pieces. Between two of them is a gap: a value there was NaN, infinite, or couldn't be shown.
        public var strokes: [Stroke] = []
        /// The curve behind a smoothed one, drawn faintly.
        public var faint: [Stroke] = []
        /// What lies around it, in pieces.
        public var band: [[BandPoint]] = []
        /// Where values were that have no place on the axis.
        public var marks: [Mark] = []
        /// Dots instead of lines.
        public var isDotted = false

        /// A line without points.
        public init(name: String, colour: Int?) {
            self.name = name
            self.colour = colour
        }
    }

    /// A piece of a line without a gap; at least one point.
    public struct Stroke: Hashable, Sendable {
        /// Its points, in the order in which they are joined.
        public var points: [PlotPoint]
        /// It stands for fewer runs than the rest of its line: drawn dashed.
        public var isPartial: Bool

        /// A piece with these points.
        public init(_ points: [PlotPoint], isPartial: Bool = false) {
            self.points = points
            self.isPartial = isPartial
        }
    }

    /// How far a band reaches at one place.
    public struct BandPoint: Hashable, Sendable {
        /// Over the horizontal axis.
        public var x: Double
        /// The lower end.
        public var low: Double
        /// The upper end.
        public var high: Double

        /// A band from `low` to `high` at `x`.
        public init(x: Double, low: Double, high: Double) {
            self.x = x
            self.low = low
            self.high = high
        }
    }

    /// A value that has no place on the vertical axis.
    public struct Mark: Hashable, Sendable {
        /// Over the horizontal axis.
        public var x: Double
        /// What the value is.
        public var kind: Kind

        /// What a value without a place is.
        public enum Kind: Int, Hashable, Sendable, CaseIterable {
            /// Not a number: a cross at the lower edge.
            case nan
            /// +Inf: a triangle that points up, at the upper edge.
            case positiveInfinite
            /// −Inf: a triangle that points down, at the lower edge.
            case negativeInfinite
            /// Zero or less, on a logarithmic axis: a dash at the lower edge.
            case notPositive
        }

        /// A mark of this kind at `x`.
        public init(x: Double, _ kind: Kind) {
            self.x = x
            self.kind = kind
        }
    }
}

extension LinePlot.Mark.Kind {
    /// The sign in a terminal with Unicode, and without.
    var signs: (Character, Character) {
        switch self {
        case .nan: ("×", "x")
        case .positiveInfinite: ("▲", "^")
        case .negativeInfinite: ("▼", "v")
        case .notPositive: ("▁", "_")
        }
    }

    /// What a legend calls it.
    var words: String {
        switch self {
        case .nan: "NaN"
        case .positiveInfinite: "+Inf"
        case .negativeInfinite: "-Inf"
        case .notPositive: "0 or less, not on a log axis"
        }
    }
}
