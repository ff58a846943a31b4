import VarveFormat

/// Puts one curve together from the stretches of a series.
struct CurveBuilder {
    private let query: Query
    private let axis: Curve.Axis
    private let lookup: SliceLookup
    private var grid: PixelGrid
    /// The pixels that have points, but for the one at hand.
    private var pixels: [Int: CurvePixel] = [:]
    private var current: (index: Int, pixel: CurvePixel)?
    /// Stretches of the index that have points on some pixel.
    private var pieces: [Stretch.Indexed] = []
    /// Points before the stretch at hand.
    private var ordinal = 0

    init(_ query: Query, _ axis: Curve.Axis, _ grid: PixelGrid, _ lookup: SliceLookup) {
        self.query = query
        self.axis = axis
        self.grid = grid
        self.lookup = lookup
    }

    /// Adds all stretches of the series.
    mutating func add(_ stretches: [Stretch]) throws(VarveError) {
        let edges = try snap(stretches)
        for (i, stretch) in stretches.enumerated() { try add(stretch, edges[i]) }
    }

    // MARK: Edges

    /// Moves the edges of the pixels to where blocks begin, if blocks are that much smaller than pixels.
    ///
    /// - Returns: of stretches with irregular steps the first step of each block, and the last one, if they were looked at.
    private mutating func snap(_ stretches: [Stretch]) throws(VarveError) -> [Int: [Int64]] {
        let block = FormatConstants.summaryBlock
        let width = Double(UInt64(bitPattern: grid.end &- grid.starts[0])) / Double(grid.count)
        var places: [Int64] = []
        var irregular: [Int: [Int64]] = [:]
        for (i, stretch) in stretches.enumerated() {
            guard let indexed = stretch.indexed, indexed.place.isAscending else { continue }
            let count = indexed.slice.slice.count
            let span = UInt64(bitPattern: indexed.bounds.upperBound &- indexed.bounds.lowerBound)
            // Unless a block is about a quarter of a pixel wide, or less, hardly any begins near enough to an edge.
            guard count >= 2 * block, Double(span) / Double(count) * Double(block) <= width * 0.27 else { continue }
            let place = indexed.place
            if place.spacing > 0 {
                for first in stride(from: 0, to: count, by: block) {
                    places.append(place.first &+ Int64(first) &* place.spacing)
                }
            } else {
                let steps = try lookup.walker.cursor(indexed.slice.segment).steps(axisPage: place.page)[place.range]
                let edges = stride(from: 0, to: count, by: block).map { steps[steps.startIndex + $0] }
                places += edges
                irregular[i] = edges + [steps[steps.endIndex - 1]]
            }
        }
        grid.snap(to: places)
        return irregular
    }

    // MARK: Stretches

    private mutating func add(_ stretch: Stretch, _ edges: [Int64]?) throws(VarveError) {
        guard let indexed = stretch.indexed else {
            return add(try lookup.points(of: stretch.part, query, needsTime: axis == .times))
        }
        let limits = StepLimits(query, stretch.part)
        let (slice, place, bounds) = (indexed.slice, indexed.place, indexed.bounds)
        defer { ordinal += slice.slice.count }
        if limits.excludes(bounds) || bounds.upperBound < grid.starts[0] || bounds.lowerBound > grid.end { return }
        pieces.append(indexed)
        guard let (whole, blocks) = try lookup.summaries(of: slice) else {
            return try decode(0..<slice.slice.count, of: slice, place, limits)
        }
        if limits.contains(bounds), let pixel = grid.pixel(of: bounds) {
            return add(whole, slice.slice.count, at: 0, to: pixel)
        }
        guard place.isAscending, !blocks.isEmpty, place.spacing > 0 || edges != nil else {
            return try decode(0..<slice.slice.count, of: slice, place, limits)
        }
        try add(blocks, edges, of: slice, place, limits)
    }

    /// Adds a slice block by block; those that an edge or a limit cuts are decoded, neighbours at once.
    private mutating func add(
        _ blocks: ArraySlice<SliceSummary>, _ edges: [Int64]?, of slice: IndexedSlice, _ place: AxisPlace,
        _ limits: StepLimits
    ) throws(VarveError) {
        /// Points of the slice, and the pixel onto which they fall with the summary of their block; nil: they are decoded.
        var runs: [(range: Range<Int>, whole: (pixel: Int, block: SliceSummary)?)] = []
        for (i, block) in blocks.enumerated() {
            let start = i * FormatConstants.summaryBlock
            let range = start..<min(slice.slice.count, start + FormatConstants.summaryBlock)
            let steps: ClosedRange<Int64>
            if let edges {
                // Steps ascend, unless the file lies: a block ends before the next one begins.
                let end = i + 1 < blocks.count ? edges[i + 1] &- 1 : edges[i + 1]
                steps = edges[i]...max(edges[i], end)
            } else {
                let first = place.first &+ Int64(start) &* place.spacing
                steps = first...(first &+ Int64(range.count - 1) &* place.spacing)
            }
            if limits.excludes(steps) { continue }
            if limits.contains(steps), let pixel = grid.pixel(of: steps) {
                runs.append((range, (pixel, block)))
            } else if let last = runs.last, last.whole == nil, last.range.upperBound == range.lowerBound {
                runs[runs.count - 1].range = last.range.lowerBound..<range.upperBound
            } else {
                runs.append((range, nil))
            }
        }
        let cut = runs.filter { $0.whole == nil }.map(\.range)
        // Where much is cut, the page is decoded as a whole.
        var parts: [[UInt64]] = []
        if !cut.isEmpty, cut.reduce(0, { $0 + $1.count }) < slice.slice.count / 2 {
            let offset = slice.slice.valueOffset
            let ranges = cut.map { ($0.lowerBound + offset)..<($0.upperBound + offset) }
            parts = try lookup.walker.cursor(slice.segment).values(page: slice.slice.page, ranges: ranges)
        }
        var next = parts.makeIterator()
        for (range, whole) in runs {
            if let (pixel, block) = whole {
                add(block, range.count, at: range.lowerBound, to: pixel)
            } else if let values = next.next() {
                try add(values[...], range, of: slice, place, limits)
            } else {
                try decode(range, of: slice, place, limits)
            }
        }
    }

    /// Decodes points of the slice that was added last.
    private mutating func decode(
        _ range: Range<Int>, of slice: IndexedSlice, _ place: AxisPlace, _ limits: StepLimits
    ) throws(VarveError) {
        let values = try lookup.walker.cursor(slice.segment).values(page: slice.slice.page)
        let offset = slice.slice.valueOffset
        try add(
            values[(offset + range.lowerBound)..<(offset + range.upperBound)], range, of: slice, place, limits)
    }

    /// Adds points of the slice that was added last, those of a range, with their values.
    private mutating func add(
        _ values: ArraySlice<UInt64>, _ range: Range<Int>, of slice: IndexedSlice, _ place: AxisPlace,
        _ limits: StepLimits
    ) throws(VarveError) {
        let offset = values.startIndex - range.lowerBound
        let steps: [Int64]
        let stepOffset: Int
        if place.spacing > 0 {
            let (first, spacing) = (place.first, place.spacing)
            steps = range.map { first &+ Int64($0) &* spacing }
            stepOffset = -range.lowerBound
        } else {
            steps = try lookup.walker.cursor(slice.segment).steps(axisPage: place.page)
            stepOffset = place.range.lowerBound
        }
        var i = range.lowerBound
        while i < range.upperBound {
            let step = steps[stepOffset + i]
            guard limits.contains(step), grid.range.contains(step) else {
                i += 1
                continue
            }
            // As many as fall onto the same pixel.
            let pixel = grid.pixel(of: step)
            let wanted = grid[pixel]
            let start = i
            repeat {
                i += 1
            } while i < range.upperBound && wanted.contains(steps[stepOffset + i])
                && limits.contains(steps[stepOffset + i])
            let summary = SliceSummary(values[(offset + start)..<(offset + i)].span)
            add(summary, i - start, at: start, to: pixel)
        }
    }

    /// Adds points that were decoded, with their steps and times.
    mutating func add(_ points: PointBuffer) {
        let x = axis == .steps ? points.steps : points.times
        var i = 0
        while i < points.count {
            let pixel = grid.range.contains(x[i]) ? grid.pixel(of: x[i]) : nil
            let start = i
            i += 1
            guard let pixel else { continue }
            let wanted = grid[pixel]
            while i < points.count && wanted.contains(x[i]) { i += 1 }
            let ordinal = ordinal
            add(SliceSummary(points.values[start..<i].span), i - start, to: pixel) { position, value in
                CurveMark(
                    value: value, ordinal: ordinal + start + position, step: points.steps[start + position],
                    time: points.times[start + position])
            }
        }
        ordinal += points.count
    }

    // MARK: Pixels

    /// Adds points of the slice that was added last.
    private mutating func add(_ summary: SliceSummary, _ count: Int, at start: Int, to pixel: Int) {
        let (piece, ordinal) = (pieces.count - 1, ordinal)
        add(summary, count, to: pixel) { position, value in
            CurveMark(value: value, ordinal: ordinal + start + position, piece: (piece, start + position))
        }
    }

    private mutating func add(
        _ summary: SliceSummary, _ count: Int, to index: Int, _ mark: (_ position: Int, _ value: UInt64) -> CurveMark
    ) {
        if let current, current.index != index {
            pixels[current.index] = current.pixel
            self.current = nil
        }
        if current == nil { current = (index, pixels[index] ?? CurvePixel(first: mark(0, summary.first))) }
        current?.pixel.add(summary, count, mark)
    }

    // MARK: The end

    /// The curve; times of what stands in the index are looked up only if they are wanted.
    mutating func finish(run: RunID, metric: MetricKey, includingTimes: Bool) throws(VarveError) -> Curve {
        if let current { pixels[current.index] = current.pixel }
        let drawn = pixels.sorted { $0.key < $1.key }
        var marks: [CurveMark] = []
        for (_, pixel) in drawn {
            marks += [pixel.first, pixel.last]
            if let min = pixel.min { marks.append(min) }
            if let max = pixel.max { marks.append(max) }
        }
        var points = try self.points(marks, includingTimes: includingTimes).makeIterator()
        var curve = Curve(run: run, metric: metric, axis: axis)
        curve.pixels.reserveCapacity(drawn.count)
        for (index, pixel) in drawn {
            guard let first = points.next(), let last = points.next() else { break }
            let low = pixel.min == nil ? nil : points.next()
            let high = pixel.max == nil ? nil : points.next()
            curve.pixels.append(
                Curve.Pixel(
                    index: index, range: grid[index], count: pixel.count, first: first, last: last, min: low, max: high,
                    isMinFirst: (pixel.min?.ordinal ?? 0) <= (pixel.max?.ordinal ?? 0), nan: pixel.summary.nan,
                    positiveInfinite: pixel.summary.positiveInfinite, negativeInfinite: pixel.summary.negativeInfinite))
        }
        return curve
    }

    /// The points of marks, looked up in the order of the series, so that each page is decoded once.
    private func points(_ marks: [CurveMark], includingTimes: Bool) throws(VarveError) -> [Curve.Point] {
        var points = [Curve.Point](
            repeating: Curve.Point(step: 0, time: FormatConstants.noTime, value: 0), count: marks.count)
        for i in marks.indices.sorted(by: { marks[$0].ordinal < marks[$1].ordinal }) {
            let mark = marks[i]
            var (step, time) = (mark.step, includingTimes ? mark.time : FormatConstants.noTime)
            if let (index, position) = mark.piece {
                let piece = pieces[index]
                step = try lookup.step(position, of: piece.slice, piece.place)
                if includingTimes { time = try lookup.time(position, of: piece.slice, piece.place) }
            }
            points[i] = Curve.Point(step: Int(step), time: time, value: Double(bitPattern: mark.value))
        }
        return points
    }
}
