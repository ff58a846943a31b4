/// What stands where in the payload of a points frame: everything but the points is read and checked.
///
/// After it was made, each slice lies within its axis, its group and the differences, and all together have as many
/// points
/// as the frame.
struct PointsLayout {
    private(set) var axes: [PointsFrame.Axis] = []
    private(set) var slices: [PointsFrame.Slice] = []
    private(set) var groups: [PointsFrame.Column] = []
    private(set) var differences: PointsFrame.Column?
    private(set) var order: PointsFrame.Column?

    init(
        _ reader: inout ByteReader, count: Int, hasOrder: Bool, codec: ColumnCodec
    ) throws(FormatError) {
        guard (0...FormatConstants.maxFramePoints).contains(count) else {
            throw FormatError(
                .capExceeded, at: 0, expected: "at most \(FormatConstants.maxFramePoints) points", found: "\(count)")
        }
        try takeAxes(&reader, count)
        try takeSlices(&reader, count, codec)
        try takeGroups(&reader)
        let different = slices.reduce(0) { $0 + ($1.differs ? $1.count : 0) }
        if different > 0 { differences = try Self.column(&reader, different) }
        if hasOrder { order = try Self.column(&reader, count) }
    }

    private static func column(_ reader: inout ByteReader, _ count: Int) throws(FormatError) -> PointsFrame.Column {
        let start = reader.offset
        try ColumnCodec.skip(&reader, count: count)
        return PointsFrame.Column(start: start, count: count)
    }

    private mutating func takeAxes(_ reader: inout ByteReader, _ count: Int) throws(FormatError) {
        let number = try reader.count("the axes of a frame", cap: count)
        var left = count
        for _ in 0..<number {
            let start = reader.offset
            let rows = try reader.count("the rows of an axis", cap: left)
            guard rows > 0 else {
                throw FormatError(.corrupt, at: start, expected: "an axis of at least one row", found: "0")
            }
            left -= rows
            axes.append(
                PointsFrame.Axis(steps: try Self.column(&reader, rows), times: try Self.column(&reader, rows)))
        }
    }

    private mutating func takeSlices(
        _ reader: inout ByteReader, _ count: Int, _ codec: ColumnCodec
    ) throws(FormatError) {
        let start = reader.offset
        let number = try reader.count("the slices of a frame", cap: count)
        let series = try codec.decode(&reader, count: number)
        let axis = try codec.decode(&reader, count: number)
        let from = try codec.decode(&reader, count: number)
        let counts = try codec.decode(&reader, count: number)
        let differs = try codec.decode(&reader, count: number)

        var left = count
        var differenceStart = 0
        slices.reserveCapacity(number)
        for i in 0..<number {
            guard series[i] < UInt64(FormatConstants.maxSeries), axis[i] < UInt64(axes.count), differs[i] <= 1 else {
                throw FormatError(
                    .corrupt, at: start, expected: "a series, one of \(axes.count) axes, and 0 or 1 in slice \(i)",
                    found: "\(series[i]), \(axis[i]), \(differs[i])")
            }
            let rows = UInt64(axes[Int(axis[i])].steps.count)
            guard counts[i] >= 1, counts[i] <= rows, from[i] <= rows - counts[i], counts[i] <= UInt64(left) else {
                throw FormatError(
                    .corrupt, at: start, expected: "slice \(i) within an axis of \(rows) rows and a frame of \(count)",
                    found: "\(counts[i]) points from row \(from[i])")
            }
            slices.append(
                PointsFrame.Slice(
                    series: UInt32(series[i]), axis: Int(axis[i]), from: Int(from[i]), count: Int(counts[i]),
                    differs: differs[i] == 1, group: 0, valueStart: 0, differenceStart: differenceStart))
            left -= Int(counts[i])
            if differs[i] == 1 { differenceStart += Int(counts[i]) }
        }
        guard left == 0 else {
            throw FormatError(.corrupt, at: start, expected: "slices of \(count) points", found: "\(count - left)")
        }
        guard Self.areDistinct(series) else {
            throw FormatError(.corrupt, at: start, expected: "one slice a series", found: "several")
        }
    }

    /// Whether no number, each below the cap of series, comes twice.
    private static func areDistinct(_ series: [UInt64]) -> Bool {
        guard let highest = series.max() else { return true }
        var seen = [UInt64](repeating: 0, count: Int(highest / 64) + 1)
        for number in series {
            let bit: UInt64 = 1 &<< (number % 64)
            if seen[Int(number / 64)] & bit != 0 { return false }
            seen[Int(number / 64)] |= bit
        }
        return true
    }

    private mutating func takeGroups(_ reader: inout ByteReader) throws(FormatError) {
        let number = try reader.count("the groups of a frame", cap: slices.count)
        var next = 0
        for group in 0..<number {
            let start = reader.offset
            let members = try reader.count("the slices of a group", cap: slices.count - next)
            guard members > 0 else {
                throw FormatError(.corrupt, at: start, expected: "a group of at least one slice", found: "0")
            }
            var values = 0
            for slice in next..<(next + members) {
                slices[slice].group = group
                slices[slice].valueStart = values
                values += slices[slice].count
            }
            next += members
            groups.append(try Self.column(&reader, values))
        }
        guard next == slices.count else {
            throw FormatError(
                .corrupt, at: reader.offset, expected: "\(slices.count) slices in all groups", found: "\(next)")
        }
    }
}
