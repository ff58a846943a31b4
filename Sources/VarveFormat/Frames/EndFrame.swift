/// How a log file's writer ended (Format.md, section 3.8).
package struct EndFrame: Hashable, Sendable {
    package enum State: UInt8, Sendable {
        /// The writer goes on in another file.
        case moved = 0
        case finished = 1
        case failed = 2
        /// Found dead: a seal's end.
        case killed = 3
        /// The process exited without saying how the run ended.
        case exited = 4
    }

    package var state: State
    /// The sequence after the last point of the file.
    package var points: UInt64
    /// Nanoseconds since 1970.
    package var time: Int64
    package var message: String

    package init(state: State, points: UInt64, time: Int64, message: String = "") {
        self.state = state
        self.points = points
        self.time = time
        self.message = message
    }

    package func payload() -> [UInt8] {
        var writer = ByteWriter()
        writer.u8(state.rawValue)
        writer.varint(points)
        writer.fixed(time)
        writer.string(message)
        return writer.bytes
    }

    package init(parsing payload: RawSpan) throws(FormatError) {
        var reader = ByteReader(payload)
        let code = try reader.u8("the state of an end")
        guard let state = State(rawValue: code) else {
            throw FormatError(.corrupt, at: 0, expected: "a state from 0 to 4", found: "\(code)")
        }
        self.state = state
        points = try reader.varint("the points of an end")
        time = try reader.fixed(Int64.self, "the time of an end")
        message = try reader.string("the message of an end", cap: FormatConstants.maxTextBytes)
    }
}
