/// Points that are in no file, and why (Format.md, section 3.7).
package struct LossEntry: Hashable, Sendable {
    package enum Reason: UInt8, Sendable {
        /// The disk was full: dropped before they got a sequence.
        case noRoom = 1
        /// Claimed, but never published before the writer died.
        case hole = 2
        /// Their series could not be defined.
        case undefined = 3
        /// The file system failed.
        case failure = 4
    }

    package var reason: Reason
    /// The first sequence of a hole; for other reasons what was claimed then.
    package var firstSequence: UInt64
    package var points: UInt64
    /// Nanoseconds since 1970.
    package var time: Int64
    package var detail: String

    package init(reason: Reason, firstSequence: UInt64, points: UInt64, time: Int64, detail: String) {
        self.reason = reason
        self.firstSequence = firstSequence
        self.points = points
        self.time = time
        self.detail = detail
    }

    package static func payload(_ entries: [LossEntry]) -> [UInt8] {
        var writer = ByteWriter()
        for entry in entries {
            writer.u8(entry.reason.rawValue)
            writer.varint(entry.firstSequence)
            writer.varint(entry.points)
            writer.fixed(entry.time)
            writer.string(entry.detail)
        }
        return writer.bytes
    }

    package static func parse(_ payload: RawSpan, count: Int) throws(FormatError) -> [LossEntry] {
        var reader = ByteReader(payload)
        var entries: [LossEntry] = []
        for _ in 0..<count {
            let start = reader.offset
            let code = try reader.u8("the reason of a loss")
            guard let reason = Reason(rawValue: code) else {
                throw FormatError(.corrupt, at: start, expected: "a reason from 1 to 4", found: "\(code)")
            }
            let first = try reader.count("the first sequence of a loss", cap: .max)
            let points = try reader.count("the points of a loss", cap: .max)
            let time = try reader.fixed(Int64.self, "the time of a loss")
            let detail = try reader.string("the detail of a loss", cap: FormatConstants.maxTextBytes)
            entries.append(
                LossEntry(
                    reason: reason, firstSequence: UInt64(first), points: UInt64(points), time: time, detail: detail))
        }
        return entries
    }
}
