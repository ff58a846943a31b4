import VarveFormat

/// The operating system's files, as far as Varve uses them: the only door through which it reads and writes.
///
/// `RealFileSystem` makes system calls; `SimulatedFileSystem` keeps everything in memory, counts each call, and can fail,
/// kill or cut the power at any of them. Paths are UTF-8; relative ones are the process's affair. EINTR is retried inside.
package protocol FileSystem: Sendable {
    /// Opens a file; see ``OpenMode`` for what must or must not exist. Directories, pipes, sockets and devices are refused, and
    /// none of them is waited for.
    func open(_ path: String, _ mode: OpenMode) throws(FileError) -> any OpenFile

    /// The names in a directory, without `.` and `..`, in no particular order. Names that aren't UTF-8 are left out.
    func list(_ directory: String) throws(FileError) -> [String]

    /// Calls `body` with the bytes of each name that ``list(_:)`` would give, and of those that aren't UTF-8: 100,000 names
    /// are looked at without making as many strings.
    func forEachName(in directory: String, _ body: (Span<UInt8>) -> Void) throws(FileError)

    /// Makes one directory; it is no error if it is there already.
    func makeDirectory(_ path: String) throws(FileError)

    /// What `path` is, or nil if there is nothing. A symbolic link is one, whatever it leads to.
    func status(_ path: String) throws(FileError) -> FileStatus?

    /// The same, but of a symbolic link what it leads to: for paths that a person names, and the repository's own.
    func targetStatus(_ path: String) throws(FileError) -> FileStatus?

    /// Gives a file a second name. Throws `exists` if the new name is taken: this is how Varve publishes.
    func link(_ existing: String, _ new: String) throws(FileError)

    /// Removes a name. It is no error if it isn't there.
    func unlink(_ path: String) throws(FileError)

    /// Renames, replacing what has the new name.
    func rename(_ old: String, _ new: String) throws(FileError)

    /// Removes an empty directory.
    func removeDirectory(_ path: String) throws(FileError)

    /// Makes the names in a directory durable.
    func syncDirectory(_ path: String) throws(FileError)

    /// What kind of file system holds `path`, and how much room it has.
    func volume(_ path: String) throws(FileError) -> Volume
}

extension FileSystem {
    /// Without symbolic links there is but one status.
    package func targetStatus(_ path: String) throws(FileError) -> FileStatus? { try status(path) }

    package func forEachName(in directory: String, _ body: (Span<UInt8>) -> Void) throws(FileError) {
        for name in try list(directory) { body(Array(name.utf8).span) }
    }
}

/// How a file is opened.
package enum OpenMode: Sendable, Hashable {
    /// For reading; it must exist, and be no symbolic link: a repository that somebody else made leads nowhere else.
    case read
    /// For reading; what a symbolic link leads to is taken: for files that a person names, outside of a repository.
    case readLinked
    /// For reading and writing; it must exist, and be no symbolic link.
    case update
    /// For reading and writing; it must not exist (O_EXCL).
    case createNew
}

/// One open file. Methods may be called from several threads; closing is the owner's affair, once.
package protocol OpenFile: AnyObject, Sendable {
    /// The path under which it was opened.
    var path: String { get }

    /// Reads at `offset` until `buffer` is full or the file ends; returns the number of bytes.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int

    /// Writes all of `buffer` at `offset`. After an error any part of it may have been written.
    func write(_ buffer: UnsafeRawBufferPointer, at offset: Int) throws(FileError)

    /// The file's size in bytes.
    func size() throws(FileError) -> Int

    /// The first byte from `offset` on that may be anything but a zero; nil: there is none up to the end. Saves reading a hole
    /// of any size; a file system that doesn't know of holes says `offset`.
    func firstData(from offset: Int) -> Int?

    /// What the descriptor refers to, even if its name is gone.
    func status() throws(FileError) -> FileStatus

    /// Makes the written bytes durable (fdatasync).
    func sync() throws(FileError)

    /// Gives the file `size` bytes with blocks really allocated, so that a mapped store can't fail for want of room.
    func allocate(_ size: Int) throws(FileError)

    /// Maps the first `size` bytes shared, for reading and writing. The file must have them: allocate first.
    func map(_ size: Int) throws(FileError) -> any MappedRegion

    /// Closes the descriptor. Further calls are errors of the caller.
    func close()
}

/// Bytes of a file mapped into memory. The owner keeps it as long as anybody may touch `base`.
package protocol MappedRegion: AnyObject, Sendable {
    /// The first byte, page-aligned; valid until ``unmap()``.
    var base: UnsafeMutableRawPointer { get }
    var count: Int { get }

    /// Makes the pages that hold `range` durable (msync with MS_SYNC, which also waits for what is needed to find them).
    func sync(_ range: Range<Int>) throws(FileError)

    /// Lets the next store to each page that holds a part of `range` find the page ready to be written to. Changes
    /// nothing, and promises nothing.
    func prefault(_ range: Range<Int>)

    /// Gives the pages back. `base` must not be touched afterwards.
    func unmap()
}

/// What is known of a file without reading it.
package struct FileStatus: Hashable, Sendable {
    package enum Kind: Hashable, Sendable { case file, directory, link, other }
    package var kind: Kind
    package var size: Int
    /// Together with `device` it says which file this is, whatever its names.
    package var inode: UInt64
    package var device: UInt64
    /// The number of names; 0: deleted.
    package var links: Int
    /// Nanoseconds since 1970.
    package var modified: Int64

    package init(kind: Kind, size: Int, inode: UInt64, device: UInt64, links: Int, modified: Int64) {
        self.kind = kind
        self.size = size
        self.inode = inode
        self.device = device
        self.links = links
        self.modified = modified
    }
}

/// The file system that holds a path.
package struct Volume: Hashable, Sendable {
    /// Its name, such as `ext4`, or its number in hexadecimal where the name isn't known.
    package var kind: String
    /// Whether a mapped, preallocated file can be stored to without SIGBUS and is seen by every process at once: ext4, xfs, tmpfs.
    package var mapsSafely: Bool
    /// Whether other hosts may see it: then nothing is judged by process IDs alone.
    package var isRemote: Bool
    /// Bytes that this user may still write.
    package var available: Int

    package init(kind: String, mapsSafely: Bool, isRemote: Bool, available: Int) {
        self.kind = kind
        self.mapsSafely = mapsSafely
        self.isRemote = isRemote
        self.available = available
    }
}
