import Glibc

/// Another process of this program, whose standard output we read line by line.
final class ChildProcess {
    let id: pid_t
    private let input: Int32
    private var buffer: [UInt8] = []

    /// Starts this program with other arguments.
    init(_ arguments: [String]) throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw Self.failure("pipe", errno) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_addclose(&actions, ends[0])
        posix_spawn_file_actions_addclose(&actions, ends[1])
        var argv = (["varve"] + arguments).map { strdup($0) } + [nil]
        defer { for argument in argv { free(argument) } }
        var child: pid_t = 0
        let status = posix_spawn(&child, "/proc/self/exe", &actions, nil, &argv, environ)
        close(ends[1])
        guard status == 0 else {
            close(ends[0])
            throw Self.failure("posix_spawn", status)
        }
        id = child
        input = ends[0]
    }

    deinit { close(input) }

    /// The next line of its output; nil once it is over.
    func line() -> String? {
        while true {
            if let end = buffer.firstIndex(of: 0x0A) {
                defer { buffer.removeSubrange(...end) }
                return String(decoding: buffer[..<end], as: UTF8.self)
            }
            var chunk = [UInt8](repeating: 0, count: 4096)
            let count = read(input, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            // What isn't a whole line was never said.
            guard count > 0 else { return nil }
            buffer += chunk[..<count]
        }
    }

    func kill() { _ = Glibc.kill(id, SIGKILL) }

    /// Waits for its end; the number of the signal that ended it, if one did.
    func wait() -> Int32? {
        var status: Int32 = 0
        while waitpid(id, &status, 0) < 0, errno == EINTR {}
        return status & 0x7F == 0 ? nil : status & 0x7F
    }

    private static func failure(_ call: String, _ code: Int32) -> Refusal {
        Refusal("error: can't start a process: \(call): \(String(cString: strerror(code)))")
    }
}
