/// The 40 bytes in front of each payload of a log file (Format.md, section 3).
package struct FrameHeader: Hashable, Sendable {
    package var kind: UInt8
    package var flags: FrameFlags
    /// Bytes of the payload as stored, without padding.
    package var storedBytes: Int
    /// Bytes of the payload once decompressed.
    package var plainBytes: Int
    package var firstSequence: UInt64
    /// XXH64 of the stored payload, seeded with the file's salt.
    package var payloadHash: UInt64
    /// Points or entries in the payload.
    package var count: Int

    package init(
        kind: UInt8, flags: FrameFlags, storedBytes: Int, plainBytes: Int, firstSequence: UInt64, payloadHash: UInt64,
        count: Int
    ) {
        self.kind = kind
        self.flags = flags
        self.storedBytes = storedBytes
        self.plainBytes = plainBytes
        self.firstSequence = firstSequence
        self.payloadHash = payloadHash
        self.count = count
    }

    /// Bytes from this header to the next: header, payload, padding.
    package var frameBytes: Int {
        let alignment = FormatConstants.frameAlignment
        return (FormatConstants.frameHeaderBytes + storedBytes + alignment - 1) / alignment * alignment
    }
}

/// What a frame's header says of its payload's form.
package struct FrameFlags: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    /// The payload is one zstd frame.
    package static let compressed = FrameFlags(rawValue: 1)
    /// The points have an order column.
    package static let ordered = FrameFlags(rawValue: 2)
    package static let known: FrameFlags = [.compressed, .ordered]
}

/// The kinds of frames that this version knows.
package enum FrameKind: UInt8, Sendable, CaseIterable {
    case begin = 0
    case define, points, properties, text, artifacts, loss, end, contents
    case records = 128
    case withdrawals

    /// From here on a reader may skip what it doesn't know.
    package static let firstSkippable: UInt8 = 128
}

extension FrameHeader {
    package func write(to writer: inout ByteWriter) {
        let start = writer.count
        writer.fixed(FormatConstants.frameMagic)
        writer.u8(kind)
        writer.u8(flags.rawValue)
        writer.fixed(UInt16(0))
        writer.fixed(UInt32(storedBytes))
        writer.fixed(UInt32(plainBytes))
        writer.fixed(firstSequence)
        writer.fixed(payloadHash)
        writer.fixed(UInt32(count))
        let hash = writer.bytes[start...].withUnsafeBytes { XXHash64.hash($0) }
        writer.fixed(UInt32(truncatingIfNeeded: hash))
    }

    /// Parses and proves a header.
    ///
    /// - Throws: `truncated` if fewer than 40 bytes are left and they could begin a header; `corrupt` if no header
    ///   stands
    ///   there; `capExceeded` or `unsupported` if one does that this version refuses.
    package init(parsing bytes: RawSpan) throws(FormatError) {
        var reader = ByteReader(bytes)
        let magicBytes = min(4, bytes.byteCount)
        for i in 0..<magicBytes {
            let expected = UInt8(truncatingIfNeeded: FormatConstants.frameMagic &>> UInt32(8 * i))
            let byte = try reader.u8("the magic of a frame")
            guard byte == expected else {
                throw FormatError(.corrupt, at: i, expected: "the magic of a frame, \"VFrm\"", found: "other bytes")
            }
        }
        guard bytes.byteCount >= FormatConstants.frameHeaderBytes else {
            throw FormatError(
                .truncated, at: 0, expected: "\(FormatConstants.frameHeaderBytes) bytes of a frame's header",
                found: "\(bytes.byteCount)")
        }
        let kind = try reader.u8()
        let flags = FrameFlags(rawValue: try reader.u8())
        try reader.skip(2)
        let stored = try reader.fixed(UInt32.self)
        let plain = try reader.fixed(UInt32.self)
        let firstSequence = try reader.fixed(UInt64.self)
        let payloadHash = try reader.fixed(UInt64.self)
        let count = try reader.fixed(UInt32.self)
        let stated = try reader.fixed(UInt32.self)
        let actual = UInt32(
            truncatingIfNeeded: XXHash64.hash(bytes.extracting(0..<(FormatConstants.frameHeaderBytes - 4))))
        guard stated == actual else {
            throw FormatError(
                .corrupt, at: 36, expected: "checksum \(actual) of a frame's header", found: "\(stated)")
        }
        guard plain <= FormatConstants.maxPlainBytes, stored <= FormatConstants.maxPlainBytes else {
            throw FormatError(
                .capExceeded, at: 8, expected: "a payload of at most \(FormatConstants.maxPlainBytes) bytes",
                found: "\(stored) stored, \(plain) plain")
        }
        guard flags.isSubset(of: .known), flags.contains(.compressed) || stored == plain else {
            throw FormatError(.unsupported, at: 5, expected: "flags 0 to 3", found: "\(flags.rawValue)")
        }
        guard count <= FormatConstants.maxFramePoints, firstSequence <= UInt64(Int64.max) else {
            throw FormatError(
                .capExceeded, at: 32, expected: "at most \(FormatConstants.maxFramePoints) entries",
                found: "\(count) from \(firstSequence)")
        }
        self.init(
            kind: kind, flags: flags, storedBytes: Int(stored), plainBytes: Int(plain), firstSequence: firstSequence,
            payloadHash: payloadHash, count: Int(count))
    }
}
