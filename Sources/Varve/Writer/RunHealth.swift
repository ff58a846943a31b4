/// How the writing of a run is doing.
public struct RunHealth: Hashable, Sendable {
    /// Points that `log` took, of this process.
    public var logged = 0
    /// Points that were dropped, and counted: no room for a second, a series that could not be defined, or a closed
    /// run.
    public var dropped = 0
    /// Points in the ring that are not in the log yet. A kill doesn't lose them.
    public var pending = 0
    /// Whole numbers beyond 2⁵³ that had to be rounded.
    public var rounded = 0
    /// How often `log` had to wait for room.
    public var waits = 0
    /// The longest such wait, nanoseconds.
    public var longestWait: Int64 = 0
    /// What survives the death of this process.
    public var durability = Durability.mapped
    /// The newest problem, if there was one; it may be over.
    public var problem: VarveError?
    /// Series defined in the current log file.
    public var series = 0
    /// The log file's number.
    public var file = 0
}
