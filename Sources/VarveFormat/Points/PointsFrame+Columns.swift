extension PointsFrame {
    /// The rows of each axis.
    package var axisRows: [Int] { axes.map(\.steps.count) }

    /// Appends the rows of all axes, end to end in the order of their numbers.
    package func appendAxes(steps: inout [Int64], times: inout [Int64]) throws(FormatError) {
        for axis in axes {
            try append(axis.steps, to: &steps)
            try append(axis.times, to: &times)
        }
    }

    /// Appends the values of all slices, end to end in their order.
    package func appendValues(to values: inout [UInt64]) throws(FormatError) {
        // A group is of consecutive slices.
        for group in groups { try append(group, to: &values) }
    }

    /// Appends what is to be added to the times of an axis: of the slices that differ, end to end in their order.
    package func appendDifferences(to differences: inout [Int64]) throws(FormatError) {
        if let column = self.differences { try append(column, to: &differences) }
    }

    private func append<Word: FixedWidthInteger & BitwiseCopyable>(
        _ column: Column, to words: inout [Word]
    ) throws(FormatError) {
        let needed = words.count + column.count
        if needed > words.capacity { words.reserveCapacity(max(needed, 2 * words.capacity)) }
        var failure: FormatError?
        words.append(addingCapacity: column.count) { span in
            span.withUnsafeMutableBufferPointer { target, filled in
                let target = UnsafeMutableBufferPointer(rebasing: target[..<column.count])
                target.withMemoryRebound(to: UInt64.self) { target in
                    payload.withUnsafeBytes { bytes in
                        var reader = ByteReader(bytes.bytes)
                        do throws(FormatError) {
                            try reader.skip(column.start)
                            try codec.decode(&reader, into: target)
                            filled = column.count
                        } catch { failure = error }
                    }
                }
            }
        }
        if let failure { throw failure }
    }
}
