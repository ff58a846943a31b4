import VarveFormat

/// Points of log files on their way into a segment: flat columns, into which the axes and values of frames are decoded as they
/// stand, and for each slice of a frame where its points are.
///
/// A point takes 8 bytes, a row of an axis 16, a slice 20. The memory is kept from one segment to the next.
struct IntakePoints {
    /// The points of one series in one frame.
    struct Piece {
        /// Its number in the ``SeriesKinds`` of the pass.
        var kind: UInt32
        var count: UInt32
        /// Where its rows begin in `steps` and `times`.
        var rows: UInt32
        /// Where its values begin.
        var values: UInt32
        /// Where its time differences begin; ``none``: its times are those of the rows.
        var differences: UInt32

        static let none = UInt32.max
    }

    private(set) var steps: [Int64] = []
    private(set) var times: [Int64] = []
    /// Bit patterns.
    private(set) var values: [UInt64] = []
    private(set) var differences: [Int64] = []
    /// Those of a file one after the other, in the order of its frames.
    private(set) var pieces: [Piece] = []

    /// Makes room for about so many points, which takes memory only once they are there.
    init(points: Int) {
        // The last frame goes beyond: it must not cost a copy of all that is there.
        values.reserveCapacity(points + FormatConstants.maxFramePoints)
        steps.reserveCapacity(points)
        times.reserveCapacity(points)
    }

    /// About the bytes that are in use.
    var bytes: Int {
        16 * steps.count + 8 * (values.count + differences.count) + MemoryLayout<Piece>.stride * pieces.count
    }

    /// Takes in a frame, all of it or, if it throws, nothing.
    ///
    /// - Parameter kinds: by ID of a series 1 + its kind, or 0.
    /// - Returns: how many points it brought, and a series that isn't defined, if there is one: its points are left out.
    mutating func add(
        _ frame: PointsFrame, kinds: [UInt32]
    ) throws(FormatError) -> (points: Int, undefined: UInt32?) {
        let (firstRow, firstValue, firstDifference) = (steps.count, values.count, differences.count)
        do throws(FormatError) {
            try frame.appendAxes(steps: &steps, times: &times)
            try frame.appendValues(to: &values)
            try frame.appendDifferences(to: &differences)
        } catch {
            steps.removeLast(steps.count - firstRow)
            times.removeLast(times.count - firstRow)
            values.removeLast(values.count - firstValue)
            differences.removeLast(differences.count - firstDifference)
            throw error
        }
        var rows: [Int] = []
        var row = firstRow
        for count in frame.axisRows {
            rows.append(row)
            row += count
        }
        var (value, difference, points) = (firstValue, firstDifference, 0)
        var undefined: UInt32?
        for slice in frame.slices {
            let kind = Int(slice.series) < kinds.count ? kinds[Int(slice.series)] : 0
            if kind > 0 {
                pieces.append(
                    Piece(
                        kind: kind - 1, count: UInt32(slice.count), rows: UInt32(rows[slice.axis] + slice.from),
                        values: UInt32(value), differences: slice.differs ? UInt32(difference) : Piece.none))
                points += slice.count
            } else {
                undefined = slice.series
            }
            value += slice.count
            if slice.differs { difference += slice.count }
        }
        return (points, undefined)
    }

    /// Takes in some points of one series.
    mutating func add(_ points: SeriesPoints, kind: UInt32) {
        guard !points.values.isEmpty else { return }
        pieces.append(
            Piece(
                kind: kind, count: UInt32(points.values.count), rows: UInt32(steps.count),
                values: UInt32(values.count), differences: Piece.none))
        steps += points.steps
        times += points.times
        values += points.values
    }

    /// Puts copies of rows end to end. Returns where they begin.
    mutating func join(_ ranges: [Range<Int>]) -> Int {
        let start = steps.count
        for range in ranges {
            Self.append(range, to: &steps)
            Self.append(range, to: &times)
        }
        return start
    }

    private static func append(_ range: Range<Int>, to words: inout [Int64]) {
        let start = words.count
        // A slice of the array would keep it from growing in place.
        words.append(contentsOf: repeatElement(0, count: range.count))
        words.withUnsafeMutableBufferPointer { words in
            _ = UnsafeMutableBufferPointer(rebasing: words[start...]).update(fromContentsOf: words[range])
        }
    }

    /// Forgets everything, and keeps the memory.
    mutating func removeAll() {
        steps.removeAll(keepingCapacity: true)
        times.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        differences.removeAll(keepingCapacity: true)
        pieces.removeAll(keepingCapacity: true)
    }
}
