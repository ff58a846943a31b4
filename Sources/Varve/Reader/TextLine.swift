import VarveFormat

/// A line or block of text.
public struct TextLine: Hashable, Sendable {
    /// What it belongs to, such as `stdout`.
    public var channel: String
    /// The step it was logged at.
    public var step: Int?
    /// Nanoseconds since 1970.
    public var time: Int64
    /// The text.
    public var text: String
    /// The rank of the process that logged it, if it has one.
    public var rank: Int?

    /// A text of a channel.
    public init(channel: String, step: Int? = nil, time: Int64, text: String, rank: Int? = nil) {
        self.channel = channel
        self.step = step
        self.time = time
        self.text = text
        self.rank = rank
    }

    init(_ entry: TextEntry, rank: UInt32?) {
        self.init(
            channel: entry.channel, step: entry.step.map { Int($0) }, time: entry.time, text: entry.text,
            rank: rank.map { Int($0) })
    }
}
