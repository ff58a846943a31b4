import Varve

/// What lies over the horizontal axis of curves.
enum CurveAxis: Hashable {
    case step, relative, wall
    case metric(String)

    init(_ name: String) {
        switch name {
        case "step", "steps": self = .step
        case "relative": self = .relative
        case "wall", "time": self = .wall
        default: self = .metric(name)
        }
    }

    func axis(isLogarithmic: Bool) -> PlotAxis {
        switch self {
        case .step: PlotAxis("step", .step, isLogarithmic: isLogarithmic)
        case .relative:
            PlotAxis("time since the first point", isLogarithmic ? .number : .duration, isLogarithmic: isLogarithmic)
        case .wall: PlotAxis("time (UTC)", .time)
        case .metric(let name): PlotAxis(name, isLogarithmic: isLogarithmic)
        }
    }
}

/// Hands the points of series out with what lies over the horizontal axis.
struct PointFeed {
    let table: SeriesTable
    let query: Query
    let axis: CurveAxis

    /// - Parameters:
    ///   - begin: is told of each series before its points.
    ///   - body: sees step, place and value of each point, in the order of the run.
    func forEach(
        _ begin: (SeriesTable.Key) -> Void, point body: (Int, Double, Double) -> Void
    ) throws(VarveError) {
        switch axis {
        case .step, .relative, .wall: try read(query, begin, body)
        case .metric(let name):
            let known = try table.snapshot.metrics().map(\.metric).filter { $0.name == name }
            guard !known.isEmpty else {
                throw VarveError(
                    .notFound, "there is no metric '\(name)' to lie over the x axis",
                    remedy: "--x step, relative, wall, or one of those that varve metrics lists")
            }
            for metric in Set(table.entries.map(\.metric)).sorted() {
                // The one with the same context, else the one without, else the only one.
                let same = MetricKey(
                    name, context: Dictionary(uniqueKeysWithValues: metric.context.map { ($0.key, $0.value) }))
                guard
                    let x = known.first(where: { $0 == same }) ?? known.first(where: { $0.context.isEmpty })
                        ?? (known.count == 1 ? known.first : nil)
                else {
                    throw VarveError(
                        .invalid, "'\(name)' has several contexts, and none is that of \(metric)",
                        remedy: "narrow it with --context")
                }
                var query = query
                query.x = x
                query.context = Dictionary(uniqueKeysWithValues: metric.context.map { ($0.key, $0.value) })
                try read(query, only: metric, begin, body)
            }
        }
    }

    private func read(
        _ query: Query, only metric: MetricKey? = nil, _ begin: (SeriesTable.Key) -> Void,
        _ body: (Int, Double, Double) -> Void
    ) throws(VarveError) {
        var query = query
        let usesTimes = axis == .relative || axis == .wall
        query.columns = usesTimes ? .all : [.steps, .values]
        var current: SeriesTable.Key?
        var origin: Int64?
        // Where they were decoded: copying them would take as long as reading them.
        try table.snapshot.series(query).forEachView { view in
            if let metric, metric != view.metric { return }
            let key = SeriesTable.Key(run: view.run, metric: view.metric)
            if key != current {
                (current, origin) = (key, nil)
                begin(key)
            }
            let (steps, values) = (view.steps, view.values)
            switch axis {
            case .step:
                for i in 0..<view.count { body(steps[i], Double(steps[i]), values[i]) }
            case .metric:
                let x = view.x
                for i in 0..<view.count { body(steps[i], x[i], values[i]) }
            case .relative, .wall:
                let times = view.times
                for i in 0..<view.count where times[i] != .min {
                    if origin == nil { origin = axis == .relative ? times[i] : 0 }
                    body(steps[i], Double(times[i] &- (origin ?? 0)) / 1e9, values[i])
                }
            }
        }
    }
}
