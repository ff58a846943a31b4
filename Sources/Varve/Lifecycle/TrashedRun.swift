/// A run in the trash.
public struct TrashedRun: Hashable, Sendable {
    /// The run.
    public var id: RunID
    /// Its name, as far as its own files tell.
    public var name: String
    /// When it was last removed: nanoseconds since 1970, to the second.
    public var removed: Int64
    /// Its files there.
    public var files = 0
    /// Their bytes.
    public var bytes = 0
}

/// What a restoration did.
public struct RestorationReport: Hashable, Sendable {
    /// The runs that are back.
    public var restored: [RunID] = []
    /// Files moved back.
    public var files = 0
    /// Their bytes.
    public var bytes = 0
    /// Nothing was done.
    public init() {}
}
