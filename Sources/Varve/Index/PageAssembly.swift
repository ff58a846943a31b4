import VarveFormat

/// Collects the axes of a page. Its memory is kept from page to page.
struct AxisAssembler {
    private(set) var table = AxisTable()
    private(set) var steps: [Int64] = []
    private(set) var times: [Int64] = []

    var isEmpty: Bool { table.count == 0 }

    /// Whether an axis of `count` points still fits into the page.
    func fits(_ count: Int) -> Bool { isEmpty || PageRules.fits(count, points: steps.count, slices: table.count) }

    mutating func append(run: Int, file: Int, steps: ArraySlice<Int64>, times: ArraySlice<Int64>) {
        precondition(!steps.isEmpty && steps.count <= FormatConstants.axisPoints && steps.count == times.count)
        var bounds = (min: Int64.max, max: Int64.min)
        var isAscending = true
        // Wraps where steps descend, and then isn't used.
        let spacing = steps.count > 1 ? steps[steps.startIndex + 1] &- steps[steps.startIndex] : 1
        var isRegular = spacing > 0
        var last: Int64?
        for step in steps {
            bounds = (min(bounds.min, step), max(bounds.max, step))
            if let last {
                if last >= step { isAscending = false }
                if step &- last != spacing { isRegular = false }
            }
            last = step
        }
        table.append(
            run: run, file: file, count: steps.count, isAscending: isAscending, minStep: bounds.min,
            maxStep: bounds.max, spacing: isRegular && isAscending ? spacing : 0)
        self.steps += steps
        self.times += times
    }

    /// What the directory says of the page.
    var entry: PageEntry {
        var entry = PageEntry()
        entry.points = steps.count
        entry.slices = table.count
        entry.firstRun = Int(table.runs[0])
        entry.lastRun = Int(table.runs[table.count - 1])
        for i in 0..<table.count {
            entry.minStep = min(entry.minStep, table.minSteps[i])
            entry.maxStep = max(entry.maxStep, table.maxSteps[i])
        }
        return entry
    }

    /// Begins the next page.
    mutating func removeAll() {
        table.removeAll()
        steps.removeAll(keepingCapacity: true)
        times.removeAll(keepingCapacity: true)
    }
}

/// Collects the slices of a page. Its memory is kept from page to page.
struct SliceAssembler {
    private(set) var table = SliceTable()
    private(set) var values: [UInt64] = []
    private(set) var differences: [Int64] = []
    private(set) var summaries = PageSummaries()
    private var zones = PageEntry()
    /// Where the values of the slice at hand begin.
    private var start = 0

    var isEmpty: Bool { table.count == 0 }

    /// What the directory says of the page.
    var entry: PageEntry {
        var entry = zones
        entry.points = values.count
        entry.slices = table.count
        entry.firstRun = Int(table.runs[0])
        entry.lastRun = Int(table.runs[table.count - 1])
        return entry
    }

    /// Whether a slice of `count` points still fits into the page.
    func fits(_ count: Int) -> Bool { isEmpty || PageRules.fits(count, points: values.count, slices: table.count) }

    /// Appends values of the slice at hand.
    mutating func append(_ more: Span<UInt64>) { more.withUnsafeBufferPointer { values.append(contentsOf: $0) } }

    /// Ends the slice whose values were appended. Returns how many there are.
    mutating func close(
        _ slice: NewSlice, differences: ArraySlice<Int64>, steps: ClosedRange<Int64>
    ) -> Int {
        let count = values.count - start
        precondition(count > 0 && slice.start + count <= FormatConstants.axisPoints)
        precondition(differences.isEmpty || differences.count == count)
        var flags = slice.flags
        if differences.isEmpty { flags.remove(.ownTimes) } else { flags.insert(.ownTimes) }
        table.append(
            run: slice.run, file: slice.file, axis: slice.axis, start: slice.start, count: count, flags: flags)
        var summaries = PageSummaries()
        swap(&summaries, &self.summaries)
        let summary = summaries.append(values.span.extracting(start..<values.count))
        swap(&summaries, &self.summaries)
        zones.minValue = min(zones.minValue, summary.min)
        zones.maxValue = max(zones.maxValue, summary.max)
        zones.nan += summary.nan
        zones.infinite += summary.positiveInfinite + summary.negativeInfinite
        zones.minStep = min(zones.minStep, steps.lowerBound)
        zones.maxStep = max(zones.maxStep, steps.upperBound)
        self.differences += differences
        start = values.count
        return count
    }

    /// Begins the next page.
    mutating func removeAll() {
        table.removeAll()
        values.removeAll(keepingCapacity: true)
        differences.removeAll(keepingCapacity: true)
        summaries.removeAll()
        zones = PageEntry()
        start = 0
    }
}

/// How full pages are made; the format allows four times that.
enum PageRules {
    static let points = FormatConstants.axisPoints
    static let slices = 4096
    /// Pages of more slices have series of fewer than 256 points: their values are stored so that one is read without the rest.
    static let fewSlices = 64

    /// Whether `count` more points, in one more slice, fit into a page that has some.
    static func fits(_ count: Int, points: Int, slices: Int) -> Bool {
        points + count <= Self.points && slices < Self.slices
    }

    /// Whether a page is so full that a merge copies it as it is.
    static func isWorthCopying(_ page: PageEntry) -> Bool {
        page.points >= points / 2 || page.slices >= slices / 2
    }
}
