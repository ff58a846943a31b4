import VarveFormat

/// Headers of frames: what is valid is within its caps, and is written as it was read.
///
/// Of an input whose first byte is odd the checksum is made to fit.
struct FrameHeaders: FuzzTarget {
    static var words: [String] { ["VFrm"] }

    static func seeds() -> [[UInt8]] {
        [FrameKind.points, .text].map { kind in
            let header = FrameHeader(
                kind: kind.rawValue, flags: kind == .text ? .compressed : .ordered, storedBytes: 100,
                plainBytes: kind == .text ? 300 : 100, firstSequence: 7, payloadHash: 8, count: 9)
            var writer = ByteWriter()
            writer.u8(1)
            header.write(to: &writer)
            return writer.bytes
        }
    }

    init() {}

    func feed(_ input: [UInt8]) throws {
        guard input.count > 1 else { return }
        var bytes = Array(input[1...])
        if input[0] & 1 == 1, bytes.count >= FormatConstants.frameHeaderBytes {
            let end = FormatConstants.frameHeaderBytes - 4
            let hash = UInt32(truncatingIfNeeded: XXHash64.hash(Array(bytes[..<end])))
            withUnsafeBytes(of: hash.littleEndian) { bytes.replaceSubrange(end..<end + 4, with: $0) }
        }
        guard let header = try? FrameHeader(parsing: bytes.span.bytes) else { return }
        try demand(header.frameBytes <= FormatConstants.maxPlainBytes + 48, "\(header)")
        try demand(header.count <= FormatConstants.maxFramePoints, "\(header)")
        // Reserved bytes aren't looked at; everything else comes back.
        var writer = ByteWriter()
        header.write(to: &writer)
        let again = try? FrameHeader(parsing: writer.bytes.span.bytes)
        try demand(again == header, "\(header) came back as \(String(describing: again))")
    }
}
