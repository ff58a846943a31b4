/// Names a run for ever: a version 7 UUID, so that the order of IDs is the order in which runs were made.
public struct RunID: Hashable, Sendable {
    /// The 16 bytes.
    public var id: UniqueID

    /// The run with this ID.
    public init(_ id: UniqueID) { self.id = id }

    /// Parses the usual text form of a UUID; nil for anything else.
    public init?(_ text: some StringProtocol) {
        guard let id = UniqueID(text), id != .zero else { return nil }
        self.id = id
    }
}

extension RunID: Comparable {
    /// Orders by bytes: older runs first.
    public static func < (a: RunID, b: RunID) -> Bool { a.id < b.id }
}

extension RunID: CustomStringConvertible {
    /// The usual text form, in lower case.
    public var description: String { id.description }
}
