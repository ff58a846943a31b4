import VarveFormat

/// A damaged header of a frame as it was, where the payload behind it is whole.
///
/// Nothing is guessed: the payload's checksum and the header's own must both fit, or the one that is left if the other is what is
/// damaged. So what can be made anew is the first 16 bytes, whatever became of them (there are few kinds and flags, the next
/// header tells the length, and a zstd frame its own); or any one byte behind them; or the whole checksum of the payload. Of a
/// header without its checksums nothing can be proved.
struct LostHeader {
    private let damaged: [UInt8]
    private let room: [UInt8]
    private let salt: UInt64
    /// What the damaged header says.
    private let storedBytes: Int
    private let plainBytes: Int
    private let payloadHash: UInt64

    private static let head = 0..<16
    private static let hash = 24..<32

    /// Nil if there aren't as many bytes as a header has.
    ///
    /// - Parameters:
    ///   - damaged: the bytes where the header stood.
    ///   - room: what follows them, up to the next whole header or the file's end.
    init?(_ damaged: [UInt8], room: [UInt8], salt: UInt64) {
        var reader = ByteReader(damaged.span.bytes)
        do throws(FormatError) {
            try reader.skip(8)
            storedBytes = Int(try reader.fixed(UInt32.self))
            plainBytes = Int(try reader.fixed(UInt32.self))
            try reader.skip(8)
            payloadHash = try reader.fixed(UInt64.self)
            try reader.skip(8)
        } catch { return nil }
        self.damaged = damaged
        self.room = room
        self.salt = salt
    }

    /// The header; nil if it can't be proved.
    func found() -> FrameHeader? {
        for bytes in [storedBytes] + possibleLengths where bytes <= room.count {
            let hash = room[..<bytes].withUnsafeBytes { XXHash64.hash($0, seed: salt) }
            let header = hash == payloadHash ? withHead(bytes) ?? withOneByte(bytes) : with(hash, bytes)
            if let header { return header }
        }
        return nil
    }

    /// How long the payload may be if the next header stands right behind it: padding is zeros.
    private var possibleLengths: [Int] {
        var lengths: [Int] = []
        for padding in 0..<min(FormatConstants.frameAlignment, room.count + 1) {
            if padding > 0, room[room.count - padding] != 0 { break }
            lengths.append(room.count - padding)
        }
        return lengths
    }

    /// With other first 16 bytes.
    private func withHead(_ bytes: Int) -> FrameHeader? {
        let plain = room[..<bytes].withUnsafeBytes { Zstd.plainBytes(of: $0) } ?? plainBytes
        for kind in FrameKind.allCases where kind != .begin {
            for flags in [[], .compressed, .ordered] as [FrameFlags] {
                var head = ByteWriter(capacity: FormatConstants.frameHeaderBytes)
                head.fixed(FormatConstants.frameMagic)
                head.u8(kind.rawValue)
                head.u8(flags.rawValue)
                head.fixed(UInt16(0))
                head.fixed(UInt32(clamping: bytes))
                head.fixed(UInt32(clamping: flags.contains(.compressed) ? plain : bytes))
                if let header = proved(head.bytes + damaged[Self.head.upperBound...], bytes) { return header }
            }
        }
        return nil
    }

    /// With any one byte another.
    private func withOneByte(_ bytes: Int) -> FrameHeader? {
        for position in damaged.indices {
            var header = damaged
            for value in UInt8.min...UInt8.max {
                header[position] = value
                if let found = proved(header, bytes) { return found }
            }
        }
        return nil
    }

    /// With another checksum of the payload.
    private func with(_ hash: UInt64, _ bytes: Int) -> FrameHeader? {
        var writer = ByteWriter()
        writer.fixed(hash)
        var header = damaged
        header.replaceSubrange(Self.hash, with: writer.bytes)
        return proved(header, bytes)
    }

    /// The header if its checksum fits, and its payload is as long.
    private func proved(_ bytes: [UInt8], _ storedBytes: Int) -> FrameHeader? {
        guard let header = try? FrameHeader(parsing: bytes.span.bytes), header.storedBytes == storedBytes,
            header.kind != FrameKind.begin.rawValue
        else { return nil }
        return header
    }
}
