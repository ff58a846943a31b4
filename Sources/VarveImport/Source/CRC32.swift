/// The CRC-32 of zlib, PNG and Ethernet (polynomial 0x04C11DB7, bits reversed), as W&B's logs use it.
///
/// The same eight tables as ``CRC32C`` over another polynomial.
package enum CRC32 {
    private static let tables = CRCTables(reversedPolynomial: 0xEDB8_8320)

    /// The checksum of `byte` followed by `bytes`.
    package static func checksum(of byte: UInt8, and bytes: RawSpan) -> UInt32 {
        tables.sum(of: bytes, after: tables.sum(of: byte, after: .max)) ^ .max
    }
}
