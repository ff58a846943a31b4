/// What a snapshot knows of a run without reading its points.
public struct RunInfo: Hashable, Sendable {
    /// The run.
    public var id: RunID
    /// Its newest properties by key: `name`, `note`, `status`, `params.…`, `tags.…`, `values.…` and free ones.
    public var properties: Properties
    /// How it stands.
    public var status: RunStatus
    /// When its first file was begun, nanoseconds since 1970; of an imported run, the time of its first point.
    public var created: Int64
    /// When its newest attempt ended, nanoseconds since 1970 (of a killed one: its last sign of life; of an imported one:
    /// its last point); nil while it runs, or before somebody noticed its end.
    public var ended: Int64?
    /// The newest attempt's number; the first is 0.
    public var attempt: Int
    /// How many log files it has.
    public var files: Int
    /// Points stored, superseded ones included.
    public var points: Int
    /// Points that were dropped and counted: the disk was full, or a series could not be defined.
    public var lostPoints: Int
    /// Where it ran, in the order of its files; empty if it was imported, and where an index that was made before hosts were kept
    /// has it.
    public var hosts: [String]
    /// What survives when its writer dies.
    public var durability: Durability
    /// The run whose history it inherits, if that is here; see ``historyIsMissing``.
    public var forkedFrom: RunID?
    /// The first step of its source that a fork doesn't inherit; nil if it is none.
    public var forkStep: Int?
    /// The fork's source is not in the repository.
    public var historyIsMissing: Bool

    /// The property `name`, else the beginning of the ID.
    public var name: String {
        if case .string(let name)? = properties["name"] { return name }
        return String(id.description.prefix(8))
    }

    /// The properties under `params.`, without that prefix.
    public var params: Properties { properties.group("params.") }
    /// The names of the properties under `tags.`.
    public var tags: [String] { properties.keys(under: "tags.") }
    /// The single values, without `values.`.
    public var values: Properties { properties.group("values.") }
}

/// How a run stands.
public enum RunStatus: String, Hashable, Sendable, CaseIterable {
    /// A writer of its newest attempt lives.
    case running
    /// Its writers said that it succeeded.
    case finished
    /// A writer said that it failed.
    case failed
    /// A writer died without a word.
    case killed
    /// A writer on another host, or in another container, has not been heard of for a while.
    case silent
}
