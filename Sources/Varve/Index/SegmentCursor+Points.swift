import VarveFormat

extension SegmentCursor {
    /// Appends the steps of a slice.
    package func appendSteps(of slice: SliceRef, to steps: inout [Int64]) throws(VarveError) {
        let place = try place(of: slice)
        steps.append(contentsOf: try self.steps(axisPage: place.page)[place.range])
    }

    /// Appends the times of a slice, nanoseconds since 1970.
    package func appendTimes(of slice: SliceRef, to times: inout [Int64]) throws(VarveError) {
        let place = try place(of: slice)
        let first = times.count
        times.append(contentsOf: try self.times(axisPage: place.page)[place.range])
        guard slice.flags.contains(.ownTimes) else { return }
        let differences = try timeDifferences(page: slice.page)
        for i in 0..<slice.count { times[first + i] &+= differences[slice.timeOffset + i] }
    }

    /// Appends the values of a slice, as bit patterns.
    package func appendValues(of slice: SliceRef, to values: inout [UInt64]) throws(VarveError) {
        values.append(contentsOf: try self.values(page: slice.page)[slice.values])
    }

    /// The axis of a slice: how many points it has, its bounds, and whether its steps ascend strictly.
    package func axisBounds(of slice: SliceRef) throws(VarveError) -> (count: Int, steps: ClosedRange<Int64>) {
        let page = try place(of: slice).page
        let table = try loadAxes(page).table
        let row = slice.axis - segment.pages[page].firstAxis
        return (Int(table.counts[row]), table.minSteps[row]...table.maxSteps[row])
    }
}

/// Walks the slices of one metric in the order of the segment: run, then attempt, n, seal after its source, sequence.
package struct SliceIterator {
    private let cursor: SegmentCursor
    private let wanted: [Int]?
    private var nextWanted = 0
    private var page: Int
    private let endPage: Int
    private var row = 0

    /// - Parameters:
    ///   - metric: the position of the metric in the segment.
    ///   - runs: rows of the segment's runs, ascending; nil: all. Pages without any of them aren't read.
    package init(_ cursor: SegmentCursor, metric: Int, runs: [Int]? = nil) {
        self.cursor = cursor
        wanted = runs
        let range = cursor.segment.metrics.metrics[metric].pageRange
        page = range.lowerBound
        endPage = range.upperBound
    }

    package mutating func next() throws(VarveError) -> SliceRef? {
        while page < endPage {
            if row == 0, let wanted {
                guard skipPages(wanted) else { return nil }
            }
            let slices = try cursor.loadSlices(page)
            while row < slices.table.count {
                let run = Int(slices.table.runs[row])
                if let wanted {
                    while nextWanted < wanted.count, wanted[nextWanted] < run { nextWanted += 1 }
                    guard nextWanted < wanted.count else { return nil }
                    if wanted[nextWanted] > run {
                        row += 1
                        continue
                    }
                }
                defer { row += 1 }
                return slices.ref(page: page, row: row)
            }
            page += 1
            row = 0
        }
        return nil
    }

    /// Moves on to the next page that may hold a wanted run; false at the end.
    private mutating func skipPages(_ wanted: [Int]) -> Bool {
        let pages = cursor.segment.pages
        while nextWanted < wanted.count {
            let run = wanted[nextWanted]
            var low = page
            var high = endPage
            while low < high {
                let middle = (low + high) / 2
                if pages[middle].lastRun < run { low = middle + 1 } else { high = middle }
            }
            page = low
            guard page < endPage else { return false }
            if pages[page].firstRun <= run { return true }
            // The run isn't here: on to the first one that may be.
            while nextWanted < wanted.count, wanted[nextWanted] < pages[page].firstRun { nextWanted += 1 }
        }
        page = endPage
        return false
    }
}
