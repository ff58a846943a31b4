import VarveFiles
import VarveFormat

/// Appends to a file through a buffer, and knows the offset at which the next byte will stand.
struct SegmentOutput {
    private let file: any OpenFile
    private var buffer: [UInt8] = []
    private var flushed = 0
    private static let block = 1 << 20

    init(_ file: any OpenFile) { self.file = file }

    /// Where the next byte will stand.
    var offset: Int { flushed + buffer.count }

    mutating func append(_ bytes: [UInt8]) throws(VarveError) {
        buffer += bytes
        if buffer.count >= Self.block { try flush() }
    }

    /// Appends a chunk or a section with its checksum; returns its length. Nothing is appended for no content.
    mutating func appendChecked(_ content: [UInt8]) throws(VarveError) -> Int {
        guard !content.isEmpty else { return 0 }
        var bytes = content
        CheckedBytes.append(to: &bytes, at: offset)
        try append(bytes)
        return bytes.count
    }

    /// Pads with zeros to the next multiple of 8.
    mutating func align() throws(VarveError) {
        let rest = offset % FormatConstants.frameAlignment
        if rest > 0 { try append([UInt8](repeating: 0, count: FormatConstants.frameAlignment - rest)) }
    }

    mutating func flush() throws(VarveError) {
        guard !buffer.isEmpty else { return }
        let bytes = buffer
        let at = flushed
        let file = file
        try filesystem { () throws(FileError) in try file.write(bytes, at: at) }
        flushed += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }
}
