/// What copying runs into another repository did.
public struct TransferReport: Hashable, Sendable {
    /// A run that was left where it is, and why.
    public struct Refused: Hashable, Sendable {
        /// The run.
        public var run: RunID
        /// Why.
        public var error: VarveError
    }

    /// The runs that are there now, and weren't before, or not whole.
    public var copied: [RunID] = []
    /// The runs that were there already, byte for byte.
    public var present: [RunID] = []
    /// The runs that were left: being written to, or another's bytes stand under the name of one of their files.
    public var refused: [Refused] = []
    /// Log files that were copied.
    public var files = 0
    /// Artifacts that were copied.
    public var artifacts = 0
    /// Artifacts that a log names and that aren't in the source.
    public var missingArtifacts = 0
    /// Bytes of both.
    public var bytes = 0
    /// Properties that were set for several runs at once, and went along.
    public var edits = 0
    /// Nothing was done.
    public init() {}
}
