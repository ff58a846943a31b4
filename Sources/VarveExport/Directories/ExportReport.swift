import Varve

/// What an export to a folder or a database wrote.
public struct ExportReport: Sendable {
    /// A name that the other program doesn't take as it is.
    public struct Renaming: Hashable, Sendable {
        /// What is called so.
        public enum Kind: String, Hashable, Sendable { case run, metric, param, tag, artifact, record }
        /// What is called so.
        public var kind: Kind
        /// The name here.
        public var name: String
        /// The name there.
        public var becomes: String
    }

    /// An artifact that was left out.
    public struct Problem: Sendable, CustomStringConvertible {
        /// The name of its run.
        public var run: String
        /// What it is called.
        public var artifact: String
        /// Why it isn't there.
        public var error: VarveError

        /// All of it in a line.
        public var description: String { "\(run): \(artifact): \(error)" }
    }

    /// Runs.
    public var runs = 0
    /// Points.
    public var points = 0
    /// Artifacts.
    public var artifacts = 0
    /// Confusion matrices, class reports and histograms.
    public var records = 0
    /// Texts.
    public var lines = 0
    /// Files.
    public var files = 0
    /// Their bytes.
    public var bytes = 0
    /// Points whose value the other format can't hold exactly; they were written all the same.
    public var rounded = 0
    /// Artifacts that were left out: their contents are missing, or aren't what they were.
    public var problems: [Problem] = []
    /// What had to be called otherwise, each name once a kind.
    public private(set) var renamings: [Renaming] = []
    private var known: Set<Renaming> = []

    /// Nothing was written.
    public init() {}

    mutating func rename(_ kind: Renaming.Kind, _ name: String, _ becomes: String) {
        let renaming = Renaming(kind: kind, name: name, becomes: becomes)
        if !name.hasSameBytes(as: becomes), known.insert(renaming).inserted { renamings.append(renaming) }
    }
}
