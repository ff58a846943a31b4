/// A file that belongs to a run.
public struct Artifact: Hashable, Sendable {
    /// What it is called.
    public var name: String
    /// Its version, if it has one.
    public var version: String
    /// The step it was logged at.
    public var step: Int?
    /// Nanoseconds since 1970.
    public var time: Int64
    /// SHA-256 of its content, 64 hexadecimal digits.
    public var sha256: String
    /// Bytes of its content.
    public var size: Int
    /// Its media type, if one was given.
    public var mediaType: String
    /// Where the content is; nil if it is missing here.
    public var path: String?
}
