import VarveFiles

/// Bytes as a file that can only be read.
final class MemoryFile: OpenFile {
    let path = "/memory"
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int {
        let count = max(0, min(buffer.count, bytes.count - offset))
        if count > 0 { buffer.copyBytes(from: bytes[offset..<(offset + count)]) }
        return count
    }

    func size() throws(FileError) -> Int { bytes.count }

    func status() throws(FileError) -> FileStatus {
        FileStatus(kind: .file, size: bytes.count, inode: 1, device: 1, links: 1, modified: 0)
    }

    func write(_ buffer: UnsafeRawBufferPointer, at offset: Int) throws(FileError) { throw refusal("write") }
    func sync() throws(FileError) { throw refusal("sync") }
    func allocate(_ size: Int) throws(FileError) { throw refusal("allocate") }
    func map(_ size: Int) throws(FileError) -> any MappedRegion { throw refusal("map") }
    func close() {}

    private func refusal(_ call: String) -> FileError { FileError(call, path, .readOnly) }
}
