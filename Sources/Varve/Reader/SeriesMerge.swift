import VarveFiles
import VarveFormat

/// Puts the series of a plan together, piece by piece: the segments' slices as they stream by, and what is outside the index.
///
/// Most runs have one file that one segment has whole: their slices are shown where they were decoded. The others are put in
/// order by a ``SeriesWalker``; their pages are kept meanwhile, up to ``mostHeld``, and decoded again beyond.
struct SeriesMerge {
    /// What is at hand.
    struct Piece {
        /// The metric, as a row of the plan's.
        var metric: Int
        var run: UniqueID
        var type: ValueType
        /// What logged them; nil: several attempts did.
        var attempt: UInt32?
        /// The points. They stay where they are until the merge moves on.
        var place: PointPlace
        var x: UnsafePointer<Double>?
    }

    var piece: Piece { Piece(metric: metric, run: run, type: type, attempt: attempt, place: place, x: x) }

    private var metric: Int
    private var run = UniqueID.zero
    private var type = ValueType.double
    private var attempt: UInt32?
    private var place = PointPlace(count: 0)
    private var x: UnsafePointer<Double>?
    private var origin = Origin.scratch

    /// Where the points at hand stand.
    private enum Origin {
        /// Put together for this piece, and gone with the next.
        case scratch
        /// On the page that the stream is at.
        case stream
        /// On one that is kept, by its place among them.
        case held(Int)
    }

    /// The page on which the piece at hand stands; nil: it was put together, and is gone with the next.
    var page: DecodedPage? {
        switch origin {
        case .scratch: nil
        case .stream: feeds[stream].page
        case .held(let place): held[place]
        }
    }

    let plan: SeriesPlan
    /// What the query wants of steps where nothing is superseded.
    private let limits: StepLimits
    private let times: ClosedRange<Int64>?
    private let needsWholeSeries: Bool
    private let walker: SeriesWalker
    private let team: PageTeam
    private let scratch = PointScratch()
    private var feeds: [SegmentFeed]
    /// Those that have slices of the metric at hand.
    private var active: [Int] = []
    /// Runs that may have points of the metric at hand outside the index.
    private var outside: [UniqueID] = []
    private var nextOutside = 0
    /// Which files need no putting in order, by segment and row of its coverage.
    private var verdicts: [[Verdict]]
    /// Where the next file is looked for.
    private var nextFile = 0

    /// The feed whose slices are shown as they come, and the row of the run; −1: none.
    private var stream = -1
    private var streamedRun = 0
    /// Whether the slice at the front of the stream was shown.
    private var isShown = false
    /// Whether no slice with given steps follows: only counted ones are left of the run.
    private var isInOrder = false
    /// The stretches of a run that had to be put in order, and pages that have them.
    private var parts: [SeriesPart] = []
    private var nextPart = 0
    private var held: [DecodedPage] = []
    private static let mostHeld = 64

    private enum Verdict {
        case unknown
        /// It is all that its run has, and all of it is in this segment. One attempt logged it.
        case alone(attempt: UInt32)
        case other
    }

    /// - Parameter first: the plan's first metric that is wanted.
    init(_ plan: SeriesPlan, from first: Int) throws(VarveError) {
        self.plan = plan
        limits = StepLimits(plan.query, below: nil)
        times = plan.query.times
        needsWholeSeries = plan.query.view == .lastPerStep || plan.query.x != nil
        metric = first - 1
        // Beside an x metric each series is read between two readings of that one.
        walker = SeriesWalker(plan.content, metrics: plan.query.x == nil ? plan.metrics : [])
        team = PageTeam(
            threads: plan.content.environment.decodingThreads, plan.content.axes, plan.content.pageMemory)
        feeds = []
        for segment in plan.content.segments.indices {
            feeds.append(try SegmentFeed(segment, plan, from: first, team))
        }
        verdicts = plan.content.segments.map { [Verdict](repeating: .unknown, count: $0.coverage.count) }
    }

    /// About how many pieces the index has, where each series has its own share.
    var expectedPieces: Int { feeds.reduce(0) { $0 + $1.slices } }

    /// Moves on to the next piece; false at the end. A piece is never empty.
    mutating func next() throws(VarveError) -> Bool {
        while true {
            if stream >= 0 {
                if try showNext() { return true }
            } else if nextPart < parts.count {
                let part = parts[nextPart]
                nextPart += 1
                if try show(part) { return true }
            } else if !(try turn()) {
                return false
            } else if needsWholeSeries, try showWhole() {
                return true
            }
        }
    }

    // MARK: Runs

    /// Turns to the next run that may have points; false at the end.
    private mutating func turn() throws(VarveError) -> Bool {
        if !parts.isEmpty {
            held.removeAll()
            parts.removeAll()
            nextPart = 0
        }
        guard let owner = turnToRun() else { return false }
        if owner >= 0, !needsWholeSeries, case .alone(let attempt) = verdict(owner, Int(feeds[owner].front.file)) {
            stream = owner
            self.attempt = attempt
            streamedRun = feeds[owner].run
            isShown = false
            isInOrder = false
            return true
        }
        if nextOutside < outside.count, outside[nextOutside] == run { nextOutside += 1 }
        parts = try walker.parts(plan.metrics[metric], run, try gather(), plan.query.view)
        return true
    }

    /// Finds the next run, and the feed that is first to have slices of it, −1: none has; nil at the end.
    private mutating func turnToRun() -> Int? {
        // Most series are in one segment, and whole.
        if active.count == 1, nextOutside >= outside.count, feeds[active[0]].metric == metric {
            let owner = active[0]
            run = feeds[owner].reader.runs[feeds[owner].run]
            return owner
        }
        while true {
            for i in active.indices.reversed() where feeds[active[i]].metric != metric { active.remove(at: i) }
            if !active.isEmpty || nextOutside < outside.count { break }
            metric += 1
            guard metric < plan.metrics.count else { return nil }
            for i in feeds.indices where feeds[i].metric == metric { active.append(i) }
            outside = plan.runsOutsideIndex(plan.metrics[metric])
            nextOutside = 0
        }
        var owner = -1
        if nextOutside < outside.count { run = outside[nextOutside] }
        for feed in active {
            let candidate = feeds[feed].reader.runs[feeds[feed].run]
            guard owner < 0 && nextOutside >= outside.count || candidate < run else { continue }
            (run, owner) = (candidate, feed)
        }
        return owner
    }

    /// Whether the slices of a file are all that the run at the front of a feed has.
    private mutating func verdict(_ feed: Int, _ file: Int) -> Verdict {
        let known = verdicts[feed][file]
        if case .unknown = known {} else { return known }
        let reader = feeds[feed].reader
        let place = CoverageMap.Place(segment: feed, row: file)
        let isAlone = plan.content.onlyPlace(of: reader.runs[feeds[feed].run], from: &nextFile) == place
        let verdict: Verdict = isAlone ? .alone(attempt: reader.coverage.attempt(file)) : .other
        verdicts[feed][file] = verdict
        return verdict
    }

    /// Takes the slices of the run at hand from all segments, and keeps pages that have some.
    private mutating func gather() throws(VarveError) -> [IndexedSlice] {
        var slices: [IndexedSlice] = []
        for feed in active where feeds[feed].metric == metric && feeds[feed].reader.runs[feeds[feed].run] == run {
            let row = feeds[feed].run
            while feeds[feed].metric == metric, feeds[feed].run == row, let page = feeds[feed].page {
                slices.append(IndexedSlice(segment: feed, slice: page.ref(feeds[feed].front)))
                if held.last !== page, held.count < Self.mostHeld { held.append(page) }
                try feeds[feed].advance()
            }
        }
        return slices
    }

    // MARK: Slices that are shown as they come

    /// Shows the next slice of a run that has a single file; false: there is none.
    private mutating func showNext() throws(VarveError) -> Bool {
        while true {
            if isShown { try feeds[stream].advance() }
            isShown = false
            guard feeds[stream].metric == metric, feeds[stream].run == streamedRun else {
                stream = -1
                return false
            }
            let slice = feeds[stream].front
            if slice.flags.contains(.automaticSteps), !isInOrder {
                if try hasGivenSteps(after: feeds[stream]) {
                    // Given steps come first, whatever the order in the segment.
                    try reorder()
                    return false
                }
                isInOrder = true
            }
            isShown = true
            // A run's slices of other files are none that count.
            guard case .alone = verdicts[stream][Int(slice.file)] else { continue }
            if show(slice, limits, .stream) { return true }
        }
    }

    /// Whether slices with given steps follow one with counted steps, in the same run of the same metric.
    private func hasGivenSteps(after feed: SegmentFeed) throws(VarveError) -> Bool {
        guard let page = feed.page else { return false }
        let run = feed.run
        for row in feed.rest {
            guard Int(row.run) == run else { return false }
            if !row.flags.contains(.automaticSteps) { return true }
        }
        guard let position = feed.reader.metrics.position(of: plan.metrics[metric]) else { return false }
        let end = feed.reader.metrics.metrics[position].pageRange.upperBound
        var next = page.number + 1
        while next < end, feed.reader.pages[next].firstRun == run {
            let table = try walker.cursor(feed.segment).slices(page: next)
            for row in 0..<table.count where Int(table.runs[row]) == run {
                if !table.flags[row].contains(.automaticSteps) { return true }
            }
            next += 1
        }
        return false
    }

    /// Goes on with a run in the order of its series instead of the segment's. Slices with given steps that were shown are not
    /// shown again: they are the first of that order, too.
    private mutating func reorder() throws(VarveError) {
        let feed = stream
        stream = -1
        let first = (page: feeds[feed].page?.number ?? 0, row: Int(feeds[feed].front.row))
        _ = try gather()
        let all = try walker.parts(plan.metrics[metric], run, nil, plan.query.view)
        parts = all.filter { part in
            guard case .index(let indexed) = part.source else { return true }
            let slice = indexed.slice
            return slice.flags.contains(.automaticSteps) || (slice.page, slice.row) >= first
        }
        nextPart = 0
    }

    /// Shows a slice; false: none of its points counts.
    @inline(__always)
    private mutating func show(_ slice: PageRow, _ limits: StepLimits, _ origin: Origin) -> Bool {
        type = slice.flags.valueType
        x = nil
        self.origin = origin
        if times == nil {
            if limits.isUnlimited || limits.contains(slice.lowStep...slice.highStep) {
                place = slice.place
                return true
            }
            if limits.excludes(slice.lowStep...slice.highStep) { return false }
        }
        if times == nil, slice.isAscending, let steps = slice.steps {
            place = slice.place.extracting(Self.positions(steps, Int(slice.count), limits))
        } else {
            self.origin = .scratch
            place = scratch.select(slice.place, limits, times)
        }
        return place.count > 0
    }

    /// Where the steps that count are among ascending ones.
    private static func positions(
        _ steps: UnsafePointer<Int>, _ count: Int, _ limits: StepLimits
    ) -> Range<Int> {
        func first(_ isReached: (Int64) -> Bool) -> Int {
            var (low, high) = (0, count)
            while low < high {
                let middle = (low + high) / 2
                if isReached(Int64(steps[middle])) { high = middle } else { low = middle + 1 }
            }
            return low
        }
        let start = first { $0 >= limits.lower }
        return start..<max(start, first { $0 > limits.upper })
    }

    // MARK: Stretches in order

    /// Shows a stretch; false: none of its points counts.
    private mutating func show(_ part: SeriesPart) throws(VarveError) -> Bool {
        attempt =
            switch part.source {
            case .index(let indexed): feeds[indexed.segment].reader.coverage.attempt(Int(indexed.slice.file))
            case .tail(let file, _, _): file.begin.attempt
            }
        // What a fork inherits stands on pages that were decoded for other runs, if they are at hand at all.
        if case .index(let indexed) = part.source, feeds[indexed.segment].reader.runs[indexed.slice.run] == run,
            let place = held.firstIndex(where: { $0.segment == indexed.segment && $0.number == indexed.slice.page })
        {
            // A slice that isn't there has no wanted step.
            guard let slice = held[place].row(ofSlice: indexed.slice.row) else { return false }
            if slice.steps != nil || part.below == nil {
                return show(slice, StepLimits(plan.query, part), .held(place))
            }
        }
        let points = try points(of: part)
        guard !points.isEmpty else { return false }
        (place, x) = scratch.fill(points)
        origin = .scratch
        type = part.type
        return true
    }

    /// The points of a stretch that count.
    private func points(of part: SeriesPart) throws(VarveError) -> PointBuffer {
        var points = PointBuffer()
        if try walker.isOutside(part, plan.query.steps) { return points }
        try walker.read(part, into: &points)
        let limits = StepLimits(plan.query, part)
        let times = plan.query.times
        if limits.isUnlimited, times == nil { return points }
        points.filter { step, time in
            guard limits.contains(step) else { return false }
            return times.map { time != FormatConstants.noTime && $0.contains(time) } ?? true
        }
        return points
    }

    // MARK: Series that have to be whole before their first point is known

    private mutating func showWhole() throws(VarveError) -> Bool {
        guard let last = parts.last else { return false }
        var points = PointBuffer()
        for part in parts { points.append(try self.points(of: part)) }
        nextPart = parts.count
        if plan.query.view == .lastPerStep { points = points.lastPerStep() }
        var x: [Double] = []
        if let metric = plan.query.x { x = try join(&points, with: metric) }
        guard !points.isEmpty else { return false }
        (type, attempt) = (last.type, nil)
        (place, self.x) = scratch.fill(points, x: x)
        origin = .scratch
        return true
    }

    /// The x metric's values for `points`: by position where both have the same steps, else by step; points without one go.
    private func join(_ points: inout PointBuffer, with metric: MetricKey) throws(VarveError) -> [Double] {
        var other = PointBuffer()
        for part in try walker.parts(metric, run, nil, plan.query.view) { other.append(try self.points(of: part)) }
        if plan.query.view == .lastPerStep { other = other.lastPerStep() }
        if other.steps == points.steps { return other.values.map(Double.init(bitPattern:)) }
        var byStep: [Int64: UInt64] = [:]
        for i in 0..<other.count { byStep[other.steps[i]] = other.values[i] }
        points.filter { step, _ in byStep[step] != nil }
        return points.steps.compactMap { byStep[$0].map(Double.init(bitPattern:)) }
    }
}
