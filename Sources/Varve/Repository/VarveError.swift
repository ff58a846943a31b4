import VarveFiles

/// What went wrong, where, and what may help: the error of everything public.
public struct VarveError: Error, Hashable, Sendable {
    /// The kinds of failures, for programs that act on them.
    public enum Code: Hashable, Sendable {
        /// There is no repository, run, metric or file by that name.
        case notFound
        /// It is there already.
        case exists
        /// Bytes contradict the format.
        case damaged
        /// Made by a newer version of Varve.
        case unsupported
        /// The operating system refused.
        case system
        /// The disk, or the user's share of it, is full.
        case noRoom
        /// An argument or an expression can't be used as it is.
        case invalid
        /// A cap of the format would be exceeded.
        case limit
        /// The run is closed, or alive where it must not be.
        case state
    }

    /// What kind of failure it is.
    public var code: Code
    /// What happened, in a sentence without its final stop.
    public var message: String
    /// The file concerned.
    public var file: String?
    /// The byte in that file.
    public var offset: Int?
    /// What should have been there.
    public var expected: String?
    /// What was there.
    public var found: String?
    /// What to do about it.
    public var remedy: String?

    /// An error in these words.
    public init(
        _ code: Code, _ message: String, file: String? = nil, offset: Int? = nil, expected: String? = nil,
        found: String? = nil, remedy: String? = nil
    ) {
        self.code = code
        self.message = message
        self.file = file
        self.offset = offset
        self.expected = expected
        self.found = found
        self.remedy = remedy
    }
}

extension VarveError: CustomStringConvertible {
    /// Everything that is known, on one line.
    public var description: String {
        var text = file.map { "\($0): " } ?? ""
        text += message
        if let offset { text += " at offset \(offset)" }
        if let expected { text += ": expected \(expected)" }
        if let found { text += ", found \(found)" }
        if let remedy { text += " (\(remedy))" }
        return text
    }
}

extension VarveError {
    /// A failed system call.
    package init(_ error: FileError) {
        let isFull = error.code == .noSpace || error.code == .quota
        let words = error.code.words
        self.init(
            isFull ? .noRoom : .system, "\(error.call): \(words?.what ?? error.code.description)", file: error.path,
            remedy: words.flatMap { $0.remedy.isEmpty ? nil : $0.remedy })
    }

    /// Bytes that could not be parsed.
    package init(_ error: FormatError) {
        let code: Code =
            switch error.kind {
            case .unsupported: .unsupported
            case .capExceeded: .limit
            case .truncated, .corrupt: .damaged
            }
        let message =
            switch error.kind {
            case .unsupported: "made by a newer version of Varve"
            case .capExceeded: "beyond a limit of the format"
            case .truncated: "cut off"
            case .corrupt: "damaged"
            }
        self.init(
            code, message, file: error.file, offset: error.offset, expected: error.expected, found: error.found,
            remedy: code == .unsupported ? "update Varve to read it" : nil)
    }
}
