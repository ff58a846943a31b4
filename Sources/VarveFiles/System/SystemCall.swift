import Glibc

/// Repeats `body` while signals interrupt it; throws what the system says if it returns -1.
@inline(__always)
func checked<Result: SignedInteger>(
    _ call: @autoclosure () -> String, _ path: String, _ body: () -> Result
) throws(FileError) -> Result {
    while true {
        let result = body()
        if result != -1 { return result }
        let code = errno
        if code != EINTR { throw FileError(call(), path, FileError.Code(rawValue: code)) }
    }
}

/// Refuses a path with a zero byte: the system would take what stands before it, which is another file.
func checkPath(_ call: String, _ path: String) throws(FileError) {
    var path = path
    if path.withUTF8({ $0.contains(0) }) { throw FileError(call, path, .invalid) }
}

extension FileStatus {
    init(_ status: stat) {
        let kind: Kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            case S_IFLNK: .link
            default: .other
            }
        self.init(
            kind: kind, size: Int(status.st_size), inode: UInt64(status.st_ino), device: UInt64(status.st_dev),
            links: Int(status.st_nlink),
            modified: Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec))
    }
}
