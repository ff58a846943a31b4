import Glibc

/// Another program that answers questions: what it reads from standard input and writes to standard output are the two ends
/// of one socket. What it writes to standard error is dropped. It ends at the latest when this object does.
///
/// One thread uses it.
package final class HelperProcess {
    /// The program, for messages.
    package let program: String
    private var process: pid_t
    private var socket: Int32
    private var ending: Ending?

    /// How it ended.
    package enum Ending: Hashable, Sendable {
        case status(Int)
        case signal(Int)
    }

    /// Starts a program, which is looked for in PATH unless its name holds a slash.
    ///
    /// - Parameter silenceSeconds: reading fails with `timedOut` when it says nothing for so long.
    package init(_ command: [String], silenceSeconds: Int = 600) throws(FileError) {
        guard let program = command.first else { throw FileError("start", "", .invalid) }
        for word in command { try checkPath("start", word) }
        self.program = program
        var ends: [Int32] = [0, 0]
        // What a dead helper doesn't read must not end this process, as a pipe would have it.
        _ = try checked("socketpair", program) {
            socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0, &ends)
        }
        var limit = timeval(tv_sec: silenceSeconds, tv_usec: 0)
        setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let (code, process) = Self.spawn(program, command, ends[1])
        close(ends[1])
        guard code == 0 else {
            close(ends[0])
            throw FileError("start", program, FileError.Code(rawValue: code))
        }
        self.process = process
        socket = ends[0]
    }

    deinit {
        close(socket)
        guard ending == nil else { return }
        kill(process, SIGKILL)
        _ = wait()
    }

    private static func spawn(_ program: String, _ command: [String], _ end: Int32) -> (code: Int32, process: pid_t) {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_adddup2(&actions, end, 0)
        posix_spawn_file_actions_adddup2(&actions, end, 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        // What this process ignores or blocks isn't the helper's affair.
        var none = sigset_t()
        var usual = sigset_t()
        sigemptyset(&none)
        sigemptyset(&usual)
        for signal in [SIGPIPE, SIGINT, SIGTERM, SIGHUP] { sigaddset(&usual, signal) }
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &usual)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var process: pid_t = 0
        let arguments = command.map { strdup($0) } + [nil]
        defer { for text in arguments { free(text) } }
        return (posix_spawnp(&process, program, &actions, &attributes, arguments, environ), process)
    }

    /// Writes all of `bytes` to its standard input.
    package func send(_ bytes: [UInt8]) throws(FileError) {
        var sent = 0
        while sent < bytes.count {
            sent += try checked("write to", program) {
                bytes.withUnsafeBytes { all in
                    let rest = UnsafeRawBufferPointer(rebasing: all[sent...])
                    return Glibc.send(socket, rest.baseAddress, rest.count, CInt(MSG_NOSIGNAL))
                }
            }
        }
    }

    /// Reads what there is of its standard output, at least a byte; 0: it will write nothing more.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
        do throws(FileError) {
            return try checked("read from", program) { recv(socket, buffer.baseAddress, buffer.count, 0) }
        } catch {
            // A helper that died with a question unread resets the connection: it has nothing more to say.
            if error.code == FileError.Code(rawValue: ECONNRESET) { return 0 }
            if error.code == FileError.Code(rawValue: EAGAIN) { throw FileError("read from", program, .timedOut) }
            throw error
        }
    }

    /// Waits for its end.
    package func wait() -> Ending {
        if let ending { return ending }
        var status: Int32 = 0
        while waitpid(process, &status, 0) == -1, errno == EINTR {}
        let signal = status & 0x7F
        let ending = signal == 0 ? Ending.status(Int(status >> 8) & 0xFF) : .signal(Int(signal))
        self.ending = ending
        return ending
    }
}

extension HelperProcess.Ending: CustomStringConvertible {
    package var description: String {
        switch self {
        case .status(let status): "exit status \(status)"
        case .signal(let number): "signal \(number)"
        }
    }
}
