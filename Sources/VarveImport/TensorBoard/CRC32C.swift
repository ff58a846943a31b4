/// CRC-32C (Castagnoli, polynomial 0x1EDC6F41, bits reversed), as TFRecord files use it.
package enum CRC32C {
    private static let tables = CRCTables(reversedPolynomial: 0x82F6_3B78)

    /// The checksum of `bytes`.
    package static func checksum(_ bytes: RawSpan) -> UInt32 { ~tables.sum(of: bytes, after: .max) }

    /// The checksum of `bytes` as TFRecord stores it: rotated and shifted by a constant, since the sum of data that holds
    /// sums is weak.
    package static func masked(_ bytes: RawSpan) -> UInt32 {
        let sum = checksum(bytes)
        return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
    }
}
