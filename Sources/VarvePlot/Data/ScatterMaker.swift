import Varve

/// A dot a series: a param or another metric across, the metric's single value upright.
struct ScatterMaker {
    private let table: SeriesTable
    private let request: PlotRequest

    init(_ table: SeriesTable, _ request: PlotRequest) {
        self.table = table
        self.request = request
    }

    func plot() throws(VarveError) -> Plot {
        var notes: [String] = []
        let (axis, places) = try horizontal()
        let keys = try request.groupBy.map { name throws(VarveError) in try table.key(name) }
        var order: [[PropertyValue?]] = []
        var members: [[PropertyValue?]: LinePlot.Line] = [:]
        var missing = 0
        for (index, entry) in table.entries.enumerated() {
            guard let x = places[index], x.isFinite, let y = request.value.of(entry.statistics) else {
                missing += 1
                continue
            }
            let values = keys.map { $0.value(entry) }
            if members[values] == nil {
                order.append(values)
                members[values] = LinePlot.Line(
                    name: values.map { SeriesKey.text($0) }.joined(separator: ", "), colour: nil)
                members[values]?.isDotted = true
            }
            if let kind = LinePlot.Mark.Kind(of: y, isLogarithmic: request.isLogY) {
                members[values]?.marks.append(LinePlot.Mark(x: x, kind))
            } else {
                members[values]?.strokes.append(LinePlot.Stroke([PlotPoint(x, y)]))
            }
        }
        order.sort { a, b in
            for (x, y) in zip(a, b) {
                if SeriesKey.precedes(x, y) { return true }
                if SeriesKey.precedes(y, x) { return false }
            }
            return false
        }
        if missing > 0 {
            notes.append("\(missing) of \(table.entries.count) have no \(axis.title), or no finite value")
        }
        let lines = order.enumerated().compactMap { index, values in
            members[values].map { line in
                var line = line
                line.colour = index < Palette.count * 3 ? index : nil
                return line
            }
        }
        let y = PlotAxis(
            "\(request.value.rawValue) of \(request.metric)", isLogarithmic: request.isLogY, low: request.yLow,
            high: request.yHigh)
        return Plot(
            title: "\(table.title(request)) by \(axis.title)", notes: notes,
            content: .lines(
                LinePlot(x: axis, y: y, legendTitle: keys.map(\.description).joined(separator: ", "), lines: lines)))
    }

    /// What lies across: a param, or the single value of another metric.
    private func horizontal() throws(VarveError) -> (PlotAxis, [Double?]) {
        var name = request.x == "step" ? request.params.first : request.x
        if name == nil {
            let numeric = table.varying.first { key in
                guard case .param(let name) = key, name != "seed" else { return false }
                return table.entries.contains { SeriesKey.number(key.value($0)) != nil }
            }
            name = numeric?.description
        }
        guard let name else {
            throw VarveError(
                .invalid, "no param differs by number", remedy: "--x PARAM or --x METRIC says what lies across")
        }
        do throws(VarveError) {
            let key = try table.key(name)
            return ParamAxis.axis(key, table, isLogarithmic: request.isLogX)
        } catch  where error.code == .invalid {
            var query = request.query
            query.metric = name
            // They name series of the other metric.
            query.pairs = nil
            let others = try table.snapshot.statistics(query)
            guard !others.isEmpty else { throw error }
            let values = Dictionary(others.map { ($0.run, request.value.of($0)) }) { first, _ in first }
            return (
                PlotAxis("\(request.value.rawValue) of \(name)", isLogarithmic: request.isLogX),
                table.entries.map { (values[$0.run.id] ?? nil).flatMap { $0 > 0 || !request.isLogX ? $0 : nil } }
            )
        }
    }
}

/// A param as an axis.
enum ParamAxis {
    /// The axis, and where each series lies on it. Numbers that grow by factors lie on a logarithmic one; texts and
    /// truths are words.
    static func axis(_ key: SeriesKey, _ table: SeriesTable, isLogarithmic: Bool = false) -> (PlotAxis, [Double?]) {
        let values = table.entries.map { key.value($0) }
        let numbers = values.map { SeriesKey.number($0) }
        let known = numbers.compactMap { $0 }.filter(\.isFinite)
        let hasWords = zip(values, numbers).contains { value, number in
            number == nil && value != nil && value != .absent && value != .null
        }
        if hasWords || known.isEmpty {
            var words: [PropertyValue] = []
            for value in Set(values.compactMap { $0 }) { words.append(value) }
            words.sort { SeriesKey.precedes($0, $1) }
            let places = Dictionary(words.enumerated().map { ($1, Double($0)) }) { first, _ in first }
            return (
                PlotAxis(key.description, .words(words.map { SeriesKey.text($0) })),
                values.map { $0.flatMap { places[$0] } }
            )
        }
        let (low, high) = (known.min() ?? 0, known.max() ?? 0)
        // Of 0.001, 0.01, 0.1 the one in the middle is the geometric mean of the ends, of 1 … 100 the arithmetic one.
        let median = Set(known).sorted()[Set(known).count / 2]
        let isWide =
            low > 0 && high / low >= 10
            && (median - low.squareRoot() * high.squareRoot()).magnitude
                < (median - (low / 2 + high / 2)).magnitude
        let isWhole = known.allSatisfy { $0 == $0.rounded() }
        let axis = PlotAxis(
            key.description, isWhole ? .step : .number, isLogarithmic: isLogarithmic && low > 0 || isWide)
        return (
            axis, numbers.map { number in number.flatMap { $0.isFinite && (!axis.isLogarithmic || $0 > 0) ? $0 : nil } }
        )
    }
}
