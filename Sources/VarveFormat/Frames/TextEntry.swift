/// One line or block of text (Format.md, section 3.5).
package struct TextEntry: Hashable, Sendable {
    package var step: Int64?
    /// Nanoseconds since 1970.
    package var time: Int64
    /// What it belongs to, such as `stdout` or the tag of a text summary.
    package var channel: String
    package var text: String

    package init(step: Int64?, time: Int64, channel: String, text: String) {
        self.step = step
        self.time = time
        self.channel = channel
        self.text = text
    }

    package static func payload(_ entries: [TextEntry], firstOrdinal: UInt64) -> [UInt8] {
        var writer = ByteWriter()
        writer.varint(firstOrdinal)
        for entry in entries {
            writer.optionalStep(entry.step)
            writer.fixed(entry.time)
            writer.string(entry.channel)
            writer.string(entry.text)
        }
        return writer.bytes
    }

    package static func parse(
        _ payload: RawSpan, count: Int
    ) throws(FormatError) -> (firstOrdinal: UInt64, entries: [TextEntry]) {
        var reader = ByteReader(payload)
        let firstOrdinal = try reader.varint("the ordinal of a text entry")
        var entries: [TextEntry] = []
        for _ in 0..<count {
            let step = try reader.optionalStep()
            let time = try reader.fixed(Int64.self, "the time of a text entry")
            let channel = try reader.string("the channel of a text entry", cap: FormatConstants.maxNameBytes)
            let text = try reader.string("a text entry", cap: FormatConstants.maxTextBytes)
            entries.append(TextEntry(step: step, time: time, channel: channel, text: text))
        }
        return (firstOrdinal, entries)
    }
}

extension ByteWriter {
    /// Flags, and the step behind them where there is one.
    package mutating func optionalStep(_ step: Int64?) {
        u8(step == nil ? 0 : 1)
        if let step { zigzag(step) }
    }
}

extension ByteReader {
    @_lifetime(self: copy self)
    package mutating func optionalStep() throws(FormatError) -> Int64? {
        let flags = try u8("the flags of an entry")
        return flags & 1 == 1 ? try zigzag("the step of an entry") : nil
    }
}
