import VarveFormat

/// What stands in one log file; a pack, or files that were joined by `cat`, have several.
package struct LogSection: Sendable {
    /// The physical file.
    package var name: LogName
    package var begin: BeginFrame
    /// Where its first `begin` stands in the physical file; all other offsets count from here.
    package var baseOffset: Int
    /// The frames of points, text, artifacts and records that are whole, in order.
    package var frames: [FrameRef] = []
    package var definitions: [UInt32: SeriesDefinition] = [:]
    /// In place of the definitions, if the scan was given ``SeriesKinds``: by ID 1 + the number of a series' kind, or 0.
    package var kinds: [UInt32] = []
    package var properties: [PropertyEntry] = []
    /// For each property the offset of the frame that it stands in, from the section's base.
    package var propertyOffsets: [Int] = []
    package var losses: [LossEntry] = []
    /// Likewise for each loss.
    package var lossOffsets: [Int] = []
    package var end: EndFrame?
    /// Of the last file of a pack: which files that says to have.
    package var contents: [PackedFile] = []
    /// The sequence after the last point of the last good points frame.
    package var endSequence: UInt64 = 0
    /// The offset after the last whole frame.
    package var endOffset = 0
    /// What is damaged; the rest is whole.
    package var problems: [FormatError] = []
    /// The file ends within a frame: its writer may be at it, or have died there.
    package var isTruncated = false

    /// Whether it says what a series is.
    func defines(_ series: UInt32) -> Bool {
        definitions[series] != nil || Int(series) < kinds.count && kinds[Int(series)] > 0
    }

    /// The points that the frames hold, without the sequences that are missing.
    package var points: Int {
        frames.reduce(0) { $0 + ($1.header.kind == FrameKind.points.rawValue ? $1.header.count : 0) }
    }
    /// Points that were dropped and counted; holes aside, since nobody was told that they were logged.
    package var droppedPoints: UInt64 { losses.reduce(0) { $0 &+ ($1.reason == .hole ? 0 : $1.points) } }
    package var isSeal: Bool { begin.sealOf != nil }
}

extension LogSection {
    /// Points that its journal proves to have been in it; nil: none is missing.
    func missing(from journal: JournalReader.Content, _ path: String) -> VarveError? {
        let lost = journal.lost
        guard let first = lost.first, let last = lost.last else { return nil }
        let points = lost.reduce(0) { $0 + $1.count }
        return VarveError(
            .damaged, "points are missing: the log is older than its journal", file: path,
            offset: baseOffset + endOffset, expected: "the sequences \(first.lowerBound) to \(last.upperBound - 1)",
            found: "none of \(points)")
    }
}

/// Where a frame stands.
package struct FrameRef: Hashable, Sendable {
    /// Of its header, from the section's base.
    package var offset: Int
    package var header: FrameHeader

    package var kind: FrameKind? { FrameKind(rawValue: header.kind) }
    /// The sequences of a points frame.
    package var sequences: Range<UInt64> {
        header.firstSequence..<(header.firstSequence + UInt64(header.count))
    }
}
