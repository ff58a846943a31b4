import VarveFormat

extension Snapshot {
    /// Counts and extremes of every series that a query wants, by metric, then run.
    ///
    /// Answered from what the index says of slices. Values are decoded only of short slices, of slices that the query, or a
    /// rewind, cuts, of what isn't in the index yet, and for the view `lastPerStep`.
    public func statistics(_ query: Query) throws(VarveError) -> [SeriesStatistics] {
        if query.view == .lastPerStep { return try statisticsOfPoints(query) }
        let content = content
        let short = content.metricsOfShortSlices(among: SeriesPlan(content, query).metrics)
        let ofShort = short.isEmpty ? [] : try statisticsOfPoints(query, metrics: short)
        let ofLong = try reading { content throws(VarveError) in try content.statistics(query, without: short) }
        guard !ofShort.isEmpty, !ofLong.isEmpty else { return ofShort.isEmpty ? ofLong : ofShort }
        // Both are in order, and no metric is in both.
        var all: [SeriesStatistics] = []
        all.reserveCapacity(ofShort.count + ofLong.count)
        var rest = ofLong[...]
        var metric: MetricKey?
        for one in ofShort {
            if one.metric != metric {
                metric = one.metric
                let next = rest.firstIndex { !($0.metric < one.metric) } ?? rest.endIndex
                all += rest[..<next]
                rest = rest[next...]
            }
            all.append(one)
        }
        return all + rest
    }

    /// The same by looking at every point.
    ///
    /// - Parameter metrics: nil: all that the query wants.
    func statisticsOfPoints(_ query: Query, metrics: Set<MetricKey>? = nil) throws(VarveError) -> [SeriesStatistics] {
        var query = query
        query.x = nil
        query.columns = [.steps, .values]
        var all: [SeriesStatistics] = []
        try series(query, metrics: metrics).forEachView { view in
            if all.last?.run != view.run || all.last?.metric != view.metric {
                all.append(SeriesStatistics(run: view.run, metric: view.metric))
            }
            all[all.count - 1].take(view)
        }
        return all
    }

    /// Where the automatic steps of a run's series go on.
    func nextAutomaticSteps(of run: RunID) throws(VarveError) -> [MetricKey: Int64] {
        try reading { content throws(VarveError) in try content.nextAutomaticSteps(of: run) }
    }
}

extension SnapshotContent {
    /// Metrics of whose slices few have a summary: it is quicker to read their points.
    fileprivate func metricsOfShortSlices(among metrics: [MetricKey]) -> Set<MetricKey> {
        var short: Set<MetricKey> = []
        for metric in metrics {
            var (points, slices) = (0, 0)
            for segment in segments {
                guard let position = segment.metrics.position(of: metric) else { continue }
                let known = segment.metrics.metrics[position]
                points += known.points
                slices += known.pageRange.reduce(0) { $0 + segment.pages[$1].slices }
            }
            if points < slices * FormatConstants.summaryThreshold { short.insert(metric) }
        }
        return short
    }

    fileprivate func statistics(
        _ query: Query, without short: Set<MetricKey>
    ) throws(VarveError) -> [SeriesStatistics] {
        let plan = SeriesPlan(self, query)
        let lookup = SliceLookup(self)
        var all: [SeriesStatistics] = []
        for metric in plan.metrics where !short.contains(metric) {
            let runs = try MetricRuns(plan, metric, lookup.walker)
            while let run = try runs.next() {
                var sum = SeriesSum(run: RunID(run), metric: metric)
                for part in try lookup.walker.parts(metric, run, runs.slices, query.view) {
                    try sum.add(part, query, lookup)
                }
                let statistics = try sum.finish(lookup)
                if statistics.count > 0 { all.append(statistics) }
            }
        }
        return all
    }

    fileprivate func nextAutomaticSteps(of run: RunID) throws(VarveError) -> [MetricKey: Int64] {
        var next: [MetricKey: Int64] = [:]
        let lookup = SliceLookup(self)
        for info in try metrics(of: run.id) {
            for part in try lookup.walker.parts(info.metric, run.id, nil, .all) {
                let highest: Int64?
                switch part.source {
                case .index(let slice):
                    guard slice.slice.flags.contains(.automaticSteps) else { continue }
                    highest = try lookup.bounds(of: slice, try lookup.place(of: slice)).upperBound
                case .tail(_, let key, _):
                    guard key.automaticSteps else { continue }
                    var points = PointBuffer()
                    try lookup.walker.read(part, into: &points)
                    highest = points.steps.max()
                }
                if let highest, highest < .max { next[info.metric] = max(next[info.metric] ?? 0, highest + 1) }
            }
        }
        return next
    }
}

/// Adds the stretches of one series up. The steps of what stands in the index are looked up at the end, and only those that
/// matter.
private struct SeriesSum {
    private var statistics: SeriesStatistics
    private var min: Place?
    private var max: Place?
    private var last: Place?

    /// A point of a slice whose step isn't known yet.
    private struct Place {
        var slice: IndexedSlice
        var axis: AxisPlace
        var position: Int
    }

    init(run: RunID, metric: MetricKey) { statistics = SeriesStatistics(run: run, metric: metric) }

    mutating func add(_ part: SeriesPart, _ query: Query, _ lookup: SliceLookup) throws(VarveError) {
        let limits = StepLimits(query, part)
        let points: PointBuffer
        if case .index(let slice) = part.source, query.times == nil {
            let axis = try lookup.place(of: slice)
            let steps = try lookup.bounds(of: slice, axis)
            if limits.excludes(steps) { return }
            if limits.contains(steps), let summary = try lookup.summary(of: slice) {
                add(summary, slice, axis, steps)
                return
            }
            points = try lookup.stepsAndValues(of: slice, axis)
        } else {
            points = try lookup.points(of: part, query, needsTime: false)
        }
        for i in 0..<points.count where limits.contains(points.steps[i]) {
            take(Double(bitPattern: points.values[i]), step: Int(points.steps[i]))
        }
    }

    private mutating func take(_ value: Double, step: Int) {
        let isNew = statistics.take(value, step: step)
        if isNew.min { min = nil }
        if isNew.max { max = nil }
        last = nil
    }

    private mutating func add(
        _ summary: SliceSummary, _ slice: IndexedSlice, _ axis: AxisPlace, _ steps: ClosedRange<Int64>
    ) {
        statistics.count += slice.slice.count
        statistics.nan += summary.nan
        statistics.positiveInfinite += summary.positiveInfinite
        statistics.negativeInfinite += summary.negativeInfinite
        let (low, high) = (Int(steps.lowerBound), Int(steps.upperBound))
        statistics.steps =
            statistics.steps.map { Swift.min($0.lowerBound, low)...Swift.max($0.upperBound, high) } ?? low...high
        func place(_ position: Int) -> Place { Place(slice: slice, axis: axis, position: position) }
        if summary.hasExtremes {
            if statistics.min.map({ summary.min < $0.value }) ?? true {
                statistics.min = (summary.min, 0)
                min = place(summary.minPosition)
            }
            if statistics.max.map({ summary.max > $0.value }) ?? true {
                statistics.max = (summary.max, 0)
                max = place(summary.maxPosition)
            }
        }
        statistics.last = (Double(bitPattern: summary.last), 0)
        last = place(slice.slice.count - 1)
    }

    /// The statistics, with the steps of the points that they name.
    func finish(_ lookup: SliceLookup) throws(VarveError) -> SeriesStatistics {
        func step(_ place: Place) throws(VarveError) -> Int {
            Int(try lookup.step(place.position, of: place.slice, place.axis))
        }
        var found = statistics
        if let min { found.min?.step = try step(min) }
        if let max { found.max?.step = try step(max) }
        if let last { found.last?.step = try step(last) }
        return found
    }
}

extension SeriesStatistics {
    fileprivate init(run: RunID, metric: MetricKey) {
        self.run = run
        self.metric = metric
        count = 0
        nan = 0
        positiveInfinite = 0
        negativeInfinite = 0
    }

    /// Looks at points that come next.
    fileprivate mutating func take(_ view: borrowing SeriesView) {
        let (steps, values) = (view.steps, view.values)
        guard view.count > 0 else { return }
        var (low, high) = (min?.value ?? .infinity, max?.value ?? -.infinity)
        var (lowAt, highAt) = (-1, -1)
        var (first, last) = (steps[0], steps[0])
        for i in 0..<view.count {
            let (value, step) = (values[i], steps[i])
            first = Swift.min(first, step)
            last = Swift.max(last, step)
            if value.isFinite {
                if value < low { (low, lowAt) = (value, i) }
                if value > high { (high, highAt) = (value, i) }
            } else if value.isNaN {
                nan += 1
            } else if value > 0 {
                positiveInfinite += 1
            } else {
                negativeInfinite += 1
            }
        }
        count += view.count
        self.steps =
            self.steps.map { Swift.min($0.lowerBound, first)...Swift.max($0.upperBound, last) } ?? first...last
        if lowAt >= 0 { min = (low, steps[lowAt]) }
        if highAt >= 0 { max = (high, steps[highAt]) }
        self.last = (values[view.count - 1], steps[view.count - 1])
    }

    /// Looks at one more point. Returns whether it is an extreme now.
    fileprivate mutating func take(_ value: Double, step: Int) -> (min: Bool, max: Bool) {
        var isNew = (min: false, max: false)
        count += 1
        steps = steps.map { Swift.min($0.lowerBound, step)...Swift.max($0.upperBound, step) } ?? step...step
        if value.isNaN {
            nan += 1
        } else if value.isInfinite {
            if value > 0 { positiveInfinite += 1 } else { negativeInfinite += 1 }
        } else {
            isNew = (min.map { value < $0.value } ?? true, max.map { value > $0.value } ?? true)
            if isNew.min { min = (value, step) }
            if isNew.max { max = (value, step) }
        }
        last = (value, step)
        return isNew
    }
}
