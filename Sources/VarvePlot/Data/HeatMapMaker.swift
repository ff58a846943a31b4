import Varve

/// Two params, or steps and a param, and the mean of the metric's values as colour.
struct HeatMapMaker {
    private let table: SeriesTable
    private let request: PlotRequest

    /// More cells can't be told apart.
    private static let mostRows = 200
    private static let mostColumns = 200

    init(_ table: SeriesTable, _ request: PlotRequest) {
        self.table = table
        self.request = request
    }

    func plot() throws(VarveError) -> Plot {
        var names = request.params
        if names.isEmpty, !request.groupBy.isEmpty {
            names = request.groupBy.count == 1 ? ["step"] + request.groupBy : request.groupBy
        }
        if names.isEmpty {
            names = table.varying.filter { $0.role == .setting && !request.over.contains($0.description) }
                .prefix(2).map(\.description)
        }
        guard names.count == 2 else {
            throw VarveError(
                .invalid,
                "a heat map wants two params, and there \(names.count == 1 ? "is one" : "are \(names.count)")",
                remedy: "--params A,B names the columns and the rows; 'step' may be one of the columns")
        }
        return names[0] == "step" ? try overSteps(names[1]) : try overParams(names[0], names[1])
    }

    private func values(of key: SeriesKey) -> [PropertyValue?] {
        Set(table.entries.map { key.value($0) }).sorted { SeriesKey.precedes($0, $1) }
    }

    private func overParams(_ column: String, _ row: String) throws(VarveError) -> Plot {
        let (columnKey, rowKey) = (try table.key(column), try table.key(row))
        let (columns, rows) = (values(of: columnKey), values(of: rowKey))
        var notes: [String] = []
        guard columns.count <= Self.mostColumns, rows.count <= Self.mostRows else {
            throw VarveError(
                .invalid, "\(columns.count) × \(rows.count) values are too many for a heat map",
                remedy: "--params A,B names params with fewer values")
        }
        let columnPlaces = Dictionary(uniqueKeysWithValues: columns.enumerated().map { ($1, $0) })
        let rowPlaces = Dictionary(uniqueKeysWithValues: rows.enumerated().map { ($1, $0) })
        var sums = rows.map { _ in columns.map { _ in (sum: SpreadSum(), odd: Double?.none) } }
        var most = 0
        for entry in table.entries {
            guard let y = rowPlaces[rowKey.value(entry)], let x = columnPlaces[columnKey.value(entry)],
                let value = request.value.of(entry.statistics)
            else { continue }
            if value.isFinite {
                sums[y][x].sum.add(value, extremes: (value, value), keepsValues: false)
                most = max(most, sums[y][x].sum.count)
            } else {
                sums[y][x].odd = value
            }
        }
        if most > 1 { notes.append("each cell: the mean of up to \(most) series") }
        return Plot(
            title: "\(table.title(request)) by \(column) and \(row)", notes: notes,
            content: .heatMap(
                HeatMap(
                    columnTitle: column, columns: columns.map { SeriesKey.text($0) }, rowTitle: row,
                    rows: rows.map { SeriesKey.text($0) },
                    valueTitle: "\(request.value.rawValue) of \(request.metric)",
                    values: sums.map { $0.map { $0.sum.spread(.none)?.middle ?? $0.odd } },
                    isLogarithmic: request.isLogY)))
    }

    private func overSteps(_ row: String) throws(VarveError) -> Plot {
        let key = try table.key(row)
        let rows = values(of: key)
        guard rows.count <= Self.mostRows else {
            throw VarveError(
                .invalid, "\(rows.count) values of \(row) are too many for a heat map",
                remedy: "narrow them with --where")
        }
        let places = Dictionary(uniqueKeysWithValues: rows.enumerated().map { ($1, $0) })
        let feed = PointFeed(table: table, query: request.query, axis: .step)
        let bins = try StepBins(
            feed, most: max(8, min(request.pixels * 2 / 5, Self.mostColumns)), isLogarithmic: request.isLogX)
        var owner: [SeriesTable.Key: Int] = [:]
        for entry in table.entries {
            owner[SeriesTable.Key(run: entry.run.id, metric: entry.metric)] = places[key.value(entry)]
        }
        var sums = rows.map { _ in Array(repeating: (sum: SpreadSum(), odd: Double?.none), count: bins.count) }
        var (hint, place) = (0, Int?.none)
        try feed.forEach {
            place = owner[$0]
        } point: { step, _, value in
            guard let y = place, let x = bins.index(of: step, near: hint) else { return }
            hint = x
            if value.isFinite {
                sums[y][x].sum.add(value, extremes: (value, value), keepsValues: false)
            } else {
                sums[y][x].odd = value
            }
        }
        return Plot(
            title: "\(table.title(request)) by step and \(row)",
            notes: bins.isExact ? [] : ["each cell: the largest of some steps"],
            content: .heatMap(
                HeatMap(
                    columnTitle: "step", columns: bins.lower.map { "\($0)" }, rowTitle: row,
                    rows: rows.map { SeriesKey.text($0) }, valueTitle: request.metric,
                    values: sums.map { $0.map { $0.sum.spread(.minMax)?.high ?? $0.odd } },
                    isLogarithmic: request.isLogY)))
    }
}
