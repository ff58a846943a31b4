import Glibc
import Varve

/// Makes PNG of SVG with librsvg's own program, `rsvg-convert`.
struct PictureConverter {
    private let program: String
    private static let name = "rsvg-convert"

    /// - Throws: a refusal that says how to install it, if it isn't in PATH.
    init() throws {
        let folders = (Terminal.environment("PATH") ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
        let places = folders.filter { $0.hasPrefix("/") }.map { "\($0)/\(Self.name)" }
        guard let found = places.first(where: { access($0, X_OK) == 0 }) else {
            throw Refusal(
                """
                error: PNG is made by \(Self.name), which is not in PATH
                  try       apt-get install librsvg2-bin, or --format svg
                """)
        }
        program = found
    }

    /// The picture with two pixels for each of the SVG's, so that text is crisp.
    func png(_ svg: String) throws -> [UInt8] {
        // Through a nameless file: two pipes could wait for each other.
        let input = try Self.namelessFile()
        defer { close(input) }
        let stream = OutputStream(descriptor: input, terminal: Terminal(width: nil))
        try stream.write(svg)
        try stream.flush()
        guard lseek(input, 0, SEEK_SET) == 0 else { throw Self.failure(errno) }

        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw Self.failure(errno) }
        defer { close(ends[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_addclose(&actions, ends[0])
        posix_spawn_file_actions_addclose(&actions, ends[1])
        let words = [Self.name, "--unlimited", "--zoom", "2", "--format", "png"]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var child: pid_t = 0
        let status = posix_spawn(&child, program, &actions, nil, &arguments, environ)
        close(ends[1])
        guard status == 0 else { throw Self.failure(status) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(ends[0], &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        var result: Int32 = 0
        while waitpid(child, &result, 0) < 0, errno == EINTR {}
        guard result == 0, bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) else {
            throw Refusal(
                "error: \(program) made no PNG (it ended with \(result >> 8 & 0xFF))\n  try       --format svg")
        }
        return bytes
    }

    private static func namelessFile() throws(VarveError) -> Int32 {
        let folder = Terminal.environment("TMPDIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        var path = "\(folder)/varve-plot-\(String(repeating: "X", count: 6))".utf8CString.map { $0 }
        let descriptor = mkstemp(&path)
        guard descriptor >= 0 else { throw failure(errno) }
        unlink(path)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return descriptor
    }

    private static func failure(_ code: Int32) -> VarveError {
        VarveError(.system, "can't start \(name): \(String(cString: strerror(code)))")
    }
}
