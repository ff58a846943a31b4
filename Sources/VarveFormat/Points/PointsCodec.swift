/// Turns points into the payload of a points frame (Format.md, section 3.3).
///
/// Keeps its memory between frames: make one a thread. Not thread-safe.
package final class PointsCodec {
    package let columns = ColumnCodec()
    private var grouper = PointsGrouper()

    /// A series of at least this many points has a value column of its own; shorter ones share, by kind of value.
    private static let longSlice = 512

    package init() {}

    /// The payload of a frame that holds `batch`, of at most 1,048,576 points.
    ///
    /// - Parameter order: whether to say for each sequence to which series it belongs. The frame's header must say so too.
    package func encode(_ batch: PointsBatch, order: Bool = false, effort: ColumnEffort = .log) -> [UInt8] {
        encode(grouper.group(batch), order: order, effort: effort)
    }

    /// The payload of a frame that holds these series, each at most once.
    package func encode(_ slices: [SeriesPoints], effort: ColumnEffort = .index) -> [UInt8] {
        encode(GroupedPoints(slices), order: false, effort: effort)
    }

    private func encode(_ points: GroupedPoints, order: Bool, effort: ColumnEffort) -> [UInt8] {
        precondition(points.values.count <= FormatConstants.maxFramePoints, "more points than a frame may have")
        precondition(points.series.allSatisfy { $0 < FormatConstants.maxSeries }, "a series' number is beyond the cap")
        let axes = PointsAxes(points)
        let groups = ValueGroups(points, longSlice: Self.longSlice)
        var writer = ByteWriter(capacity: points.values.count * 4 + 256)

        writer.varint(axes.axes.count)
        for axis in axes.axes {
            writer.varint(axis.steps.count)
            columns.encode(axis.steps, effort: effort, into: &writer)
            columns.encode(axis.times, effort: effort, into: &writer)
        }

        let slots = groups.slots
        writer.varint(slots.count)
        columns.encode(slots.map { Int64(points.series[$0]) }, effort: effort, into: &writer)
        columns.encode(slots.map { Int64(axes.places[$0].axis) }, effort: effort, into: &writer)
        columns.encode(slots.map { Int64(axes.places[$0].from) }, effort: effort, into: &writer)
        columns.encode(slots.map { Int64(points.range($0).count) }, effort: effort, into: &writer)
        columns.encode(slots.map { axes.places[$0].differs ? 1 : 0 }, effort: effort, into: &writer)

        writer.varint(groups.groups.count)
        for group in groups.groups {
            writer.varint(group.count)
            encodeValues(points, group, effort, into: &writer)
        }

        if !axes.differences.isEmpty {
            var differences: [Int64] = []
            differences.reserveCapacity(axes.differences.count)
            for slot in slots { differences += axes.differences[axes.ranges[slot]] }
            columns.encode(differences, effort: effort, into: &writer)
        }

        if order {
            var slices = [Int64](repeating: 0, count: slots.count)
            for (slice, slot) in slots.enumerated() { slices[slot] = Int64(slice) }
            columns.encode(points.owners.map { slices[Int($0)] }, effort: effort, into: &writer)
        }
        return writer.bytes
    }

    private func encodeValues(
        _ points: GroupedPoints, _ group: [Int], _ effort: ColumnEffort, into writer: inout ByteWriter
    ) {
        if group.count == 1 {
            points.values.withUnsafeBufferPointer { values in
                let slice = UnsafeBufferPointer(rebasing: values[points.range(group[0])])
                columns.encode(slice, .doubles, effort: effort, into: &writer)
            }
        } else {
            var values: [UInt64] = []
            values.reserveCapacity(group.reduce(0) { $0 + points.range($1).count })
            for slot in group { values += points.values[points.range(slot)] }
            columns.encode(values, .doubles, effort: effort, into: &writer)
        }
    }
}

/// Which series' values share a column: long ones stand alone, short ones go with their like.
struct ValueGroups {
    private(set) var groups: [[Int]] = []

    /// The series in the order of the groups: that of the slices.
    var slots: [Int] { groups.flatMap { $0 } }

    init(_ points: GroupedPoints, longSlice: Int) {
        var whole: [Int] = []
        var float: [Int] = []
        var double: [Int] = []
        points.values.withUnsafeBufferPointer { values in
            for slot in points.series.indices {
                let range = points.range(slot)
                if range.count >= longSlice {
                    groups.append([slot])
                    continue
                }
                switch Self.kind(UnsafeBufferPointer(rebasing: values[range])) {
                case .whole: whole.append(slot)
                case .float: float.append(slot)
                case .double: double.append(slot)
                }
            }
        }
        groups += [whole, float, double].filter { !$0.isEmpty }
    }

    private enum Kind { case whole, float, double }

    private static func kind(_ values: UnsafeBufferPointer<UInt64>) -> Kind {
        var isWhole = true
        var isFloat = true
        for bits in values {
            let value = Double(bitPattern: bits)
            isWhole = isWhole && value == value.rounded(.towardZero)
            isFloat = isFloat && (Double(Float(value)) == value || value != value)
        }
        return isWhole ? .whole : isFloat ? .float : .double
    }
}
