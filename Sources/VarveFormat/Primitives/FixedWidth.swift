/// Numbers of fixed width, and memory as it is, at the end of bytes.
extension [UInt8] {
    /// Appends an integer, its low bytes first.
    @inlinable @inline(__always)
    package mutating func append(littleEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(raw: $0) }
    }

    /// Appends what `write` puts at the start of `room` bytes of its own: as many of them as it returns.
    @inlinable @inline(__always)
    package mutating func append(room: Int, _ write: (UnsafeMutablePointer<UInt8>) -> Int) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: room) { buffer in
            guard let start = buffer.baseAddress else { return }
            append(contentsOf: UnsafeBufferPointer(rebasing: buffer[..<write(start)]))
        }
    }

    /// Appends memory: as numbers of eight bits, which arrays take at once; raw memory they take byte by byte.
    @inlinable @inline(__always)
    package mutating func append(raw more: UnsafeRawBufferPointer) {
        more.withMemoryRebound(to: UInt8.self) { append(contentsOf: $0) }
    }
}
