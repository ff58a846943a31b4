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
