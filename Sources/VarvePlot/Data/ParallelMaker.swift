import Varve

/// Parallel coordinates: the params that vary, and the metric's single value.
struct ParallelMaker {
    private let table: SeriesTable
    private let request: PlotRequest

    /// More axes don't fit beside each other.
    private static let mostAxes = 12

    init(_ table: SeriesTable, _ request: PlotRequest) {
        self.table = table
        self.request = request
    }

    func plot() throws(VarveError) -> Plot {
        var notes: [String] = []
        var keys = try request.params.map { name throws(VarveError) in try table.key(name) }
        if keys.isEmpty { keys = table.varying }
        guard !keys.isEmpty else {
            throw VarveError(.invalid, "no param differs between these runs", remedy: "--params A,B,… names some")
        }
        if keys.count > Self.mostAxes {
            notes.append("\(keys.count - Self.mostAxes) more params differ: --params A,B,… chooses")
            keys = Array(keys.prefix(Self.mostAxes))
        }
        var axes: [PlotAxis] = []
        var columns: [[Double?]] = []
        for key in keys {
            let (axis, values) = ParamAxis.axis(key, table)
            axes.append(axis)
            columns.append(values)
        }
        let values = table.entries.map { request.value.of($0.statistics) }
        axes.append(
            PlotAxis(
                "\(request.value.rawValue) of \(request.metric)", isLogarithmic: request.isLogY, low: request.yLow,
                high: request.yHigh))
        columns.append(values)
        let odd = values.count { $0.map { !$0.isFinite } ?? true }
        if odd > 0 { notes.append("\(odd) of \(values.count) lines have no finite value: drawn grey") }
        // The brightest, which are the highest, on top.
        let heights = values.map { value in value.flatMap { $0.isFinite ? $0 : nil } ?? -.infinity }
        let order = values.indices.sorted { heights[$0] != heights[$1] ? heights[$0] < heights[$1] : $0 < $1 }
        return Plot(
            title: table.title(request), notes: notes,
            content: .parallel(ParallelPlot(axes: axes, rows: order.map { row in columns.map { $0[row] } })))
    }
}
