import CVarveClock
import Glibc

/// The operating system's files. Everything it opens is closed by `exec`; interrupted calls are repeated.
package struct RealFileSystem: FileSystem {
    package init() {}

    package func open(_ path: String, _ mode: OpenMode) throws(FileError) -> any OpenFile {
        try checkPath("open", path)
        let access =
            switch mode {
            case .read: O_RDONLY | O_NOFOLLOW
            case .readLinked: O_RDONLY
            case .update: O_RDWR | O_NOFOLLOW
            case .createNew: O_RDWR | O_CREAT | O_EXCL
            }
        // O_NONBLOCK: to open a pipe that lies where a file belongs must not wait for somebody to write to it.
        let flags = access | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
        let descriptor: Int32
        do throws(FileError) {
            descriptor = try checked("open", path) { Glibc.open(path, flags, mode_t(0o666)) }
        } catch {
            throw try why(error, path, mode)
        }
        let file = RealFile(descriptor, path)
        if mode != .createNew {
            switch try file.status().kind {
            case .file: break
            case .directory: throw FileError("open", path, .isDirectory)
            case .link, .other: throw FileError("open", path, .notAFile)
            }
        }
        return file
    }

    /// Says of a link that wasn't followed, and of a socket, what they are: the system's words for them are a loop of links and
    /// a device that is gone.
    private func why(_ error: FileError, _ path: String, _ mode: OpenMode) throws(FileError) -> FileError {
        switch error.code {
        case .linkLoop where mode != .readLinked:
            return try status(path)?.kind == .link ? FileError("open", path, .symbolicLink) : error
        case .noSuchDeviceOrAddress: return FileError("open", path, .notAFile)
        default: return error
        }
    }

    package func list(_ directory: String) throws(FileError) -> [String] {
        var names: [String] = []
        try forEachName(in: directory) { bytes in
            // A name that isn't UTF-8 isn't Varve's, and could not be opened again by its text.
            bytes.withUnsafeBufferPointer { if let name = String(validating: $0, as: UTF8.self) { names.append(name) } }
        }
        return names
    }

    package func forEachName(in directory: String, _ body: (Span<UInt8>) -> Void) throws(FileError) {
        try checkPath("opendir", directory)
        guard let stream = opendir(directory) else { throw FileError("opendir", directory, .init(rawValue: errno)) }
        defer { closedir(stream) }
        guard let nameOffset = MemoryLayout<dirent>.offset(of: \.d_name) else { return }
        let dot = UInt8(ascii: ".")
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                let code = errno
                if code == 0 { return }
                throw FileError("readdir", directory, .init(rawValue: code))
            }
            let start = (UnsafeRawPointer(entry) + nameOffset).assumingMemoryBound(to: UInt8.self)
            let name = UnsafeBufferPointer(
                start: start, count: strlen(UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self)))
            if name.count <= 2, name.allSatisfy({ $0 == dot }) { continue }
            body(Span(_unsafeElements: name))
        }
    }

    package func makeDirectory(_ path: String) throws(FileError) {
        try checkPath("mkdir", path)
        do throws(FileError) {
            _ = try checked("mkdir", path) { mkdir(path, 0o777) }
        } catch  where error.code == .exists {
            guard try targetStatus(path)?.kind == .directory else { throw error }
        }
    }

    package func status(_ path: String) throws(FileError) -> FileStatus? {
        try status("lstat", path) { lstat($0, &$1) }
    }

    package func targetStatus(_ path: String) throws(FileError) -> FileStatus? {
        try status("stat", path) { stat($0, &$1) }
    }

    private func status(
        _ call: String, _ path: String, _ body: (String, inout Glibc.stat) -> Int32
    ) throws(FileError) -> FileStatus? {
        try checkPath(call, path)
        var status = Glibc.stat()
        do throws(FileError) {
            _ = try checked(call, path) { body(path, &status) }
        } catch  where error.code == .notFound {
            return nil
        }
        return FileStatus(status)
    }

    package func link(_ existing: String, _ new: String) throws(FileError) {
        try checkPath("link", existing)
        try checkPath("link", new)
        _ = try checked("link", new) { Glibc.link(existing, new) }
    }

    package func unlink(_ path: String) throws(FileError) {
        try checkPath("unlink", path)
        do throws(FileError) {
            _ = try checked("unlink", path) { Glibc.unlink(path) }
        } catch  where error.code == .notFound {
            return
        }
    }

    package func rename(_ old: String, _ new: String) throws(FileError) {
        try checkPath("rename", old)
        try checkPath("rename", new)
        _ = try checked("rename", old) { Glibc.rename(old, new) }
    }

    package func removeDirectory(_ path: String) throws(FileError) {
        try checkPath("rmdir", path)
        _ = try checked("rmdir", path) { rmdir(path) }
    }

    package func syncDirectory(_ path: String) throws(FileError) {
        try checkPath("open", path)
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
        let descriptor = try checked("open", path) { Glibc.open(path, flags) }
        defer { Glibc.close(descriptor) }
        // EINVAL: a file system that knows no syncing of directories, and so has nothing better to offer.
        do throws(FileError) {
            _ = try checked("fsync", path) { fsync(descriptor) }
        } catch  where error.code == .invalid {
            return
        }
    }

    package func volume(_ path: String) throws(FileError) -> Volume {
        try checkPath("statfs", path)
        var facts = CVarveClock.statfs()
        _ = try checked("statfs", path) { statfs(path, &facts) }
        let (bytes, overflow) = Int(clamping: facts.f_bavail).multipliedReportingOverflow(by: Int(facts.f_bsize))
        return Volume(magic: UInt32(truncatingIfNeeded: facts.f_type), available: overflow ? Int.max : bytes)
    }
}
