import VarveFormat

/// The slices that a plan wants of one segment, in the order of metrics, runs and points. Pages are decoded ahead.
struct SegmentFeed {
    /// The segment's place in the snapshot.
    let segment: Int
    let reader: SegmentReader
    private let team: PageTeam
    private let columns: Query.Columns
    private let steps: ClosedRange<Int64>?
    /// Rows of the segment's runs that are wanted, ascending; nil: all.
    private let runs: [Int]?
    /// The plan's metrics that the segment has: the metric's row in the plan, and the pages that weren't asked for yet.
    private var ranges: [(metric: Int, pages: Range<Int>)]
    private var nextRange = 0
    private var nextWanted = 0
    /// About how many slices are wanted: the runs' share of what the pages have.
    let slices: Int
    /// Pages that were asked for.
    private var pending: [(metric: Int, job: PageJob)] = []

    /// The page at hand.
    private(set) var page: DecodedPage?
    /// Its slices, and which of them is at hand.
    private var rows: [PageRow] = []
    private(set) var row = 0
    /// The run at hand, as a row of the segment's.
    private(set) var run = 0
    /// The row of the plan's metric at hand; beyond all of them at the end.
    private(set) var metric = Int.max

    /// - Parameter first: the plan's first metric that is wanted.
    init(_ segment: Int, _ plan: SeriesPlan, from first: Int, _ team: PageTeam) throws(VarveError) {
        self.segment = segment
        self.team = team
        reader = plan.content.segments[segment]
        columns = plan.decodedColumns
        steps = plan.query.steps.map { Int64($0.lowerBound)...Int64($0.upperBound) }
        let reader = reader
        runs = plan.runs.map { $0.compactMap { reader.row(of: $0) }.sorted() }
        ranges = []
        if runs?.isEmpty != true {
            for (row, metric) in plan.metrics.enumerated() where row >= first {
                guard let position = reader.metrics.position(of: metric) else { continue }
                ranges.append((row, reader.metrics.metrics[position].pageRange))
            }
        }
        let all = ranges.reduce(0) { sum, range in range.pages.reduce(sum) { $0 + reader.pages[$1].slices } }
        let share = runs.map { Double($0.count) / Double(max(reader.runs.count, 1)) } ?? 1
        slices = Int(Double(all) * share)
        try turn()
    }

    /// The slice at hand; not to be asked for at the end.
    var front: PageRow { rows[row] }

    /// The slices after the one at hand that are on its page.
    var rest: ArraySlice<PageRow> { rows[(row + 1)...] }

    /// Moves on to the next slice.
    @inline(__always)
    mutating func advance() throws(VarveError) {
        row += 1
        if row < rows.count { run = Int(rows[row].run) } else { try turn() }
    }

    /// Turns to the next page that has a wanted slice.
    private mutating func turn() throws(VarveError) {
        row = 0
        while true {
            rows = []
            team.reuse(&page)
            if pending.count <= team.depth / 2 { request() }
            guard !pending.isEmpty else {
                metric = .max
                return
            }
            let next = pending.removeFirst()
            let decoded = try team.finish(next.job)
            page = decoded
            rows = decoded.rows
            metric = next.metric
            guard let first = rows.first else { continue }
            run = Int(first.run)
            return
        }
    }

    private mutating func request() {
        var requests: [PageRequest] = []
        var metrics: [Int] = []
        while pending.count + requests.count < team.depth, let next = nextPage() {
            metrics.append(next.metric)
            requests.append(
                PageRequest(
                    segment: segment, reader: reader, page: next.page, runs: runs, columns: columns, steps: steps))
        }
        guard !requests.isEmpty else { return }
        for (metric, job) in zip(metrics, team.submit(requests)) { pending.append((metric, job)) }
    }

    /// The next page that may have something that is wanted.
    private mutating func nextPage() -> (metric: Int, page: Int)? {
        while nextRange < ranges.count {
            let metric = ranges[nextRange].metric
            while skipPages(), let page = ranges[nextRange].pages.popFirst() {
                let entry = reader.pages[page]
                if let steps, entry.maxStep < steps.lowerBound || entry.minStep > steps.upperBound { continue }
                return (metric, page)
            }
            nextRange += 1
            nextWanted = 0
        }
        return nil
    }

    /// Skips pages of the metric at hand that have none of the wanted runs; false: there are no others.
    private mutating func skipPages() -> Bool {
        guard let runs else { return true }
        var pages = ranges[nextRange].pages
        while nextWanted < runs.count {
            let run = runs[nextWanted]
            // The first page that doesn't end before the run.
            var low = pages.lowerBound
            var high = pages.upperBound
            while low < high {
                let middle = (low + high) / 2
                if reader.pages[middle].lastRun < run { low = middle + 1 } else { high = middle }
            }
            pages = low..<pages.upperBound
            ranges[nextRange].pages = pages
            guard let first = pages.first else { return false }
            if reader.pages[first].firstRun <= run { return true }
            while nextWanted < runs.count, runs[nextWanted] < reader.pages[first].firstRun { nextWanted += 1 }
        }
        return false
    }
}
