import VarveFormat

/// Where one slice of a segment stands: consecutive points of one series in one log file.
package struct SliceRef: Hashable, Sendable {
    /// The page, as a row of the segment's directory, and the slice's row in it.
    package var page: Int
    package var row: Int
    /// Rows of the segment's runs and of its coverage.
    package var run: Int
    package var file: Int
    /// The axis and the first of its points that belongs to the slice.
    package var axis: Int
    package var start: Int
    package var count: Int
    package var flags: SliceFlags
    /// Where its values begin in the page.
    package var valueOffset: Int
    /// Where its time differences begin in the page; of use only with the flag ``SliceFlags/ownTimes``.
    package var timeOffset: Int

    package var values: Range<Int> { valueOffset..<(valueOffset + count) }
}

/// The slices of one page, with where their points stand in it. A class: it is looked at for every slice, and its six
/// columns
/// would be counted up and down each time.
final class SlicePage {
    let table: SliceTable
    /// For each slice, and one more for the end.
    let valueOffsets: [Int]
    let timeOffsets: [Int]

    init(_ table: SliceTable) {
        self.table = table
        var valueOffsets = [0]
        var timeOffsets = [0]
        valueOffsets.reserveCapacity(table.count + 1)
        timeOffsets.reserveCapacity(table.count + 1)
        var values = 0
        var times = 0
        for i in 0..<table.count {
            let count = Int(table.counts[i])
            values += count
            if table.flags[i].contains(.ownTimes) { times += count }
            valueOffsets.append(values)
            timeOffsets.append(times)
        }
        self.valueOffsets = valueOffsets
        self.timeOffsets = timeOffsets
    }

    var timeCount: Int { timeOffsets[timeOffsets.count - 1] }

    func ref(page: Int, row: Int) -> SliceRef {
        SliceRef(
            page: page, row: row, run: Int(table.runs[row]), file: Int(table.files[row]), axis: Int(table.axes[row]),
            start: Int(table.starts[row]), count: Int(table.counts[row]), flags: table.flags[row],
            valueOffset: valueOffsets[row], timeOffset: timeOffsets[row])
    }
}
