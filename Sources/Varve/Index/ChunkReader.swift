import VarveFormat

/// Reads chunks of segments into memory of its own and proves each by its checksum. Keeps the last one: who asks for it again
/// gets it without a system call. Not thread-safe.
final class ChunkReader {
    private var buffer: [UInt8] = []
    /// Whose bytes are in the buffer, proved.
    private var loaded: (segment: UniqueID, offset: Int, bytes: Int)?

    /// Lets `body` see the content of a chunk without its checksum. An error of `body` counts its offset from the chunk.
    func withContent<R>(
        of segment: SegmentReader, at offset: Int, bytes: Int, _ body: (RawSpan) throws(FormatError) -> R
    ) throws(VarveError) -> R {
        // Taken out while in use: then it is read in place, and nobody else can change it.
        var stored = buffer
        buffer = []
        defer { buffer = stored }
        do throws(FormatError) {
            if let loaded, loaded == (segment.id, offset, bytes) {
                return try body(stored.span.bytes.extracting(0..<(bytes - CheckedBytes.checksumBytes)))
            }
        } catch {
            throw VarveError(error.located(in: segment.path, at: offset))
        }
        loaded = nil
        try segment.read(offset..<(offset + bytes), into: &stored)
        do throws(FormatError) {
            let content = try CheckedBytes.content(of: stored.span.bytes, at: offset)
            loaded = (segment.id, offset, bytes)
            return try body(content)
        } catch {
            throw VarveError(error.located(in: segment.path, at: offset))
        }
    }
}
