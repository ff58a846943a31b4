import VarveFormat

/// The series of a segment that is being made from logs: of each, its pieces in order, and the track on which they lie.
///
/// A **track** is a way through the rows of frames. The metrics of a training loop are logged together, so nearly all series of
/// a file take the same one, which is found by comparing places of pieces and no steps.
struct IntakeSeries {
    /// The points of one kind in one part of a log file.
    struct Series {
        var kind: UInt32
        /// The row of the coverage.
        var file: UInt32
        var track: UInt32
        /// Its pieces, in `order`.
        var firstPiece: UInt32
        var pieceCount: UInt32

        var pieces: Range<Int> { Int(firstPiece)..<(Int(firstPiece) + Int(pieceCount)) }
    }

    /// Steps and times of all points of a series, but for its time differences: rows of ``IntakePoints``.
    typealias Track = Range<Int>

    /// Those of a file one after the other, in the order in which they first come.
    private(set) var series: [Series] = []
    /// Pieces by number, those of a series one after the other.
    private(set) var order: [UInt32] = []
    private(set) var tracks: [Track] = []
    /// By kind: 1 + the series of the file at hand, or 0.
    private var slots: [UInt32] = []
    /// Open addressing: 1 + the track, 0 for none; at most half full.
    private var known: [UInt32] = []
    /// The rows of the series at hand.
    private var ranges: [Range<Int>] = []
    /// For each track of the file at hand a series that takes it.
    private var examples: [UInt32] = []

    /// Adds the pieces of the next file. Returns its tracks.
    mutating func add(
        _ pieces: Range<Int>, file: Int, kinds: Int, _ points: inout IntakePoints
    ) -> Range<Int> {
        let first = series.count
        sort(pieces, file: file, kinds: kinds, points.pieces)
        let tracks = self.tracks.count
        findTracks(first, &points)
        return tracks..<self.tracks.count
    }

    private mutating func sort(
        _ pieces: Range<Int>, file: Int, kinds: Int, _ all: [IntakePoints.Piece]
    ) {
        if slots.count < kinds { slots.append(contentsOf: repeatElement(0, count: kinds - slots.count)) }
        let first = series.count
        for piece in pieces {
            let kind = Int(all[piece].kind)
            if slots[kind] == 0 {
                series.append(
                    Series(kind: UInt32(kind), file: UInt32(file), track: 0, firstPiece: 0, pieceCount: 0))
                slots[kind] = UInt32(series.count - first)
            }
            series[first + Int(slots[kind]) - 1].pieceCount += 1
        }
        var next = UInt32(order.count)
        for i in first..<series.count {
            series[i].firstPiece = next
            next += series[i].pieceCount
            series[i].pieceCount = 0
        }
        order.append(contentsOf: repeatElement(0, count: pieces.count))
        for piece in pieces {
            let i = first + Int(slots[Int(all[piece].kind)]) - 1
            order[Int(series[i].firstPiece + series[i].pieceCount)] = UInt32(piece)
            series[i].pieceCount += 1
        }
        for i in first..<series.count { slots[Int(series[i].kind)] = 0 }
    }

    private mutating func findTracks(_ first: Int, _ points: inout IntakePoints) {
        var size = 16
        while size < 2 * (series.count - first) { size *= 2 }
        known.removeAll(keepingCapacity: true)
        known.append(contentsOf: repeatElement(0, count: size))
        examples.removeAll(keepingCapacity: true)
        let firstTrack = tracks.count
        for i in first..<series.count {
            var slot = hash(series[i], points.pieces) & (size - 1)
            while true {
                if known[slot] == 0 {
                    examples.append(UInt32(i))
                    known[slot] = UInt32(examples.count)
                    series[i].track = UInt32(tracks.count)
                    tracks.append(track(of: series[i], &points))
                    break
                }
                let track = Int(known[slot]) - 1
                if isSame(series[i], series[Int(examples[track])], points.pieces) {
                    series[i].track = UInt32(firstTrack + track)
                    break
                }
                slot = (slot + 1) & (size - 1)
            }
        }
    }

    private func hash(_ series: Series, _ pieces: [IntakePoints.Piece]) -> Int {
        var hash: UInt64 = 0
        for i in series.pieces {
            let piece = pieces[Int(order[i])]
            hash = (hash ^ (UInt64(piece.rows) &<< 32 | UInt64(piece.count))) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash &>> 29
        }
        return Int(truncatingIfNeeded: hash &>> 8)
    }

    private func isSame(_ a: Series, _ b: Series, _ pieces: [IntakePoints.Piece]) -> Bool {
        guard a.pieceCount == b.pieceCount else { return false }
        for i in 0..<Int(a.pieceCount) {
            let one = pieces[Int(order[Int(a.firstPiece) + i])]
            let other = pieces[Int(order[Int(b.firstPiece) + i])]
            guard one.rows == other.rows, one.count == other.count else { return false }
        }
        return true
    }

    /// The rows of a series, which are copied only if they are in pieces.
    private mutating func track(of series: Series, _ points: inout IntakePoints) -> Track {
        ranges.removeAll(keepingCapacity: true)
        for i in series.pieces {
            let piece = points.pieces[Int(order[i])]
            let rows = Int(piece.rows)..<(Int(piece.rows) + Int(piece.count))
            if let last = ranges.last, last.upperBound == rows.lowerBound {
                ranges[ranges.count - 1] = last.lowerBound..<rows.upperBound
            } else {
                ranges.append(rows)
            }
        }
        if ranges.count == 1 { return ranges[0] }
        let start = points.join(ranges)
        return start..<points.steps.count
    }

    /// Forgets everything, and keeps the memory.
    mutating func removeAll() {
        series.removeAll(keepingCapacity: true)
        order.removeAll(keepingCapacity: true)
        tracks.removeAll(keepingCapacity: true)
    }
}
