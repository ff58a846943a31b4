import Glibc
import Varve

/// A file that is there whole or not at all, in a directory that is made for it.
enum OutputFile {
    /// Writes what `body` puts out, in the place of what was there.
    static func write(_ path: String, _ body: (OutputStream) throws -> Void) throws {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        for count in 1..<max(1, parts.count) {
            let directory = parts[..<count].joined(separator: "/")
            guard !directory.isEmpty, mkdir(directory, 0o777) != 0, errno != EEXIST else { continue }
            throw failure("can't make the directory \(directory)")
        }
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
