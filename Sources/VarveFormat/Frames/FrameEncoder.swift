/// Makes whole frames: payload compressed where that pays, header, checksums, padding.
package struct FrameEncoder {
    private let zstd: Zstd
    /// The salt of the file the frames are for: it seeds the payloads' checksums.
    package let salt: UInt64

    /// Payloads below this size are stored as they are.
    private static let compressFrom = 200

    package init(salt: UInt64, zstd: Zstd) {
        self.salt = salt
        self.zstd = zstd
    }

    /// One frame of `kind` that holds `payload`.
    package func frame(
        _ kind: FrameKind, payload: [UInt8], count: Int, sequence: UInt64, flags: FrameFlags = FrameFlags()
    ) -> [UInt8] {
        var flags = flags
        var stored = payload
        // Points compress their columns themselves, and `begin` must be readable as it stands.
        if kind != .begin, kind != .points, payload.count >= Self.compressFrom,
            let smaller = payload.withUnsafeBytes({ zstd.compress($0, level: 3) })
        {
            stored = smaller
            flags.insert(.compressed)
        }
        let header = FrameHeader(
            kind: kind.rawValue, flags: flags, storedBytes: stored.count, plainBytes: payload.count,
            firstSequence: sequence, payloadHash: XXHash64.hash(stored, seed: kind == .begin ? 0 : salt), count: count)
        var writer = ByteWriter(capacity: header.frameBytes)
        header.write(to: &writer)
        writer.raw(stored)
        writer.pad(to: FormatConstants.frameAlignment)
        return writer.bytes
    }
}

extension FrameHeader {
    /// The plain payload of this frame.
    ///
    /// - Parameter stored: the payload's bytes as stored.
    /// - Throws: `corrupt` if they don't fit the checksum, or don't decompress to what the header says.
    package func payload(of stored: RawSpan, salt: UInt64, zstd: Zstd) throws(FormatError) -> [UInt8] {
        try prove(stored, salt: salt)
        return try unproved(stored, zstd: zstd)
    }

    /// The plain payload of this frame, whatever its checksum says: for the one kind whose salt stands in the payload itself.
    package func unproved(_ stored: RawSpan, zstd: Zstd) throws(FormatError) -> [UInt8] {
        guard flags.contains(.compressed) else {
            return stored.withUnsafeBytes { [UInt8]($0) }
        }
        var plain = [UInt8](repeating: 0, count: plainBytes)
        var failure: FormatError?
        plain.withUnsafeMutableBytes { target in
            do throws(FormatError) { try zstd.decompress(stored, into: target) } catch { failure = error }
        }
        if let failure { throw failure }
        return plain
    }

    /// Proves a payload by its checksum.
    package func prove(_ stored: RawSpan, salt: UInt64) throws(FormatError) {
        let hash = XXHash64.hash(stored, seed: kind == FrameKind.begin.rawValue ? 0 : salt)
        guard hash == payloadHash else {
            throw FormatError(
                .corrupt, at: FormatConstants.frameHeaderBytes, expected: "checksum \(payloadHash) of a payload",
                found: "\(hash)")
        }
    }
}
