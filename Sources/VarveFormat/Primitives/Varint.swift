/// Integers of as many bytes as they need, seven bits a byte, low ones first: LEB128, which protobuf, Thrift's compact protocol and
/// Parquet have, too.
extension [UInt8] {
    /// Appends a number.
    @inlinable @inline(__always)
    package mutating func appendVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest &>>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    /// Appends a number that may be negative: 0, −1, 1, −2, … as 0, 1, 2, 3, …
    @inlinable @inline(__always)
    package mutating func appendZigzag(_ value: Int64) {
        appendVarint(UInt64(bitPattern: value &<< 1 ^ value &>> 63))
    }
}
