/// Chunks and sections of a segment end with the XXH64 of their bytes, seeded with their offset in the file, so that
/// one
/// which strayed to another place doesn't pass (Format.md, section 6).
package enum CheckedBytes {
    /// The bytes of the checksum at the end.
    package static let checksumBytes = 8

    /// Appends the checksum of `bytes`, which will stand at `offset` of the file.
    package static func append(to bytes: inout [UInt8], at offset: Int) {
        bytes.append(littleEndian: XXHash64.hash(bytes, seed: UInt64(offset)))
    }

    /// The bytes without their checksum, proved.
    ///
    /// - Parameters:
    ///   - bytes: a whole chunk or section with its checksum.
    ///   - offset: where it stands in the file.
    @_lifetime(copy bytes)
    package static func content(of bytes: RawSpan, at offset: Int) throws(FormatError) -> RawSpan {
        let length = bytes.byteCount - checksumBytes
        guard length >= 0 else {
            throw FormatError(
                .truncated, at: 0, expected: "a checksum of \(checksumBytes) bytes", found: "\(bytes.byteCount) bytes")
        }
        let content = bytes.extracting(0..<length)
        let stated = UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: length, as: UInt64.self))
        let actual = XXHash64.hash(content, seed: UInt64(offset))
        guard stated == actual else {
            throw FormatError(.corrupt, at: length, expected: "checksum \(actual)", found: "\(stated)")
        }
        return content
    }
}
