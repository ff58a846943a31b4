import Varve

/// Takes what a parser finds in the sources of one run, in the order of the sources.
///
/// Parsers know formats and nothing of Varve's runs; sinks know runs and nothing of formats; the tests put an array between.
/// What is wrong with a source goes to ``problem(_:)``; what a sink throws ends the import.
package protocol RunSink: AnyObject {
    /// What follows stands in a record (a row, a line) that begins and ends at these offsets of the file, line ends aside.
    /// Readers of stores, which have no offsets, don't call it.
    func record(from start: Int, to end: Int) throws(VarveError)
    /// The points that follow, until this is called again, are of this subset of the data: a row says so itself. Nil: of none.
    func row(of subset: String?)
    /// A scalar under the name it has in the file. `time`: nanoseconds since 1970, or ``WallTime/none``.
    func point(_ name: String, step: Int64, time: Int64, value: Double, type: ValueType) throws(VarveError)
    /// A scalar whose name and context are Varve's already.
    func point(of metric: MetricKey, step: Int64, time: Int64, value: Double) throws(VarveError)
    /// A text under the name it has in the file.
    func text(_ text: String, name: String, step: Int64, time: Int64) throws(VarveError)
    /// A confusion matrix, a class report or a histogram; its name and context are Varve's already.
    func record(_ content: Record.Content, of metric: MetricKey, step: Int64?, time: Int64) throws(VarveError)
    /// The same under the name it has in the file.
    func record(_ content: Record.Content, name: String, step: Int64?, time: Int64) throws(VarveError)
    /// A file that belongs to the run, or to one of its steps; `path` is where it lies now.
    func artifact(_ path: String, name: String, step: Int64?) throws(VarveError)
    /// A file that stands within the source: `content` is all of it.
    func artifact(_ content: RawSpan, name: String, step: Int64) throws(VarveError)
    /// A property of the run.
    func property(_ key: String, _ value: PropertyValue)
    /// The source says how the training ended.
    func ended(_ end: ForeignEnd)
    /// The source says when the training began and ended, nanoseconds since 1970, where its points don't tell.
    func lasted(from start: Int64?, to end: Int64?)
    /// Something that Varve doesn't keep, by its kind in the plural.
    func skipped(_ kind: String)
    /// An integer beyond 2⁵³ was rounded.
    func rounded()
    /// Something is wrong with the file.
    func problem(_ problem: ImportProblem)
}

/// How another tool says that a training ended.
package enum ForeignEnd: Sendable {
    case finished, failed, killed
    /// It goes on, or was killed without a word.
    case running
}

extension RunSink {
    /// A param of the run.
    package func param(_ key: String, _ value: PropertyValue) { property("params." + key, value) }

    /// A file that belongs to the run as a whole.
    package func artifact(_ path: String, name: String) throws(VarveError) {
        try artifact(path, name: name, step: nil)
    }
}

extension PropertyValue {
    /// The same value; arrays and objects as text.
    package init(_ value: JSONValue) {
        self =
            switch value {
            case .null: .null
            case .bool(let flag): .bool(flag)
            case .int(let number): .int(number)
            case .double(let number): .double(number)
            case .string(let text): .string(text)
            case .array, .object: .json(value.text)
            }
    }
}

/// A place in a file that could not be read, and what became of it.
public struct ImportProblem: Hashable, Sendable {
    /// The file, relative to what was imported.
    public var file: String
    /// The byte.
    public var offset: Int
    /// The line, the first being 1, in formats that have lines.
    public var line: Int?
    /// What is wrong, and what was done.
    public var message: String

    package init(file: String, offset: Int, line: Int? = nil, message: String) {
        self.file = file
        self.offset = offset
        self.line = line
        self.message = message
    }
}

extension ImportProblem: CustomStringConvertible {
    /// One line: file, line, offset, message.
    public var description: String {
        "\(file)\(line.map { ":\($0)" } ?? ""): \(message) at offset \(offset)"
    }
}
