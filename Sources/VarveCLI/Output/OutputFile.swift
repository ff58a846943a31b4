import Glibc
import Varve

/// A file that is there whole or not at all.
enum OutputFile {
    /// Writes what `body` puts out, in the place of what was there; into a device or a pipe, which stays.
    ///
    /// - Parameter makesDirectory: makes the directory that it is to be in.
    static func write(
        _ path: String, makesDirectory: Bool = true, _ body: (OutputStream) throws -> Void
    ) throws {
        if let descriptor = try openSpecial(path) {
            defer { close(descriptor) }
            let stream = OutputStream(descriptor: descriptor)
            try body(stream)
            return try stream.flush()
        }
        if makesDirectory { try Self.makeDirectory(of: path) }
        let temporary = "\(path).\(getpid()).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw failure("can't write \(path)") }
        do {
            let stream = OutputStream(descriptor: descriptor)
            try body(stream)
            try stream.flush()
        } catch {
            close(descriptor)
            unlink(temporary)
            throw error
        }
        guard close(descriptor) == 0, rename(temporary, path) == 0 else {
            let error = failure("can't write \(path)")
            unlink(temporary)
            throw error
        }
    }

    private static func makeDirectory(of path: String) throws {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        for count in 1..<max(1, parts.count) {
            let directory = parts[..<count].joined(separator: "/")
            guard !directory.isEmpty, mkdir(directory, 0o777) != 0, errno != EEXIST else { continue }
            throw failure("can't make the directory \(directory)")
        }
    }

    /// Opens what is written to and can't be put in another's place: `/dev/null`, a pipe, a descriptor of this process such as
    /// `/dev/stdout`, whatever that leads to. The caller closes it.
    ///
    /// - Returns: nil if a file is to be made.
    static func openSpecial(_ path: String) throws -> Int32? {
        if let own = ownDescriptor(path) {
            // Opening the name anew would begin at the start of a file that others write to through the same descriptor.
            let descriptor = fcntl(own, F_DUPFD_CLOEXEC, 3)
            guard descriptor >= 0 else { throw failure("can't write \(path)") }
            return descriptor
        }
        var status = Glibc.stat()
        guard stat(path, &status) == 0, ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) else { return nil }
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("can't write \(path)") }
        return descriptor
    }

    private static func ownDescriptor(_ path: String) -> Int32? {
        switch path {
        case "/dev/stdout": return 1
        case "/dev/stderr": return 2
        default:
            let number = ["/dev/fd/", "/proc/self/fd/"].lazy.compactMap { path.afterBytes(of: $0) }.first
            return number.flatMap { Int32($0) }
        }
    }

    /// A name that is one component of a path, whatever text it is made of.
    static func component(_ text: String) -> String {
        let bytes = text.utf8.prefix(100).map { byte -> UInt8 in
            let isPlain =
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || ".-_".utf8.contains(byte)
            return isPlain ? byte : UInt8(ascii: "_")
        }
        let name = String(decoding: bytes, as: UTF8.self)
        return name.isEmpty || name.hasPrefix(".") ? "_\(name)" : name
    }

    private static func failure(_ what: String) -> VarveError {
        VarveError(.system, "\(what): \(String(cString: strerror(errno)))")
    }
}
