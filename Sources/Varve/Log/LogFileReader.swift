import VarveFiles
import VarveFormat

/// Reads single frames of a log file whose places are known.
package struct LogFileReader {
    package let file: any OpenFile
    private let zstd: Zstd

    package init(_ file: any OpenFile, zstd: Zstd) {
        self.file = file
        self.zstd = zstd
    }

    /// Whether the last frame of a file is an `end`, as far as its last bytes tell: one with a long message isn't found.
    static func endsWithEnd(_ file: any OpenFile, size: Int) throws(FileError) -> Bool {
        let alignment = FormatConstants.frameAlignment
        var offset = max(0, size - 512) / alignment * alignment
        let bytes = try file.read(upTo: size - offset, at: offset)
        while offset + FormatConstants.frameHeaderBytes <= size {
            let rest = bytes.span.bytes.extracting(last: size - offset)
            if let header = try? FrameHeader(parsing: rest.extracting(first: FormatConstants.frameHeaderBytes)),
                FrameKind(rawValue: header.kind) == .end, offset + header.frameBytes == size
            {
                return true
            }
            offset += alignment
        }
        return false
    }

    /// The plain payload of a frame, proved again: the file may have been changed since the scan.
    package func payload(of frame: FrameRef, in section: LogSection) throws(VarveError) -> [UInt8] {
        let offset = section.baseOffset + frame.offset + FormatConstants.frameHeaderBytes
        var failure: FileError?
        let stored = [UInt8](unsafeUninitializedCapacity: frame.header.storedBytes) { target, filled in
            do throws(FileError) {
                filled = try file.read(into: UnsafeMutableRawBufferPointer(target), at: offset)
            } catch {
                failure = error
                filled = 0
            }
        }
        if let failure { throw VarveError(failure) }
        do throws(FormatError) {
            return try frame.header.payload(of: stored.span.bytes, salt: section.begin.salt, zstd: zstd)
        } catch {
            throw VarveError(error.located(in: file.path, at: section.baseOffset + frame.offset))
        }
    }
}
