import VarveFiles
import VarveFormat

/// Which files a pack says to hold, by the frame at its end (Format.md, section 3.9).
struct PackContents {
    /// From the pack's beginning on, one directly after the other.
    let files: [PackedFile]

    /// More than the contents of a pack of 200,000 files take.
    private static let mostBytes = 8 << 20

    /// Nil where the pack doesn't say, or where what it says can't be: it was cut off, is damaged at its end, or was put together by
    /// something else. Then its frames tell, by a scan.
    init?(_ file: any OpenFile, zstd: Zstd) {
        guard let last = try? Self.lastFrame(of: file), last.header.kind == FrameKind.contents.rawValue else {
            return nil
        }
        let stored = last.payload.span.bytes
        guard let plain = try? last.header.unproved(stored, zstd: zstd),
            let files = try? PackedFile.parse(plain.span.bytes, count: last.header.count),
            let salt = files.last?.identity.salt, (try? last.header.prove(stored, salt: salt)) != nil
        else { return nil }
        var end: UInt64 = 0
        for file in files {
            guard file.offset == end, file.bytes <= UInt64(last.offset) - end else { return nil }
            end += file.bytes
        }
        guard end == UInt64(last.offset) else { return nil }
        self.files = files
    }

    /// The frame with which a file ends; nil: it ends otherwise.
    private static func lastFrame(
        of file: any OpenFile
    ) throws(FileError) -> (offset: Int, header: FrameHeader, payload: [UInt8])? {
        let size = try file.size()
        guard size % FormatConstants.frameAlignment == 0 else { return nil }
        var length = 64 << 10
        var searched = size - FormatConstants.frameHeaderBytes + FormatConstants.frameAlignment
        while true {
            let start = max(0, size - length)
            let bytes = try file.read(upTo: size - start, at: start)
            // It was cut meanwhile.
            guard bytes.count == size - start else { return nil }
            while searched - FormatConstants.frameAlignment >= start {
                searched -= FormatConstants.frameAlignment
                let place = searched - start
                guard let header = header(in: bytes, at: place) else { continue }
                guard searched + header.frameBytes == size else { return nil }
                let payload = place + FormatConstants.frameHeaderBytes
                return (searched, header, Array(bytes[payload..<payload + header.storedBytes]))
            }
            guard start > 0, length < mostBytes else { return nil }
            length *= 2
        }
    }

    private static func header(in bytes: [UInt8], at place: Int) -> FrameHeader? {
        let rest = bytes.span.bytes.extracting(place..<place + FormatConstants.frameHeaderBytes)
        let word = rest.unsafeLoadUnaligned(as: UInt32.self)
        guard UInt32(littleEndian: word) == FormatConstants.frameMagic else { return nil }
        return try? FrameHeader(parsing: rest)
    }
}
