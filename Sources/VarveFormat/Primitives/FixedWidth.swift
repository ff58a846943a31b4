/// Numbers of fixed width, and memory as it is, at the end of bytes.
extension [UInt8] {
    /// Appends an integer, its low bytes first.
    @inlinable @inline(__always)
    package mutating func append(littleEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(raw: $0) }
    }

    /// Appends memory: as numbers of eight bits, which arrays take at once; raw memory they take byte by byte.
    @inlinable @inline(__always)
    package mutating func append(raw more: UnsafeRawBufferPointer) {
        more.withMemoryRebound(to: UInt8.self) { append(contentsOf: $0) }
    }
}
