/// Turns points into the payload of a points frame (Format.md, section 3.3).
///
/// Keeps its memory between frames: make one a thread. Not thread-safe.
package final class PointsCodec {
    package let columns = ColumnCodec()
    private var grouper = PointsGrouper()
    /// How the columns of earlier frames were encoded, by what they hold: those of the next one are much the same.
    private var memory: [ColumnRole: ColumnMemory] = [:]

    /// A series of at least this many points has a value column of its own; shorter ones share, by kind of value.
    private static let longSlice = 512
    /// Columns of a log of at most as many words aren't worth a choice.
    private static let tinyColumn = 16

    package init() {}

    /// The payload of a frame that holds `batch`, of at most 1,048,576 points.
    ///
    /// - Parameter order: whether to say for each sequence to which series it belongs. The frame's header must say so
    ///   too.
    package func encode(_ batch: PointsBatch, order: Bool = false, effort: ColumnEffort = .log) -> [UInt8] {
        batch.rows.withUnsafeBufferPointer { rows in
            encode(
                JournalRows(rows, UnsafeBufferPointer(rebasing: rows[..<0])), series: batch.rows.map(\.series),
                order: order, effort: effort)
        }
    }

    /// The same for records that lie in a ring, little-endian; `series` has the number of each one's series.
    package func encode(
        _ rows: JournalRows, series: [UInt32], order: Bool = false, effort: ColumnEffort = .log
    ) -> [UInt8] {
        grouper.group(rows, series: series)
        return encode(grouper.points, order: order, effort: effort)
    }

    /// The payload of a frame that holds these series, each at most once.
    package func encode(_ slices: [SeriesPoints], effort: ColumnEffort = .index) -> [UInt8] {
        encode(GroupedPoints(slices), order: false, effort: effort)
    }

    private func encode(_ points: GroupedPoints, order: Bool, effort: ColumnEffort) -> [UInt8] {
        precondition(points.count <= FormatConstants.maxFramePoints, "more points than a frame may have")
        precondition(points.series.allSatisfy { $0 < FormatConstants.maxSeries }, "a series' number is beyond the cap")
        let axes = PointsAxes(points)
        let groups = ValueGroups(points, longSlice: Self.longSlice)
        var writer = ByteWriter(capacity: points.count * 4 + 256)

        writer.varint(axes.axes.count)
        for (index, axis) in axes.axes.enumerated() {
            writer.varint(axis.steps.count)
            encode(axis.steps, .steps(axis: index), effort, into: &writer)
            encode(axis.times, .times(axis: index), effort, into: &writer)
        }

        let slots = groups.slots
        writer.varint(slots.count)
        encode(slots.map { Int64(points.series[$0]) }, .slices(column: 0), effort, into: &writer)
        encode(slots.map { Int64(axes.places[$0].axis) }, .slices(column: 1), effort, into: &writer)
        encode(slots.map { Int64(axes.places[$0].from) }, .slices(column: 2), effort, into: &writer)
        encode(slots.map { Int64(points.range($0).count) }, .slices(column: 3), effort, into: &writer)
        encode(slots.map { axes.places[$0].differs ? 1 : 0 }, .slices(column: 4), effort, into: &writer)

        writer.varint(groups.groups.count)
        for (index, group) in groups.groups.enumerated() {
            writer.varint(group.count)
            encodeValues(points, group, index, effort, into: &writer)
        }

        if !axes.differences.isEmpty {
            encode(axes.differences(of: slots), .differences, effort, into: &writer)
        }

        if order {
            var slices = [Int64](repeating: 0, count: slots.count)
            for (slice, slot) in slots.enumerated() { slices[slot] = Int64(slice) }
            columns.encode(points.owners.prefix(points.count).map { slices[Int($0)] }, effort: effort, into: &writer)
        }
        return writer.bytes
    }

    private func encode(
        _ numbers: [Int64], _ role: ColumnRole, _ effort: ColumnEffort, into writer: inout ByteWriter
    ) {
        numbers.withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: UInt64.self) { encode($0, .integers, role, effort, into: &writer) }
        }
    }

    private func encodeValues(
        _ points: GroupedPoints, _ group: [Int], _ index: Int, _ effort: ColumnEffort, into writer: inout ByteWriter
    ) {
        if group.count == 1 {
            points.values.withUnsafeBufferPointer { values in
                let slice = UnsafeBufferPointer(rebasing: values[points.range(group[0])])
                encode(slice, .doubles, .values(series: points.series[group[0]]), effort, into: &writer)
            }
        } else {
            var values: [UInt64] = []
            values.reserveCapacity(group.reduce(0) { $0 + points.range($1).count })
            for slot in group { values += points.values[points.range(slot)] }
            values.withUnsafeBufferPointer { encode($0, .doubles, .shared(group: index), effort, into: &writer) }
        }
    }

    /// Ranking the encodings of so few words takes longer than writing them, and saves some bytes.
    private func encodeTiny(
        _ words: UnsafeBufferPointer<UInt64>, _ kind: ColumnKind, into writer: inout ByteWriter
    ) -> Bool {
        let isConstant = words.allSatisfy { $0 == words[0] }
        let order = kind == .integers && !isConstant ? 1 : 0
        let body: BodyCode = isConstant ? .constant : .packed
        return columns.encode(
            words, as: ColumnEncoding(ColumnTransform(.bits), order: order, body: body), into: &writer)
    }

    private func encode(
        _ words: UnsafeBufferPointer<UInt64>, _ kind: ColumnKind, _ role: ColumnRole, _ effort: ColumnEffort,
        into writer: inout ByteWriter
    ) {
        guard effort == .log else { return columns.encode(words, kind, effort: effort, into: &writer) }
        if words.count <= Self.tinyColumn, encodeTiny(words, kind, into: &writer) { return }
        // A writer with ever new series mustn't remember them all.
        if memory.count > 4096 { memory.removeAll() }
        columns.encode(words, kind, effort: .log, memory: &memory[role, default: ColumnMemory()], into: &writer)
    }
}

/// What a column of a points frame holds.
private enum ColumnRole: Hashable {
    case steps(axis: Int)
    case times(axis: Int)
    case slices(column: Int)
    case values(series: UInt32)
    case shared(group: Int)
    case differences
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
