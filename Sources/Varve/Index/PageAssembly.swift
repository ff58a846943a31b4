import VarveFormat

/// Collects the axes of a page.
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

    /// Hands the page over and begins the next.
    mutating func take() -> (entry: PageEntry, table: AxisTable, steps: [Int64], times: [Int64]) {
        var entry = PageEntry()
        entry.points = steps.count
        entry.slices = table.count
        entry.firstRun = Int(table.runs[0])
        entry.lastRun = Int(table.runs[table.count - 1])
        for i in 0..<table.count {
            entry.minStep = min(entry.minStep, table.minSteps[i])
            entry.maxStep = max(entry.maxStep, table.maxSteps[i])
        }
        defer { self = AxisAssembler() }
        return (entry, table, steps, times)
    }
}

/// Collects the slices of a page.
struct SliceAssembler {
    private(set) var table = SliceTable()
    private(set) var values: [UInt64] = []
    private(set) var differences: [Int64] = []
    private(set) var summaries = PageSummaries()
    private var entry = PageEntry()

    var isEmpty: Bool { table.count == 0 }

    /// Whether a slice of `count` points still fits into the page.
    func fits(_ count: Int) -> Bool { isEmpty || PageRules.fits(count, points: values.count, slices: table.count) }

    mutating func append(
        _ slice: NewSlice, values: ArraySlice<UInt64>, differences: ArraySlice<Int64>, steps: ClosedRange<Int64>
    ) {
        precondition(!values.isEmpty && slice.start + values.count <= FormatConstants.axisPoints)
        precondition(differences.isEmpty || differences.count == values.count)
        var flags = slice.flags
        if differences.isEmpty { flags.remove(.ownTimes) } else { flags.insert(.ownTimes) }
        table.append(
            run: slice.run, file: slice.file, axis: slice.axis, start: slice.start, count: values.count, flags: flags)
        let summary = summaries.append(values.span)
        entry.minValue = min(entry.minValue, summary.min)
        entry.maxValue = max(entry.maxValue, summary.max)
        entry.nan += summary.nan
        entry.infinite += summary.positiveInfinite + summary.negativeInfinite
        entry.minStep = min(entry.minStep, steps.lowerBound)
        entry.maxStep = max(entry.maxStep, steps.upperBound)
        self.values += values
        self.differences += differences
    }

    /// Hands the page over and begins the next.
    mutating func take() -> (
        entry: PageEntry, table: SliceTable, values: [UInt64], differences: [Int64], summaries: PageSummaries
    ) {
        entry.points = values.count
        entry.slices = table.count
        entry.firstRun = Int(table.runs[0])
        entry.lastRun = Int(table.runs[table.count - 1])
        defer { self = SliceAssembler() }
        return (entry, table, values, differences, summaries)
    }
}

/// How full pages are made; the format allows four times that.
enum PageRules {
    static let points = FormatConstants.axisPoints
    static let slices = 4096

    /// Whether `count` more points, in one more slice, fit into a page that has some.
    static func fits(_ count: Int, points: Int, slices: Int) -> Bool {
        points + count <= Self.points && slices < Self.slices
    }

    /// Whether a page is so full that a merge copies it as it is.
    static func isWorthCopying(_ page: PageEntry) -> Bool {
        page.points >= points / 2 || page.slices >= slices / 2
    }
}
