import Glibc

/// A small command whose output we want: it gets no input, its errors go nowhere, and it is killed when it takes too long.
enum CapturedCommand {
    struct Output {
        var status: Int32
        var bytes: [UInt8]
        /// There was more than was asked for.
        var isTruncated: Bool

        var isSuccess: Bool { status == 0 }
        /// Without the line's end.
        var text: String {
            var text = String(decoding: bytes, as: UTF8.self)
            while text.last == "\n" { text.removeLast() }
            return text
        }
    }

    /// Nil: it can't be started, or took too long.
    static func run(_ command: [String], mostBytes: Int = 1 << 20, seconds: Double = 10) -> Output? {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        defer { close(ends[0]) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        var process: pid_t = 0
        let arguments = command.map { strdup($0) } + [nil]
        defer { for text in arguments { free(text) } }
        let code = posix_spawnp(&process, command[0], &actions, &attributes, arguments, environ)
        close(ends[1])
        guard code == 0 else { return nil }
        let deadline = monotonicTime() + Int64(seconds * 1e9)
        var output = Output(status: -1, bytes: [], isTruncated: false)
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var isOpen = true
        while isOpen, monotonicTime() < deadline {
            var waiting = pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0)
            _ = poll(&waiting, 1, 100)
            let count = read(ends[0], &buffer, buffer.count)
            if count < 0, errno == EAGAIN || errno == EINTR { continue }
            isOpen = count > 0
            guard count > 0 else { continue }
            let room = mostBytes - output.bytes.count
            output.bytes += buffer[..<min(room, count)]
            output.isTruncated = output.isTruncated || count > room
        }
        if isOpen { kill(-process, SIGKILL) }
        var status: Int32 = 0
        // Its output is over, and it hasn't ended: it isn't waited for any longer than the rest.
        while waitpid(process, &status, WNOHANG) == 0 {
            if monotonicTime() >= deadline { kill(-process, SIGKILL) }
            usleep(1_000)
        }
        guard !isOpen else { return nil }
        output.status = status & 0x7F == 0 ? status >> 8 & 0xFF : -1
        return output
    }
}
