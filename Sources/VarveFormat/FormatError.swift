/// What is wrong with bytes that were read, and where: the error of everything that parses.
///
/// Offsets count from the beginning of the bytes that the parser was given; whoever knows the file adds `file` and
/// moves the offset with ``located(in:at:)``.
public struct FormatError: Error, Hashable, Sendable {
    /// The kinds of findings, which readers treat differently.
    public enum Kind: Hashable, Sendable {
        /// The bytes end where more must follow. A growing file may simply not be there yet.
        case truncated
        /// The bytes are there and contradict the format.
        case corrupt
        /// The bytes are valid and exceed a cap of the format.
        case capExceeded
        /// The file was made by a newer version, or needs a feature that this one lacks.
        case unsupported
    }

    /// What sort of finding it is.
    /// What kind of finding it is.
    public var kind: Kind
    /// The file, once known.
    public var file: String?
    /// The byte at which the contradiction stands.
    public var offset: Int
    /// What the format demands there.
    public var expected: String
    /// What stands there instead.
    public var found: String

    /// Describes a finding at `offset` of the bytes at hand.
    public init(_ kind: Kind, at offset: Int, expected: String, found: String, file: String? = nil) {
        self.kind = kind
        self.offset = offset
        self.expected = expected
        self.found = found
        self.file = file
    }

    /// The same finding, in a named file in which the bytes at hand begin at `base`.
    public func located(in file: String, at base: Int = 0) -> FormatError {
        var copy = self
        copy.file = file
        copy.offset += base
        return copy
    }
}

extension FormatError: CustomStringConvertible {
    /// One line: file, offset, expected, found.
    public var description: String {
        let what =
            switch kind {
            case .truncated: "cut off"
            case .corrupt: "damaged"
            case .capExceeded: "beyond a limit of the format"
            case .unsupported: "not supported by this version"
            }
        return "\(file.map { "\($0): " } ?? "")\(what) at offset \(offset): expected \(expected), found \(found)"
    }
}
