import VarveFormat

/// One page of a metric in memory: those of its slices that are wanted, and where their points stand.
///
/// A ``PageDecoder`` fills it, on whatever thread; then it is only read, until its last owner gives it back to be filled anew.
final class DecodedPage: @unchecked Sendable {
    /// The segment, by its place in the snapshot, and the row of its directory.
    var segment = 0
    var number = 0
    /// In the order of the page.
    var rows: [PageRow] = []
    /// Its own columns.
    private let memory: PageMemory
    private let pool: PagePool
    /// What rows point to and other pages may, too.
    var shared: [WordBlock] = []

    init(_ pool: PagePool) {
        self.pool = pool
        memory = pool.take()
    }

    deinit { pool.give(memory) }

    var values: WordBlock { memory.values }
    var steps: WordBlock { memory.steps }
    var times: WordBlock { memory.times }
    /// Of times to those of their axis; then times.
    var differences: WordBlock { memory.differences }

    /// The row of a slice, by its place in the page's table; nil: it isn't wanted.
    func row(ofSlice slice: Int) -> PageRow? {
        var low = 0
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            if Int(rows[middle].row) < slice { low = middle + 1 } else { high = middle }
        }
        return low < rows.count && Int(rows[low].row) == slice ? rows[low] : nil
    }

    /// Changes every row. In an object each access is checked: this is one.
    func changeRows(_ body: (inout PageRow) -> Void) {
        var changed = rows
        rows = []
        for i in changed.indices { body(&changed[i]) }
        rows = changed
    }

    /// Where the values of the rows stand in the page, from the first to the last.
    var covered: Range<Int> {
        guard let first = rows.first, let last = rows.last else { return 0..<0 }
        return Int(first.valueOffset)..<Int(last.valueOffset + last.count)
    }

    /// Points of its rows, and of those between them.
    var points: Int { covered.count }

    /// Where a slice stands in its segment.
    func ref(_ row: PageRow) -> SliceRef {
        SliceRef(
            page: number, row: Int(row.row), run: Int(row.run), file: Int(row.file), axis: Int(row.axis),
            start: Int(row.start), count: Int(row.count), flags: row.flags, valueOffset: Int(row.valueOffset),
            timeOffset: Int(row.timeOffset))
    }
}

/// A slice of a decoded page.
struct PageRow {
    /// The slice's row in the page's table.
    var row: UInt32
    /// Rows of the segment's runs and of its coverage.
    var run: UInt32
    var file: UInt32
    var axis: UInt32
    var start: UInt32
    var count: UInt32
    /// Where its values, and its time differences, begin in the page.
    var valueOffset: UInt32
    var timeOffset: UInt32
    var flags: SliceFlags
    /// Each step is above the one before it.
    var isAscending: Bool
    /// Bounds of its steps, if axes were looked at. They hold, but need not be attained.
    var lowStep = Int64.min
    var highStep = Int64.max
    var steps: UnsafePointer<Int>?
    var times: UnsafePointer<Int64>?
    var values: UnsafePointer<Double>?

    var place: PointPlace { PointPlace(steps: steps, times: times, values: values, count: Int(count)) }
}
