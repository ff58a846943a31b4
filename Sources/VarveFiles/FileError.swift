/// A system call that failed, in words: which one, on what, why, and what may help.
package struct FileError: Error, Hashable, Sendable {
    /// The call, such as `open` or `fdatasync`.
    package var call: String
    package var path: String
    /// The number that the system gave; constants are static members, so that unknown ones survive.
    package var code: Code

    /// An errno value.
    package struct Code: RawRepresentable, Hashable, Sendable {
        package var rawValue: Int32
        package init(rawValue: Int32) { self.rawValue = rawValue }
    }

    package init(_ call: String, _ path: String, _ code: Code) {
        self.call = call
        self.path = path
        self.code = code
    }
}
