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
}
