/// One row of a segment's coverage: the points of this file with sequences from ..< to, which stand in its bytes from
/// ..< to,
/// are in this segment (Format.md, section 6).
package struct CoverageRow: Hashable, Sendable {
    /// What the file's `begin` said; the repository is that of the segment. The host is empty in segments of versions that
    /// didn't keep it.
    package var begin: BeginFrame
    package var sequences: Range<UInt64>
    /// Offsets from the file's first `begin`.
    package var offsets: Range<UInt64>
    /// Its `end` lies within the offsets.
    package var endState: EndFrame.State?
    /// Nanoseconds since 1970; "no time" without an end.
    package var endTime = FormatConstants.noTime
    /// Points that its `loss` frames within the offsets count, holes aside.
    package var lostPoints: UInt64 = 0
    /// Points of it in this segment.
    package var points: UInt64 = 0
    /// The file's name, if it is of several runs; else empty.
    package var name = ""

    package init(begin: BeginFrame, sequences: Range<UInt64>, offsets: Range<UInt64>) {
        self.begin = begin
        self.sequences = sequences
        self.offsets = offsets
    }

    package var identity: LogIdentity { begin.identity }
    package var isClosed: Bool { endState != nil }
    package var isSeal: Bool { begin.sealOf != nil }

    /// The name by which equal revisions of a property are ranked: that of the file, or the one which a file of one run
    /// bears wherever it stands, in a pack too.
    package var rankName: String {
        begin.run == .zero ? name : "\(begin.run).\(begin.n)\(isSeal ? "s" : "").vlog"
    }
}

extension CoverageRow {
    /// The order of files in a segment, and so of slices within a run: (run, attempt, n, seal after its source), then
    /// by
    /// what tells copies apart, then by place in the file.
    package static func precedes(_ a: CoverageRow, _ b: CoverageRow) -> Bool {
        if a.begin.run != b.begin.run { return a.begin.run < b.begin.run }
        if a.begin.attempt != b.begin.attempt { return a.begin.attempt < b.begin.attempt }
        if a.begin.n != b.begin.n { return a.begin.n < b.begin.n }
        if a.isSeal != b.isSeal { return b.isSeal }
        if a.begin.salt != b.begin.salt { return a.begin.salt < b.begin.salt }
        if a.offsets.lowerBound != b.offsets.lowerBound { return a.offsets.lowerBound < b.offsets.lowerBound }
        return a.sequences.lowerBound < b.sequences.lowerBound
    }

    /// Whether `next` goes on exactly where this row ends, in the same file.
    package func isContinued(by next: CoverageRow) -> Bool {
        identity == next.identity && isSeal == next.isSeal && offsets.upperBound == next.offsets.lowerBound
            && sequences.upperBound == next.sequences.lowerBound && endState == nil
    }

    /// This row and the one that continues it as one.
    package func joined(with next: CoverageRow) -> CoverageRow {
        var row = next
        row.sequences = sequences.lowerBound..<next.sequences.upperBound
        row.offsets = offsets.lowerBound..<next.offsets.upperBound
        row.lostPoints = lostPoints &+ next.lostPoints
        row.points = points &+ next.points
        return row
    }
}
