import VarveFormat

/// The hash by which contents are told apart: SHA-256.
public struct ContentHash: Sendable {
    private var hash = SHA256()

    /// Of nothing yet.
    public init() {}

    /// Takes the next bytes.
    public mutating func update(_ bytes: ArraySlice<UInt8>) { hash.update(Array(bytes)) }

    /// Of all bytes so far, 64 hexadecimal digits.
    public var text: String {
        var copy = hash
        return SHA256.text(copy.finalize())
    }
}
