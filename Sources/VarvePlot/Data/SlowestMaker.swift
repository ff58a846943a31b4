import Varve

/// The largest value over ranks at each step, and whose it is: which process of a distributed run all others wait for.
struct SlowestMaker {
    private let table: SeriesTable
    private let request: PlotRequest

    /// So many ranks get a colour of their own: those that are slowest most often.
    private static let named = 5
    private static let mostPlaces = 8_000_000

    init(_ table: SeriesTable, _ request: PlotRequest) {
        self.table = table
        self.request = request
    }

    func plot() throws(VarveError) -> Plot {
        let key = try table.key(request.groupBy.first ?? "rank")
        let ranks = Set(table.entries.map { key.value($0) }).sorted { SeriesKey.precedes($0, $1) }
        let places = Dictionary(uniqueKeysWithValues: ranks.enumerated().map { ($1, $0) })
        guard ranks.count > 1 else {
            throw VarveError(
                .invalid, "there is one \(key) only", remedy: "log with a rank, or name another key with --group-by")
        }
        let feed = PointFeed(table: table, query: request.query, axis: .step)
        let bins = try StepBins(
            feed, most: max(32, min(1024, Self.mostPlaces / ranks.count)), isLogarithmic: request.isLogX)
        var owner: [SeriesTable.Key: Int] = [:]
        for entry in table.entries {
            owner[SeriesTable.Key(run: entry.run.id, metric: entry.metric)] = places[key.value(entry)]
        }
        var sums = Array(repeating: SpreadSum(), count: bins.count)
        var slowest: [(value: Double, rank: Int)?] = Array(repeating: nil, count: bins.count)
        var (hint, place) = (0, Int?.none)
        try feed.forEach {
            place = owner[$0]
        } point: { step, _, value in
            guard let rank = place, value.isFinite, let bin = bins.index(of: step, near: hint) else { return }
            hint = bin
            sums[bin].add(value, extremes: (value, value), keepsValues: false)
            if slowest[bin].map({ value > $0.value }) ?? true { slowest[bin] = (value, rank) }
        }
        return plot(key, ranks, bins, sums, slowest)
    }

    private func plot(
        _ key: SeriesKey, _ ranks: [PropertyValue?], _ bins: StepBins, _ sums: [SpreadSum],
        _ slowest: [(value: Double, rank: Int)?]
    ) -> Plot {
        var counts = Array(repeating: 0, count: ranks.count)
        for case let (_, rank)? in slowest { counts[rank] += 1 }
        let total = max(1, counts.reduce(0, +))
        let order = counts.indices.filter { counts[$0] > 0 }.sorted { (counts[$1], $0) < (counts[$0], $1) }
        let chosen = Array(order.prefix(Self.named))

        var mean = LinePlot.Line(name: "mean of \(ranks.count)", colour: Palette.count - 1)
        var line: [PlotPoint] = []
        var band: [LinePlot.BandPoint] = []
        for bin in sums.indices {
            guard let spread = sums[bin].spread(.minMax), let low = spread.low, let high = spread.high else { continue }
            line.append(PlotPoint(bins.middle(bin), spread.middle))
            band.append(LinePlot.BandPoint(x: bins.middle(bin), low: low, high: high))
        }
        if !line.isEmpty { mean.strokes = [LinePlot.Stroke(line)] }
        if band.count > 1 { mean.band = [band] }
        func dots(_ name: String, _ colour: Int?, _ isWanted: (Int) -> Bool) -> LinePlot.Line {
            var dots = LinePlot.Line(name: name, colour: colour)
            dots.isDotted = true
            for (bin, entry) in slowest.enumerated() {
                if let entry, isWanted(entry.rank) {
                    dots.strokes.append(LinePlot.Stroke([PlotPoint(bins.middle(bin), entry.value)]))
                }
            }
            return dots
        }
        var lines = [mean]
        if order.count > chosen.count {
            lines.append(dots("others", nil) { !chosen.contains($0) })
        }
        for (colour, rank) in chosen.enumerated() {
            let share = Int((Double(counts[rank]) * 100 / Double(total)).rounded())
            lines.append(dots("\(SeriesKey.text(ranks[rank])): slowest \(share) %", colour) { $0 == rank })
        }
        var notes = ["line: the mean of \(ranks.count), band: min to max, dots: the largest and whose it is"]
        if !bins.isExact { notes.append("too many steps to draw each: every place stands for several") }
        if order.count > chosen.count {
            notes.append("\(order.count - chosen.count) others are slowest somewhere: grey")
        }
        return Plot(
            title: "\(request.metric): the slowest \(key)", notes: notes,
            content: .lines(
                LinePlot(
                    x: PlotAxis("step", .step, isLogarithmic: request.isLogX),
                    y: PlotAxis(
                        request.title == nil ? "" : request.metric, isLogarithmic: request.isLogY, low: request.yLow,
                        high: request.yHigh),
                    legendTitle: key.description, lines: lines)))
    }
}
