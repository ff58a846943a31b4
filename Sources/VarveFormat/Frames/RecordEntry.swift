/// A typed record: what was measured, and is no single number (Format.md, section 3.11).
package struct RecordEntry: Hashable, Sendable {
    package var step: Int64?
    /// Nanoseconds since 1970.
    package var time: Int64
    /// What was measured, and where.
    package var metric: MetricKey
    package var body: RecordBody

    package init(step: Int64?, time: Int64, metric: MetricKey, body: RecordBody) {
        self.step = step
        self.time = time
        self.metric = metric
        self.body = body
    }

    /// The payload of a frame of entries that ``bytes(_:codec:)`` made.
    package static func payload(_ entries: [[UInt8]], firstOrdinal: UInt64) -> [UInt8] {
        var writer = ByteWriter(capacity: entries.reduce(10) { $0 + $1.count })
        writer.varint(firstOrdinal)
        for entry in entries { writer.raw(entry) }
        return writer.bytes
    }

    /// One entry as it stands in a payload.
    package func bytes(codec: ColumnCodec) -> [UInt8] {
        var writer = ByteWriter()
        writer.optionalStep(step)
        writer.fixed(time)
        writer.metric(metric)
        writer.u8(body.code)
        let content = body.bytes(codec: codec)
        writer.varint(content.count)
        writer.raw(content)
        return writer.bytes
    }

    /// Takes the entries of a payload one by one: a few bytes may stand for a million cells.
    ///
    /// - Parameters:
    ///   - isWanted: asked before an entry's body is decoded, with its ordinal in the file; false leaves it out.
    ///   - body: gets each entry that was wanted and whose type this version knows.
    package static func forEach(
        _ payload: RawSpan, count: Int, codec: ColumnCodec,
        where isWanted: (_ ordinal: UInt64, _ step: Int64?, _ metric: MetricKey, _ code: UInt8) -> Bool,
        _ body: (RecordEntry) throws(FormatError) -> Void
    ) throws(FormatError) {
        var reader = ByteReader(payload)
        let firstOrdinal = try reader.varint("the ordinal of a record")
        for i in 0..<count {
            let step = try reader.optionalStep()
            let time = try reader.fixed(Int64.self, "the time of a record")
            let metric = try reader.metric()
            let code = try reader.u8("the type of a record")
            let length = try reader.count("the bytes of a record", cap: FormatConstants.maxPlainBytes)
            let base = reader.offset
            let content = try reader.take(length, "a record")
            guard isWanted(firstOrdinal &+ UInt64(i), step, metric, code) else { continue }
            let found: RecordBody?
            do throws(FormatError) { found = try RecordBody(code: code, content, codec: codec) } catch {
                var moved = error
                moved.offset += base
                throw moved
            }
            guard let found else { continue }
            try body(RecordEntry(step: step, time: time, metric: metric, body: found))
        }
    }
}
