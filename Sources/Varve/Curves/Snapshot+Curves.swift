import VarveFormat

extension Snapshot {
    /// The curves of the series that a query wants, by metric, then run, on a line of pixels that all of them share.
    ///
    /// The line begins at the query's lowest step (with `over: .times`: time) and ends at its highest; where the query
    /// doesn't say, at those of the points that are there. Its pixels are equally wide, but that an edge may lie up to an
    /// eighth of a pixel beside, where the index has a summary of blocks of points; ``Curve/Pixel/range`` says what falls onto
    /// a pixel, and that is exact. Ten million points over steps take milliseconds: only points on whose block an edge falls
    /// are decoded. Over times all points are.
    ///
    /// - Parameters:
    ///   - query: its `x` is not used.
    ///   - pixels: the width of the line, from 1 to ``Curve/mostPixels``; what lies beyond counts as these.
    ///   - includingTimes: whether points get their times, which costs decoding the times of the series.
    public func curves(
        _ query: Query, pixels: Int, over axis: Curve.Axis = .steps, includingTimes: Bool = false
    ) throws(VarveError) -> [Curve] {
        try reading { content throws(VarveError) in
            try content.curves(
                query, min(max(1, pixels), Curve.mostPixels), axis, includingTimes: includingTimes || axis == .times)
        }
    }
}

extension SnapshotContent {
    fileprivate func curves(
        _ query: Query, _ pixels: Int, _ axis: Curve.Axis, includingTimes: Bool
    ) throws(VarveError) -> [Curve] {
        let plan = SeriesPlan(self, query)
        let lookup = SliceLookup(self)
        var known: [Series]? = []
        guard let range = try range(plan, lookup, axis, &known) else { return [] }
        let grid = PixelGrid(range, pixels: pixels)
        var curves: [Curve] = []
        try eachSeries(plan, lookup, axis, known) { series throws(VarveError) in
            var builder = CurveBuilder(query, axis, grid, lookup)
            if query.view == .lastPerStep {
                builder.add(try lookup.lastPerStep(series.stretches, query, needsTime: axis == .times))
            } else {
                try builder.add(series.stretches)
            }
            let curve = try builder.finish(
                run: RunID(series.run), metric: series.metric, includingTimes: includingTimes)
            if !curve.pixels.isEmpty { curves.append(curve) }
        }
        return curves
    }

    /// The stretches of a series, and where they lie.
    private struct Series {
        var metric: MetricKey
        var run: UniqueID
        var stretches: [Stretch]
    }

    /// As many stretches as are kept between the two passes; beyond, they are looked up twice.
    private static let keptStretches = 1 << 16

    /// From where to where the line of pixels goes; nil: there are no points.
    ///
    /// - Parameter known: is given the series that were looked at; nil: the query's range is the line's, or they are too many.
    private func range(
        _ plan: SeriesPlan, _ lookup: SliceLookup, _ axis: Curve.Axis, _ known: inout [Series]?
    ) throws(VarveError) -> ClosedRange<Int64>? {
        let query = plan.query
        let wanted = axis == .steps ? query.steps.map { Int64($0.lowerBound)...Int64($0.upperBound) } : query.times
        if let wanted, wanted.lowerBound > .min, wanted.upperBound < .max {
            known = nil
            return wanted
        }
        var range: ClosedRange<Int64>?
        var kept = 0
        try eachSeries(plan, lookup, axis, nil) { series throws(VarveError) in
            kept += series.stretches.count
            if kept > Self.keptStretches { known = nil } else { known?.append(series) }
            func take(_ found: ClosedRange<Int64>?) {
                guard let found else { return }
                range =
                    range.map { min($0.lowerBound, found.lowerBound)...max($0.upperBound, found.upperBound) } ?? found
            }
            if query.view == .lastPerStep, axis == .times {
                // The first and the last time may be those of points that don't count.
                return take(Self.bounds(try lookup.lastPerStep(series.stretches, query, needsTime: true).times))
            }
            for stretch in series.stretches { take(try lookup.range(of: stretch, query, axis)) }
        }
        guard let range, let wanted else { return range }
        let low = wanted.lowerBound > .min ? wanted.lowerBound : range.lowerBound
        let high = wanted.upperBound < .max ? wanted.upperBound : range.upperBound
        return low...high
    }

    fileprivate static func bounds(_ numbers: [Int64]) -> ClosedRange<Int64>? {
        guard let low = numbers.min(), let high = numbers.max() else { return nil }
        return low...high
    }

    /// - Parameter known: the series, if they were looked at before.
    private func eachSeries(
        _ plan: SeriesPlan, _ lookup: SliceLookup, _ axis: Curve.Axis, _ known: [Series]?,
        _ body: (Series) throws(VarveError) -> Void
    ) throws(VarveError) {
        if let known {
            for series in known { try body(series) }
            return
        }
        let usesIndex = axis == .steps && plan.query.times == nil && plan.query.view != .lastPerStep
        for metric in plan.metrics {
            let runs = try MetricRuns(plan, metric, lookup.walker)
            while let run = try runs.next() {
                var stretches: [Stretch] = []
                for part in try lookup.walker.parts(metric, run, runs.slices, plan.query.view) {
                    var stretch = Stretch(part: part)
                    if usesIndex, case .index(let slice) = part.source {
                        let place = try lookup.place(of: slice)
                        stretch.indexed = Stretch.Indexed(
                            slice: slice, place: place, bounds: try lookup.bounds(of: slice, place))
                    }
                    stretches.append(stretch)
                }
                try body(Series(metric: metric, run: run, stretches: stretches))
            }
        }
    }
}

extension SliceLookup {
    /// The points of a stretch that count.
    ///
    /// - Parameter needsTime: those without a time don't count.
    func points(of part: SeriesPart, _ query: Query, needsTime: Bool) throws(VarveError) -> PointBuffer {
        let limits = StepLimits(query, part)
        var points = PointBuffer()
        try walker.read(part, into: &points)
        points.filter { step, time in
            if !limits.contains(step) || needsTime && time == FormatConstants.noTime { return false }
            return query.times.map { time != FormatConstants.noTime && $0.contains(time) } ?? true
        }
        return points
    }

    /// Of each step the last point of all stretches, by step.
    fileprivate func lastPerStep(
        _ stretches: [Stretch], _ query: Query, needsTime: Bool
    ) throws(VarveError) -> PointBuffer {
        var points = PointBuffer()
        for stretch in stretches { points.append(try self.points(of: stretch.part, query, needsTime: false)) }
        points = points.lastPerStep()
        if needsTime { points.filter { _, time in time != FormatConstants.noTime } }
        return points
    }

    /// The bounds of what counts of a stretch; nil: nothing does.
    fileprivate func range(
        of stretch: Stretch, _ query: Query, _ axis: Curve.Axis
    ) throws(VarveError) -> ClosedRange<Int64>? {
        if let bounds = stretch.indexed?.bounds {
            let limits = StepLimits(query, stretch.part)
            if limits.contains(bounds) { return bounds }
            if limits.excludes(bounds) { return nil }
        }
        let points = try points(of: stretch.part, query, needsTime: axis == .times)
        return SnapshotContent.bounds(axis == .steps ? points.steps : points.times)
    }
}
