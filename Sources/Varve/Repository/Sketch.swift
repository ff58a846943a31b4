// Declarations without bodies yet: each moves to a file of its own as it is built.

private func notYet() -> VarveError { VarveError(.state, "not built yet") }

extension Repository {
    /// Moves runs to the trash.
    public func remove(_ runs: [RunID]) throws(VarveError) -> RemovalReport { throw notYet() }
    /// Checks every byte that has a checksum.
    public func verify(
        deep: Bool = false, progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) throws(VarveError) -> VerificationReport { throw notYet() }
    /// How many bytes what takes.
    public func diskUse() throws(VarveError) -> DiskUse { throw notYet() }
}

/// How far a long job is.
public struct Progress: Hashable, Sendable {
    /// What is counted, such as `points` or `bytes`.
    public var unit: String
    /// How many are done.
    public var done: Int
    /// How many there are; nil: nobody knows yet.
    public var total: Int?
    /// Progress of `done` out of `total`.
    public init(unit: String, done: Int, total: Int?) {
        self.unit = unit
        self.done = done
        self.total = total
    }
}

/// What a removal did.
public struct RemovalReport: Hashable, Sendable {
    /// The runs that are gone.
    public var removed: [RunID] = []
    /// Files moved to the trash.
    public var files = 0
    /// Their bytes.
    public var bytes = 0
    /// Runs that inherit the history of a removed one.
    public var dependents: [RunID] = []
    /// Nothing was done.
    public init() {}
}

/// What a verification found.
public struct VerificationReport: Hashable, Sendable {
    /// Everything that is wrong, by file and offset.
    public var problems: [VarveError] = []
    /// Files that were read.
    public var files = 0
    /// Bytes that were checked.
    public var bytes = 0
    /// Points that were counted in logs and journals.
    public var points = 0
    /// Nothing was read.
    public init() {}
}

/// How many bytes what takes.
public struct DiskUse: Hashable, Sendable {
    /// Logs and journals by run.
    public var runs: [RunID: Int] = [:]
    /// Log files.
    public var logs = 0
    /// Journals.
    public var journals = 0
    /// Segments and manifests.
    public var index = 0
    /// Artifacts.
    public var artifacts = 0
    /// What waits in the trash.
    public var trash = 0
    /// Nothing.
    public init() {}
}

/// A metric, and how much there is of it.
public struct MetricInfo: Hashable, Sendable {
    /// The metric and its context.
    public var metric: MetricKey
    /// How many runs have it.
    public var runs: Int
    /// Points stored.
    public var points: Int
    /// How its values were logged.
    public var valueType: ValueType
}

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

extension Repository {
    /// What comes from now on.
    public func tail(
        _ query: Query, interval: Duration = .milliseconds(5)
    ) -> AsyncThrowingStream<SeriesChunk, any Error> {
        AsyncThrowingStream { $0.finish(throwing: notYet()) }
    }
}
