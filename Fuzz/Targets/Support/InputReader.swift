/// Takes choices from the front of an input; when it is used up they are zero.
struct InputReader {
    private var rest: ArraySlice<UInt8>

    init(_ input: [UInt8]) { rest = input[...] }

    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    /// A number below `limit`, at most 256.
    mutating func choice(_ limit: Int) -> Int { Int(byte()) % limit }

    /// Two bytes, low first.
    mutating func word() -> Int { Int(byte()) | Int(byte()) << 8 }

    /// Everything that is left.
    mutating func remainder() -> [UInt8] {
        defer { rest = [] }
        return Array(rest)
    }
}
