import Glibc
import Varve

/// The curves of single series, each as what of it falls onto the pixels of the picture.
struct SingleCurves {
    private let table: SeriesTable
    private let request: PlotRequest
    private let axis: CurveAxis
    private let pixels: Int

    /// All lines together have about so many points at most: more can't be told apart, and would make files of many megabytes.
    private static let mostPoints = 400_000

    init(_ table: SeriesTable, _ request: PlotRequest, _ axis: CurveAxis) {
        self.table = table
        self.request = request
        self.axis = axis
        pixels = max(16, min(request.pixels, Self.mostPoints / max(1, 2 * table.entries.count)))
    }

    /// What is drawn of each series.
    struct Shape {
        var strokes: [LinePlot.Stroke] = []
        /// The curve behind a smoothed one.
        var faint: [LinePlot.Stroke] = []
        var marks: [LinePlot.Mark] = []
    }

    func shapes() throws(VarveError) -> [SeriesTable.Key: Shape] {
        // What goes back in its steps, or is smoothed, has to be looked at point by point, in the order of the run.
        if request.smoothing > 0 || request.query.view == .all { return try streamed() }
        switch axis {
        case .metric: return try streamed()
        case .step: return request.isLogX ? try logarithmic() : try curves(request.query, over: .steps)
        case .wall: return try curves(request.query, over: .times)
        case .relative:
            var shapes: [SeriesTable.Key: Shape] = [:]
            // Each run on pixels of its own: beside weeks in which others ran it would be a single one.
            for run in Set(table.entries.map(\.run.id)).sorted() {
                var query = request.query
                query.runs = [run]
                shapes.merge(try curves(query, over: .times)) { $1 }
            }
            return shapes
        }
    }

    private func curves(_ query: Query, over: Curve.Axis) throws(VarveError) -> [SeriesTable.Key: Shape] {
        var shapes: [SeriesTable.Key: Shape] = [:]
        for curve in try table.snapshot.curves(query, pixels: pixels, over: over) {
            shapes[SeriesTable.Key(run: curve.run, metric: curve.metric)] = shape([curve])
        }
        return shapes
    }

    /// Each power of ten on pixels of its own, so that the first steps have as many as the last ones.
    private func logarithmic() throws(VarveError) -> [SeriesTable.Key: Shape] {
        let steps = table.entries.compactMap(\.statistics.steps)
        guard let last = steps.map(\.upperBound).max(), last >= 1 else { return [:] }
        let first = max(1, steps.map(\.lowerBound).min() ?? 1)
        let decades = max(1, log10(Double(last)) - log10(Double(first)))
        // A decade's steps are ten times as dense at its end as at its beginning.
        let share = max(8, Int((Double(pixels) / decades * 10 / log(10)).rounded(.up)))
        var pieces: [SeriesTable.Key: [Curve]] = [:]
        var low = 1
        while low <= last {
            let (next, overflows) = low.multipliedReportingOverflow(by: 10)
            let high = overflows ? Int.max : next - 1
            if high >= first {
                var query = request.query
                let wanted = query.steps ?? (.min ... .max)
                if wanted.overlaps(low...high) {
                    query.steps = wanted.clamped(to: low...high)
                    for curve in try table.snapshot.curves(query, pixels: share) {
                        pieces[SeriesTable.Key(run: curve.run, metric: curve.metric), default: []].append(curve)
                    }
                }
            }
            if overflows { break }
            low = next
        }
        return pieces.mapValues { shape($0) }
    }

    private func shape(_ curves: [Curve]) -> Shape {
        var shape = Shape()
        var open: [PlotPoint] = []
        func end() {
            if !open.isEmpty { shape.strokes.append(LinePlot.Stroke(open)) }
            open = []
        }
        let origin = axis == .relative ? curves.lazy.flatMap(\.pixels).map(\.range.lowerBound).min() : nil
        let firstTime = origin.map { low in
            curves.lazy.flatMap(\.pixels).flatMap(\.points).map(\.time).filter { $0 >= low }.min() ?? low
        }
        func x(_ point: Curve.Point) -> Double {
            switch axis {
            case .step, .metric: Double(point.step)
            case .wall: Double(point.time) / 1e9
            case .relative: Double(point.time &- (firstTime ?? 0)) / 1e9
            }
        }
        for pixel in curves.lazy.flatMap(\.pixels) {
            var found: Set<LinePlot.Mark.Kind> = []
            func mark(_ kind: LinePlot.Mark.Kind, _ x: Double) {
                if found.insert(kind).inserted { shape.marks.append(LinePlot.Mark(x: x, kind)) }
            }
            for point in pixel.points {
                let place = x(point)
                guard !request.isLogX || place > 0 else { continue }
                if let kind = LinePlot.Mark.Kind(of: point.value, isLogarithmic: request.isLogY) {
                    mark(kind, place)
                    end()
                } else {
                    open.append(PlotPoint(place, point.value))
                }
            }
            // Those in the middle of a pixel are only counted.
            let middle = x(pixel.first) / 2 + x(pixel.last) / 2
            for (count, kind) in [
                (pixel.nan, LinePlot.Mark.Kind.nan), (pixel.positiveInfinite, .positiveInfinite),
                (pixel.negativeInfinite, .negativeInfinite),
            ] where count > 0 && (!request.isLogX || middle > 0) { mark(kind, middle) }
        }
        end()
        return shape
    }

    private func streamed() throws(VarveError) -> [SeriesTable.Key: Shape] {
        var shapes: [SeriesTable.Key: Shape] = [:]
        let ranges = Dictionary(
            table.entries.map { (SeriesTable.Key(run: $0.run.id, metric: $0.metric), $0.statistics.steps ?? 0...0) }
        ) { $1 }
        func builder(_ key: SeriesTable.Key) -> PathBuilder {
            PathBuilder(
                steps: ranges[key] ?? 0...0, pixels: pixels, isLogX: request.isLogX, isLogY: request.isLogY,
                breaksBackwards: axis == .step && request.query.view == .all)
        }
        var current: (key: SeriesTable.Key, raw: PathBuilder, smooth: PathBuilder, smoother: Smoother)?
        let isSmoothed = request.smoothing > 0
        func end() {
            guard let current else { return }
            shapes[current.key] = Shape(
                strokes: isSmoothed ? current.smooth.strokes : current.raw.strokes,
                faint: isSmoothed ? current.raw.strokes : [], marks: current.raw.allMarks)
        }
        try PointFeed(table: table, query: request.query, axis: axis).forEach { key in
            end()
            current = (key, builder(key), builder(key), Smoother(weight: request.smoothing))
        } point: { step, x, value in
            current?.raw.add(step: step, x: x, value: value)
            if isSmoothed, let smooth = current?.smoother.smoothed(value) {
                current?.smooth.add(step: step, x: x, value: smooth)
            }
        }
        end()
        return shapes
    }
}
