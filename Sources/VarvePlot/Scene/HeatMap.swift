/// A grid of cells, coloured by their value.
public struct HeatMap: Sendable {
    /// What the columns are, and the words under them.
    public var columnTitle: String
    /// The words under the columns, from left to right.
    public var columns: [String]
    /// What the rows are.
    public var rowTitle: String
    /// The words beside the rows, from top to bottom.
    public var rows: [String]
    /// What the colour shows.
    public var valueTitle: String
    /// A value for each row and column, row by row; nil: an empty cell. NaN and infinite ones are drawn as marks.
    public var values: [[Double?]]
    /// The colours are spread over logarithms.
    public var isLogarithmic: Bool

    /// A grid of these parts; values beyond rows and columns are ignored.
    public init(
        columnTitle: String, columns: [String], rowTitle: String, rows: [String], valueTitle: String,
        values: [[Double?]], isLogarithmic: Bool = false
    ) {
        self.columnTitle = columnTitle
        self.columns = columns
        self.rowTitle = rowTitle
        self.rows = rows
        self.valueTitle = valueTitle
        self.values = values
        self.isLogarithmic = isLogarithmic
    }

    var scale: Scale {
        var range = RangeFinder(PlotAxis(valueTitle, isLogarithmic: isLogarithmic))
        for row in values { for case let value? in row { range.take(value) } }
        return range.scale(margin: 0)
    }

    func value(row: Int, column: Int) -> Double? {
        row < values.count && column < values[row].count ? values[row][column] : nil
    }
}
