import VarveFiles
import VarveFormat

/// What of one log file isn't in the index yet, taken in pieces of whole frames.
struct LogIntake {
    let section: LogSection
    private let reader: LogFileReader
    /// Of a seal: the sequences that frames of its source hold. Those of the seal are passed over.
    private let ownSequences: SequenceSet?
    /// Up to here it is in the index.
    private(set) var sequence: UInt64
    private(set) var offset: Int
    private(set) var problems: [VarveError] = []

    init(_ section: LogSection, reader: LogFileReader, ownSequences: SequenceSet?, covered: CoveredFile?) {
        self.section = section
        self.reader = reader
        self.ownSequences = ownSequences
        sequence = covered?.sequence ?? 0
        offset = covered.map { Int($0.offset) } ?? 0
    }

    var isDone: Bool { offset >= section.endOffset }

    /// Takes frames until there are about `limit` points, or there is nothing more, and adds them to `level`.
    ///
    /// Whoever scanned the file gave it the kinds of `level`.
    mutating func take(into level: inout LevelZero, codec: ColumnCodec) throws(VarveError) {
        let limit = level.room
        let firstPiece = level.content.pieces.count
        var points = 0
        var end = section.endOffset
        var endSequence = max(sequence, section.endSequence)
        let frames = section.frames.filter { $0.kind == .points && $0.offset >= offset }
        for (i, frame) in frames.enumerated() {
            do throws(VarveError) {
                points += try add(frame, to: &level.content, codec: codec)
            } catch  where error.code == .damaged || error.code == .limit {
                // Its checksum fits, its content doesn't: it costs this frame.
                problems.append(error)
            }
            if points >= limit || level.isFull, i + 1 < frames.count {
                end = frame.offset + frame.header.frameBytes
                endSequence = max(sequence, frame.sequences.upperBound)
                break
            }
        }
        var row = CoverageRow(
            begin: section.begin, sequences: sequence..<endSequence, offsets: UInt64(offset)..<UInt64(end))
        if section.begin.run == .zero { row.name = section.name.description }
        var properties: [PropertyEntry] = []
        for (entry, at) in zip(section.properties, section.propertyOffsets) where at >= offset && at < end {
            properties.append(entry)
        }
        for (loss, at) in zip(section.losses, section.lossOffsets) where at >= offset && at < end {
            if loss.reason != .hole { row.lostPoints &+= loss.points }
        }
        if end == section.endOffset, let last = section.end {
            row.endState = last.state
            row.endTime = last.time
        }
        offset = end
        sequence = endSequence
        level.add(
            LevelZero.Part(row: row, pieces: firstPiece..<level.content.pieces.count, properties: properties),
            points: points)
    }

    /// Returns how many points the frame brought.
    private mutating func add(
        _ frame: FrameRef, to content: inout IntakePoints, codec: ColumnCodec
    ) throws(VarveError) -> Int {
        if let ownSequences, ownSequences.contains(frame.sequences) { return 0 }
        let payload = try reader.payload(of: frame, in: section)
        let (path, at) = (reader.file.path, section.baseOffset + frame.offset)
        let points = try formatted(path, at: at) { () throws(FormatError) in
            try PointsFrame(
                payload, count: frame.header.count, hasOrder: frame.header.flags.contains(.ordered), codec: codec)
        }
        let kept = try keptPoints(points, frame)
        if kept == nil {
            do throws(FormatError) {
                let added = try content.add(points, kinds: section.kinds)
                if let undefined = added.undefined { problems.append(Self.undefined(undefined, path, at)) }
                return added.points
            } catch {
                // A column that can't be decoded. Readers of the log show the series that don't need it.
            }
        }
        return addSlices(of: points, kept, to: &content, path, at)
    }

    /// Takes in slice by slice what of a frame can be decoded and, of a seal's frame, counts.
    private mutating func addSlices(
        of frame: PointsFrame, _ kept: [[Bool]]?, to content: inout IntakePoints, _ path: String, _ at: Int
    ) -> Int {
        var count = 0
        for (i, slice) in frame.slices.enumerated() {
            let kind = Int(slice.series) < section.kinds.count ? section.kinds[Int(slice.series)] : 0
            guard kind > 0 else {
                problems.append(Self.undefined(slice.series, path, at))
                continue
            }
            do throws(FormatError) {
                var points = try frame.points(ofSlice: i)
                if let kept { points.keep(kept[i]) }
                count += points.values.count
                content.add(points, kind: kind - 1)
            } catch {
                problems.append(VarveError(error.located(in: path, at: at)))
            }
        }
        return count
    }

    private static func undefined(_ series: UInt32, _ path: String, _ at: Int) -> VarveError {
        VarveError(
            FormatError(.corrupt, at: at, expected: "a definition of series \(series)", found: "none", file: path))
    }

    /// For each slice of a seal's frame which of its points count; nil: all.
    private func keptPoints(_ points: PointsFrame, _ frame: FrameRef) throws(VarveError) -> [[Bool]]? {
        guard let ownSequences, !ownSequences.isDisjoint(with: frame.sequences) else { return nil }
        let at = section.baseOffset + frame.offset
        let order = try formatted(reader.file.path, at: at) { () throws(FormatError) in
            guard let order = try points.order() else {
                throw FormatError(.corrupt, at: 0, expected: "an order column in a seal", found: "none")
            }
            return order
        }
        var kept = [[Bool]](repeating: [], count: points.slices.count)
        for (i, slice) in order.enumerated() {
            kept[Int(slice)].append(!ownSequences.contains(frame.header.firstSequence + UInt64(i)))
        }
        return kept
    }
}
