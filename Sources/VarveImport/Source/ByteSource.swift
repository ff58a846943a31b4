import Varve
import VarveFiles

/// Bytes that somebody else wrote, and may still be writing: a file, or an array that stands in for one.
package protocol ByteSource: AnyObject {
    /// What to call it in a report.
    var name: String { get }
    /// The number of bytes there are now.
    func size() throws(VarveError) -> Int
    /// Reads at `offset` until `buffer` is full or the bytes end; returns the number of bytes.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(VarveError) -> Int
}

/// A file, opened for reading with the first use, and again with the first use after ``close()``: a run may have more files
/// than a process may have open. One that begins as UTF-16 does is seen as UTF-8 (``UTF16Text``).
package final class FileSource: ByteSource {
    package let name: String
    private let path: String
    private let fileSystem: any FileSystem
    private var file: (any OpenFile)?
    private var recoded: UTF16Text?

    /// Its bytes are other ones than the file's: the sizes have nothing to do with each other.
    package var isRecoded: Bool { recoded != nil }

    /// The file at `path`, to be called `name`.
    package init(_ path: String, name: String, in fileSystem: any FileSystem) {
        self.path = path
        self.name = name
        self.fileSystem = fileSystem
    }

    deinit { close() }

    package func close() {
        file?.close()
        file = nil
    }

    private func opened() throws(VarveError) -> any OpenFile {
        if let file { return file }
        do throws(FileError) {
            let opened = try fileSystem.open(path, .readLinked)
            file = opened
            if recoded == nil { recoded = try UTF16Text(opened) }
            return opened
        } catch { throw VarveError(error) }
    }

    package func size() throws(VarveError) -> Int {
        let file = try opened()
        do throws(FileError) {
            guard var text = recoded else { return try file.size() }
            // Held once only, so that it grows in place.
            recoded = nil
            defer { recoded = text }
            return try text.size(file)
        } catch { throw VarveError(error) }
    }

    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(VarveError) -> Int {
        let file = try opened()
        do throws(FileError) {
            guard var text = recoded else { return try file.read(into: buffer, at: offset) }
            recoded = nil
            defer { recoded = text }
            return try text.read(into: buffer, at: offset, file)
        } catch { throw VarveError(error) }
    }
}

/// Bytes in memory.
package final class MemorySource: ByteSource {
    package let name: String
    package var bytes: [UInt8]

    package init(_ bytes: [UInt8], name: String = "memory") {
        self.bytes = bytes
        self.name = name
    }

    package func size() throws(VarveError) -> Int { bytes.count }

    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(VarveError) -> Int {
        let count = min(buffer.count, max(0, bytes.count - offset))
        if count > 0 {
            bytes.withUnsafeBytes { all in
                buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: all[offset..<offset + count]))
            }
        }
        return count
    }
}
