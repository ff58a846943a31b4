import VarveFiles

/// A file system that hands on what it doesn't do itself.
package protocol ForwardingFileSystem: FileSystem {
    associatedtype Inner: FileSystem
    var inner: Inner { get }
}

extension ForwardingFileSystem {
    package func open(_ path: String, _ mode: OpenMode) throws(FileError) -> any OpenFile { try inner.open(path, mode) }
    package func list(_ directory: String) throws(FileError) -> [String] { try inner.list(directory) }
    package func makeDirectory(_ path: String) throws(FileError) { try inner.makeDirectory(path) }
    package func status(_ path: String) throws(FileError) -> FileStatus? { try inner.status(path) }
    package func targetStatus(_ path: String) throws(FileError) -> FileStatus? { try inner.targetStatus(path) }
    package func link(_ existing: String, _ new: String) throws(FileError) { try inner.link(existing, new) }
    package func unlink(_ path: String) throws(FileError) { try inner.unlink(path) }
    package func rename(_ old: String, _ new: String) throws(FileError) { try inner.rename(old, new) }
    package func removeDirectory(_ path: String) throws(FileError) { try inner.removeDirectory(path) }
    package func syncDirectory(_ path: String) throws(FileError) { try inner.syncDirectory(path) }
    package func volume(_ path: String) throws(FileError) -> Volume { try inner.volume(path) }
}

/// A file that hands on what it doesn't do itself.
package protocol ForwardingFile: OpenFile {
    var inner: any OpenFile { get }
}

extension ForwardingFile {
    package var path: String { inner.path }
    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int {
        try inner.read(into: buffer, at: offset)
    }
    package func write(_ buffer: UnsafeRawBufferPointer, at offset: Int) throws(FileError) {
        try inner.write(buffer, at: offset)
    }
    package func size() throws(FileError) -> Int { try inner.size() }
    package func firstData(from offset: Int) -> Int? { inner.firstData(from: offset) }
    package func status() throws(FileError) -> FileStatus { try inner.status() }
    package func sync() throws(FileError) { try inner.sync() }
    package func allocate(_ size: Int) throws(FileError) { try inner.allocate(size) }
    package func map(_ size: Int) throws(FileError) -> any MappedRegion { try inner.map(size) }
    package func close() { inner.close() }
}
