import Varve
import VarveFormat

/// Builds the bytes of a log file frame by frame, as a writer would, and keeps a plain list of its points: the model.
package struct LogFileFixture: Sendable {
    /// One point, as it was put in.
    package struct Point: Hashable, Sendable {
        package var sequence: UInt64
        package var metric: MetricKey
        package var step: Int64
        package var time: Int64
        package var value: UInt64
    }

    package let begin: BeginFrame
    package var bytes: [UInt8]
    package private(set) var points: [Point] = []
    /// The sequence of the next point.
    package var sequence: UInt64 = 0
    private var definitions: [SeriesDefinition] = []
    private var encoder: FrameEncoder { FrameEncoder(salt: begin.salt, zstd: Zstd()) }

    package init(_ begin: BeginFrame) {
        self.begin = begin
        let frame = FrameEncoder(salt: begin.salt, zstd: Zstd())
            .frame(.begin, payload: begin.payload(), count: 1, sequence: 0)
        bytes = frame + frame
    }

    /// The file's name in `logs/`.
    package var name: String {
        begin.run == .zero
            ? "edit-\(UniqueID(high: begin.salt, low: begin.salt)).vlog"
            : "\(begin.run).\(begin.n)\(begin.sealOf == nil ? "" : "s").vlog"
    }

    /// Defines series, numbered from 0 on.
    package mutating func define(_ metrics: [MetricKey], type: ValueType = .double, automaticSteps: Bool = false) {
        let new = metrics.enumerated().map {
            SeriesDefinition(
                id: UInt32(definitions.count + $0.offset), metric: $0.element, valueType: type,
                automaticSteps: automaticSteps)
        }
        definitions += new
        bytes += encoder.frame(
            .define, payload: SeriesDefinition.payload(new), count: new.count, sequence: sequence)
    }

    /// Appends one frame of points.
    package mutating func append(
        _ rows: [(series: Int, step: Int64, time: Int64, value: UInt64)], hasOrder: Bool = false
    ) {
        guard !rows.isEmpty else { return }
        var batch = PointsBatch()
        let first = sequence
        for row in rows {
            batch.append(series: UInt32(row.series), step: row.step, time: row.time, value: row.value)
            points.append(
                Point(
                    sequence: sequence, metric: definitions[row.series].metric, step: row.step, time: row.time,
                    value: row.value))
            sequence += 1
        }
        bytes += encoder.frame(
            .points, payload: PointsCodec().encode(batch, order: hasOrder), count: rows.count, sequence: first,
            flags: hasOrder ? .ordered : [])
    }

    package mutating func append(_ properties: [PropertyEntry]) {
        bytes += encoder.frame(
            .properties, payload: PropertyEntry.payload(properties), count: properties.count, sequence: sequence)
    }

    package mutating func append(_ losses: [LossEntry]) {
        bytes += encoder.frame(.loss, payload: LossEntry.payload(losses), count: losses.count, sequence: sequence)
    }

    package mutating func end(_ state: EndFrame.State = .finished) {
        let end = EndFrame(state: state, points: sequence, time: 1)
        bytes += encoder.frame(.end, payload: end.payload(), count: 1, sequence: sequence)
    }
}
