import Varve

/// Lines over steps, times or another metric: one a series, or one a group of averaged series.
struct LinesMaker {
    private let table: SeriesTable
    private let request: PlotRequest
    private let axis: CurveAxis

    init(_ table: SeriesTable, _ request: PlotRequest) {
        self.table = table
        self.request = request
        axis = CurveAxis(request.x)
    }

    func plot() throws(VarveError) -> Plot {
        let groups = try SeriesGroups(table, groupBy: request.groupBy, over: request.over)
        if groups.isAveraged, axis == .wall {
            throw VarveError(
                .invalid, "runs of different days can't be averaged by wall time", remedy: "--x relative, or --x step")
        }
        var notes: [String] = []
        var lines = groups.isAveraged ? try averaged(groups, &notes) : try single(groups, &notes)
        if request.smoothing > 0 {
            notes.append("smoothed with weight \(NumberText.short(request.smoothing)), the raw curve behind it")
        }
        let empty = lines.count { $0.strokes.isEmpty && $0.faint.isEmpty && $0.marks.isEmpty }
        if empty > 0, axis != .step {
            notes.append("\(empty) of \(lines.count) lines \(empty == 1 ? "has" : "have") no points over \(request.x)")
        }
        Self.arrange(&lines, &notes)
        // The picture's title names it, unless that is another one.
        let y = PlotAxis(
            request.title == nil ? "" : request.metric, isLogarithmic: request.isLogY, low: request.yLow,
            high: request.yHigh)
        return Plot(
            title: table.title(request), notes: notes,
            content: .lines(
                LinePlot(
                    x: axis.axis(isLogarithmic: request.isLogX), y: y, legendTitle: groups.title, lines: lines)))
    }

    /// Gives colours, and where there are many lines draws those at the ends on top and says where they end.
    static func arrange(_ lines: inout [LinePlot.Line], _ notes: inout [String]) {
        let last = lines.map { $0.strokes.last?.points.last?.y }
        let colours = Highlights.colours(lastValues: last)
        for index in lines.indices {
            lines[index].colour = colours[index]
            guard lines.count > Highlights.mostLines else { continue }
            // A band a line would cover everything.
            lines[index].band = []
            if colours[index] != nil, let value = last[index] { lines[index].name += " → \(NumberText.short(value))" }
        }
        guard lines.count > Highlights.mostLines else { return }
        let ends = Highlights.ends
        notes.append("\(lines.count) lines; named are the \(ends) that end highest and the \(ends) that end lowest")
        lines =
            lines.filter { $0.colour == nil }
            + lines.filter { $0.colour != nil }.sorted { ($0.colour ?? 0) < ($1.colour ?? 0) }
    }

    private func single(_ groups: SeriesGroups, _ notes: inout [String]) throws(VarveError) -> [LinePlot.Line] {
        let shapes = try SingleCurves(table, request, axis).shapes()
        return groups.groups.map { group in
            var line = LinePlot.Line(name: group.name, colour: nil)
            let shape = group.entries.first.flatMap { shapes[SeriesTable.Key(run: $0.run.id, metric: $0.metric)] }
            line.strokes = shape?.strokes ?? []
            line.faint = shape?.faint ?? []
            line.marks = shape?.marks ?? []
            return line
        }
    }

    // MARK: Averages

    /// The sums of all groups together have at most so many places.
    private static let mostPlaces = 2_000_000
    /// Quantiles need every series' value at every place.
    private static let mostValues = 8_000_000

    private func averaged(_ groups: SeriesGroups, _ notes: inout [String]) throws(VarveError) -> [LinePlot.Line] {
        let feed = PointFeed(table: table, query: request.query, axis: axis)
        let keepsValues = if case .quantiles = request.band { true } else { false }
        var most = max(32, min(2048, Self.mostPlaces / max(1, groups.groups.count)))
        if keepsValues { most = max(32, min(most, Self.mostValues / table.entries.count)) }
        let bins = try StepBins(feed, most: most, isLogarithmic: request.isLogX)
        let smooths = request.smoothing > 0
        var owner: [SeriesTable.Key: Int] = [:]
        for (index, group) in groups.groups.enumerated() {
            for entry in group.entries { owner[SeriesTable.Key(run: entry.run.id, metric: entry.metric)] = index }
        }
        var sums = groups.groups.map { _ in GroupSums(count: bins.count) }
        var rawSums = smooths ? sums : []
        var used = Array(repeating: false, count: bins.count)
        var current: Intake?
        func end() {
            guard let series = current, let index = owner[series.key] else { return }
            for bin in used.indices where series.drawn.hasPoint(bin) { used[bin] = true }
            sums[index].add(series.drawn, keepsValues: keepsValues, bins.middle)
            if smooths { rawSums[index].add(series.raw, keepsValues: false, bins.middle) }
        }
        let weight = request.smoothing
        try feed.forEach { key in
            end()
            current = Intake(key, bins: bins.count, weight: weight)
        } point: { step, x, value in
            current?.add(step: step, x: x, value: value, bins)
        }
        end()

        let place: ((Int) -> Double)? = if axis == .step { { bins.middle($0) } } else { nil }
        var lines: [LinePlot.Line] = []
        for (index, group) in groups.groups.enumerated() {
            var line = LinePlot.Line(name: group.name, colour: nil)
            let drawn = sums[index].line(request.band, isLogY: request.isLogY, used: used, place: place)
            (line.strokes, line.band, line.marks) = (drawn.strokes, drawn.band, drawn.marks)
            if smooths {
                line.faint = rawSums[index].line(.none, isLogY: request.isLogY, used: used, place: place).strokes
            }
            lines.append(line)
        }
        describe(groups, bins, lines, &notes)
        return lines
    }

    /// One series while its points come in.
    private struct Intake {
        let key: SeriesTable.Key
        var drawn: BinnedSeries
        /// What stands behind a smoothed one.
        var raw: BinnedSeries
        private var smoother: Smoother
        private let smooths: Bool
        private var bin = 0

        init(_ key: SeriesTable.Key, bins: Int, weight: Double) {
            self.key = key
            smooths = weight > 0
            drawn = BinnedSeries(count: bins)
            raw = BinnedSeries(count: weight > 0 ? bins : 0)
            smoother = Smoother(weight: weight)
        }

        mutating func add(step: Int, x: Double, value: Double, _ bins: StepBins) {
            guard let found = bins.index(of: step, near: bin) else { return }
            bin = found
            if smooths { raw.add(bin: bin, x: x, value: value) }
            drawn.add(bin: bin, x: x, value: smooths ? smoother.smoothed(value) : value)
        }
    }

    private func describe(
        _ groups: SeriesGroups, _ bins: StepBins, _ lines: [LinePlot.Line], _ notes: inout [String]
    ) {
        let sizes = groups.groups.map(\.entries.count)
        let (least, most) = (sizes.min() ?? 0, sizes.max() ?? 0)
        let count = least == most ? "\(most)" : "\(least) to \(most)"
        let middle = if case .quantiles = request.band { "median" } else { "mean" }
        let band =
            switch request.band {
            case .none: ""
            case .minMax: ", band: min to max"
            case .standardDeviation: ", band: ± 1 standard deviation"
            case .confidence95: ", band: 95 % confidence interval of the mean (Student's t)"
            case .quantiles(let a, let b):
                ", band: quantiles \(NumberText.short(min(a, b))) to \(NumberText.short(max(a, b)))"
            }
        let over = groups.averagedOver.isEmpty ? "" : " over \(groups.averagedOver.prefix(6).joined(separator: ", "))"
        let isShown = most > 1 && lines.count <= Highlights.mostLines
        notes.append("\(middle) of \(count) series\(over)\(isShown ? band : "")")
        if lines.contains(where: { $0.strokes.contains(where: \.isPartial) }) {
            notes.append("dashed: not all of them have values there")
        }
        if !bins.isExact { notes.append("too many steps to draw each: every place stands for several") }
    }
}
