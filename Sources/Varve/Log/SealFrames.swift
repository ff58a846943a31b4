import VarveFiles
import VarveFormat

/// The bytes of a seal, in the making.
struct SealFrames {
    private let environment: Environment
    private let encoder: FrameEncoder
    private let points = PointsCodec()
    private var bytes: [UInt8] = []
    private var end: UInt64 = 0
    private var definitions: [UInt32: SeriesDefinition] = [:]

    /// - Parameters:
    ///   - source: the `begin` of the file that is sealed.
    ///   - size: that file's bytes now.
    init(_ environment: Environment, source: BeginFrame, size: UInt64) {
        self.environment = environment
        var begin = source
        begin.salt = environment.host.random()
        begin.sealOf = BeginFrame.SealSource(n: source.n, salt: source.salt, size: size)
        begin.created = environment.host.wallTime()
        begin.durability = .logOnly
        encoder = FrameEncoder(salt: begin.salt, zstd: Zstd())
        let frame = encoder.frame(.begin, payload: begin.payload(), count: 1, sequence: 0)
        bytes = frame + frame
    }

    mutating func define(_ all: [UInt32: SeriesDefinition]) {
        definitions = all
        let list = all.values.sorted { $0.id < $1.id }
        // Frames have a cap on entries; a file has one on series of the same size.
        var first = 0
        while first < list.count {
            let part = Array(list[first..<min(list.count, first + 10_000)])
            bytes += encoder.frame(.define, payload: SeriesDefinition.payload(part), count: part.count, sequence: 0)
            first += part.count
        }
    }

    /// Points of a ring: one frame for each stretch without holes, with the order column.
    mutating func append(_ content: JournalReader.Content) {
        var losses = content.lost.map {
            (reason: LossEntry.Reason.failure, range: $0, detail: "the log had them, and was older than its journal")
        }
        losses += content.unpublished.map { (.hole, $0, "claimed and never published") }
        var batch = PointsBatch()
        var first: UInt64 = 0
        func flush(_ bytes: inout [UInt8]) {
            guard batch.count > 0 else { return }
            bytes += encoder.frame(
                .points, payload: points.encode(batch, order: true, effort: .index), count: batch.count,
                sequence: first, flags: .ordered)
            batch.removeAll()
        }
        for (sequence, record) in content.records {
            guard definitions[record.series] != nil else {
                losses.append((.undefined, sequence..<(sequence + 1), "series \(record.series) is not defined"))
                continue
            }
            if batch.count > 0, sequence != first + UInt64(batch.count) || batch.count == FormatConstants.axisPoints {
                flush(&bytes)
            }
            if batch.count == 0 { first = sequence }
            batch.append(series: record.series, step: record.step, time: record.time, value: record.value)
            end = max(end, sequence + 1)
        }
        flush(&bytes)
        guard !losses.isEmpty else { return }
        let time = environment.host.wallTime()
        let entries = losses.prefix(FormatConstants.maxFramePoints).map {
            LossEntry(
                reason: $0.reason, firstSequence: $0.range.lowerBound,
                points: $0.range.upperBound - $0.range.lowerBound, time: time, detail: $0.detail)
        }
        bytes += encoder.frame(.loss, payload: LossEntry.payload(entries), count: entries.count, sequence: end)
    }

    /// A whole frame of the source, under its own sequences.
    mutating func append(_ frame: FrameRef, payload: [UInt8]) {
        guard let kind = frame.kind else { return }
        bytes += encoder.frame(
            kind, payload: payload, count: frame.header.count, sequence: frame.header.firstSequence,
            flags: frame.header.flags.intersection(.ordered))
        if kind == .points { end = max(end, frame.sequences.upperBound) }
    }

    mutating func append(_ properties: [PropertyEntry]) {
        for part in Limits.frames(properties) {
            bytes += encoder.frame(
                .properties, payload: PropertyEntry.payload(Array(part)), count: part.count, sequence: end)
        }
    }

    /// Everything, with its end.
    ///
    /// - Parameter time: when the source's writer ended, as far as that can be told; nil: now.
    mutating func finish(_ state: EndFrame.State, time: Int64? = nil) -> [UInt8] {
        let end = EndFrame(state: state, points: end, time: time ?? environment.host.wallTime())
        bytes += encoder.frame(.end, payload: end.payload(), count: 1, sequence: end.points)
        return bytes
    }
}
