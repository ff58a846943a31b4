/// The payload of a points frame (Format.md, section 3.3), opened: its slices are known and checked, its points are
/// decoded
/// when they are asked for.
///
/// Not thread-safe: it decodes with the codec that it was given, and keeps what it decoded.
package final class PointsFrame {
    /// The points of one series.
    package struct Slice: Sendable, Hashable {
        package var series: UInt32
        package var axis: Int
        /// The first row of the axis.
        package var from: Int
        package var count: Int
        /// Whether its times aren't those of the axis.
        package var differs: Bool
        /// The group of its values, and where they begin there.
        var group: Int
        var valueStart: Int
        /// Where its time differences begin.
        var differenceStart: Int
    }

    /// A column that was found and not decoded yet.
    struct Column {
        var start: Int
        var count: Int
    }

    struct Axis {
        var steps: Column
        var times: Column
    }

    /// In the order of the frame; each series at most once.
    package let slices: [Slice]
    /// The number of points.
    package let count: Int

    let payload: [UInt8]
    let axes: [Axis]
    let groups: [Column]
    let differences: Column?
    let orderColumn: Column?
    let codec: ColumnCodec
    private var stepsOfAxes: [Int: [Int64]] = [:]
    private var timesOfAxes: [Int: [Int64]] = [:]
    private var valuesOfGroups: [Int: [UInt64]] = [:]
    private var decodedDifferences: [Int64]?

    /// Reads the slices of `payload`; `count` and `hasOrder` are what the frame's header says.
    package init(
        _ payload: [UInt8], count: Int, hasOrder: Bool, codec: ColumnCodec
    ) throws(FormatError) {
        var reader = ByteReader(payload.span.bytes)
        let layout = try PointsLayout(&reader, count: count, hasOrder: hasOrder, codec: codec)
        self.payload = payload
        self.codec = codec
        self.count = count
        axes = layout.axes
        slices = layout.slices
        groups = layout.groups
        differences = layout.differences
        orderColumn = layout.order
    }

    /// The points of the slice with this index, in the order of their sequences.
    package func points(ofSlice index: Int) throws(FormatError) -> SeriesPoints {
        SeriesPoints(
            series: slices[index].series, steps: try steps(ofSlice: index), times: try times(ofSlice: index),
            values: try values(ofSlice: index))
    }

    package func steps(ofSlice index: Int) throws(FormatError) -> [Int64] {
        let slice = slices[index]
        let steps = try steps(ofAxis: slice.axis)
        return slice.count == steps.count ? steps : Array(steps[slice.from..<(slice.from + slice.count)])
    }

    package func times(ofSlice index: Int) throws(FormatError) -> [Int64] {
        let slice = slices[index]
        let all = try times(ofAxis: slice.axis)
        var times = slice.count == all.count ? all : Array(all[slice.from..<(slice.from + slice.count)])
        if slice.differs {
            let differences = try timeDifferences()
            for i in 0..<slice.count { times[i] &+= differences[slice.differenceStart + i] }
        }
        return times
    }

    /// Bit patterns of binary64.
    package func values(ofSlice index: Int) throws(FormatError) -> [UInt64] {
        let slice = slices[index]
        let values = try values(ofGroup: slice.group)
        if slice.count == values.count { return values }
        return Array(values[slice.valueStart..<(slice.valueStart + slice.count)])
    }

    /// For each sequence the index of the slice to which its point belongs; nil if the frame doesn't say.
    package func order() throws(FormatError) -> [UInt32]? {
        guard let orderColumn else { return nil }
        let words: [UInt64] = try decode(orderColumn)
        var left = slices.map(\.count)
        var order: [UInt32] = []
        order.reserveCapacity(words.count)
        for word in words {
            guard word < UInt64(left.count), left[Int(word)] > 0 else {
                throw FormatError(
                    .corrupt, at: orderColumn.start, expected: "the order of the points of \(left.count) slices",
                    found: "slice \(word) once too often")
            }
            left[Int(word)] -= 1
            order.append(UInt32(word))
        }
        return order
    }

    private func steps(ofAxis axis: Int) throws(FormatError) -> [Int64] {
        if let known = stepsOfAxes[axis] { return known }
        let steps = try decodeIntegers(axes[axis].steps)
        stepsOfAxes[axis] = steps
        return steps
    }

    private func times(ofAxis axis: Int) throws(FormatError) -> [Int64] {
        if let known = timesOfAxes[axis] { return known }
        let times = try decodeIntegers(axes[axis].times)
        timesOfAxes[axis] = times
        return times
    }

    private func values(ofGroup group: Int) throws(FormatError) -> [UInt64] {
        if let known = valuesOfGroups[group] { return known }
        let values = try decode(groups[group])
        valuesOfGroups[group] = values
        return values
    }

    private func timeDifferences() throws(FormatError) -> [Int64] {
        if let decodedDifferences { return decodedDifferences }
        guard let differences else { return [] }
        let decoded = try decodeIntegers(differences)
        decodedDifferences = decoded
        return decoded
    }

    private func decode(_ column: Column) throws(FormatError) -> [UInt64] {
        let payload = payload
        var reader = ByteReader(payload.span.bytes)
        try reader.skip(column.start)
        return try codec.decode(&reader, count: column.count)
    }

    private func decodeIntegers(_ column: Column) throws(FormatError) -> [Int64] {
        let payload = payload
        var reader = ByteReader(payload.span.bytes)
        try reader.skip(column.start)
        return try codec.decodeIntegers(&reader, count: column.count)
    }
}
