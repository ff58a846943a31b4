/// Parallel coordinates: an upright axis for each column, every row a line across them, coloured by the last column.
public struct ParallelPlot: Sendable {
    /// The axes, from left to right; the last one gives the colour.
    public var axes: [PlotAxis]
    /// The rows: a number for each axis, nil where there is none.
    public var rows: [[Double?]]

    /// Rows over axes; a row's numbers beyond the axes are ignored.
    public init(axes: [PlotAxis], rows: [[Double?]]) {
        self.axes = axes
        self.rows = rows
    }

    func scale(_ column: Int) -> Scale {
        var range = RangeFinder(axes[column])
        for row in rows { if column < row.count, let value = row[column] { range.take(value) } }
        return range.scale(margin: 0)
    }

    /// The rows as lines: of each the places on the axes that it has, as shares from the bottom, and its colour as a share.
    var shapes: [(places: [(axis: Int, share: Double)], colour: Double?)] {
        let scales = axes.indices.map { scale($0) }
        return rows.map { row in
            let places = axes.indices.compactMap { column -> (axis: Int, share: Double)? in
                guard column < row.count, let value = row[column], let share = scales[column].share(of: value) else {
                    return nil
                }
                return (column, share)
            }
            return (places, places.last.flatMap { $0.axis == axes.count - 1 ? $0.share : nil })
        }
    }
}
