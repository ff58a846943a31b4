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

    /// Takes frames until there are about `limit` points, or there is nothing more.
    mutating func take(limit: Int, codec: ColumnCodec) throws(VarveError) -> LogPart {
        var part = LogPart(
            CoverageRow(
                begin: section.begin, sequences: sequence..<sequence, offsets: UInt64(offset)..<UInt64(offset)))
        var end = section.endOffset
        var endSequence = max(sequence, section.endSequence)
        let frames = section.frames.filter { $0.kind == .points && $0.offset >= offset }
        for (i, frame) in frames.enumerated() {
            do throws(VarveError) {
                try add(frame, to: &part, codec: codec)
            } catch  where error.code == .damaged || error.code == .limit {
                // Its checksum fits, its content doesn't: it costs this frame.
                problems.append(error)
            }
            if part.points >= limit, i + 1 < frames.count {
                end = frame.offset + frame.header.frameBytes
                endSequence = max(sequence, frame.sequences.upperBound)
                break
            }
        }
        part.row.offsets = UInt64(offset)..<UInt64(end)
        part.row.sequences = sequence..<endSequence
        part.row.begin.host = ""
        if section.begin.run == .zero { part.row.name = section.name.description }
        for (entry, at) in zip(section.properties, section.propertyOffsets) where at >= offset && at < end {
            part.properties.append(entry)
        }
        for (loss, at) in zip(section.losses, section.lossOffsets) where at >= offset && at < end {
            if loss.reason != .hole { part.row.lostPoints &+= loss.points }
        }
        if end == section.endOffset, let last = section.end {
            part.row.endState = last.state
            part.row.endTime = last.time
        }
        offset = end
        sequence = endSequence
        return part
    }

    private func add(_ frame: FrameRef, to part: inout LogPart, codec: ColumnCodec) throws(VarveError) {
        if let ownSequences, ownSequences.contains(frame.sequences) { return }
        let payload = try reader.payload(of: frame, in: section)
        let (path, at) = (reader.file.path, section.baseOffset + frame.offset)
        let points = try formatted(path, at: at) { () throws(FormatError) in
            try PointsFrame(
                payload, count: frame.header.count, hasOrder: frame.header.flags.contains(.ordered), codec: codec)
        }
        let kept = try keptPoints(points, frame)
        var undefined: UInt32?
        for (i, slice) in points.slices.enumerated() {
            guard let definition = section.definitions[slice.series] else {
                undefined = slice.series
                continue
            }
            let decoded = try formatted(path, at: at) { () throws(FormatError) in try points.points(ofSlice: i) }
            part.append(decoded, definition, kept: kept?[i])
        }
        if let undefined {
            throw VarveError(
                FormatError(
                    .corrupt, at: at, expected: "a definition of series \(undefined)", found: "none", file: path))
        }
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

/// Consecutive frames of one log file, taken apart: what becomes one row of a segment's coverage.
struct LogPart {
    var row: CoverageRow
    private(set) var metrics: [MetricKey] = []
    private(set) var series: [SeriesColumns] = []
    var properties: [PropertyEntry] = []
    private(set) var points = 0
    private var positions: [SeriesKey: Int] = [:]

    /// Series of one file that agree in these are one.
    private struct SeriesKey: Hashable {
        var metric: MetricKey
        var flags: SliceFlags
    }

    init(_ row: CoverageRow) { self.row = row }

    var isEmpty: Bool { row.offsets.isEmpty }

    /// About the bytes that the properties take.
    var weight: Int {
        properties.reduce(0) { sum, entry in
            switch entry.value {
            case .string(let text), .json(let text): sum + text.utf8.count + 64
            default: sum + 64
            }
        }
    }

    fileprivate mutating func append(_ more: SeriesPoints, _ definition: SeriesDefinition, kept: [Bool]?) {
        let key = SeriesKey(metric: definition.metric, flags: SliceFlags(definition))
        let position: Int
        if let known = positions[key] {
            position = known
        } else {
            position = series.count
            positions[key] = position
            metrics.append(definition.metric)
            series.append(SeriesColumns(flags: key.flags))
        }
        guard let kept, kept.contains(false) else {
            series[position].steps += more.steps
            series[position].times += more.times
            series[position].values += more.values
            points += more.values.count
            return
        }
        for i in kept.indices where kept[i] {
            series[position].steps.append(more.steps[i])
            series[position].times.append(more.times[i])
            series[position].values.append(more.values[i])
            points += 1
        }
    }
}
