import Glibc
import VarveFiles

/// Another process.
final class ChildProgram {
    /// The program `varve` beside this one, which may be known as /proc/self/exe; nil, and said, if it wasn't built.
    static func varve(_ context: BenchContext) throws -> String? {
        let beside = realpath(context.executable ?? CommandLine.arguments[0], nil)
        defer { free(beside) }
        let program = Paths.join(Paths.parent(beside.map { String(cString: $0) } ?? ""), "varve")
        if try RealFileSystem().targetStatus(program) != nil { return program }
        context.progress("there is no \(program); 'swift build -c release --product varve' makes it")
        return nil
    }

    /// Nanoseconds of processor time of it and all that it waited for, once it is over.
    private(set) var cpu = 0.0
    /// The most of its memory that was resident at once, in bytes, once it is over; nil: no more than this process had when it
    /// started it, which the system counts as the other's, too.
    private(set) var peak: Int?
    private let ownPeak = ProcessMemory.peak
    private let pid: pid_t
    private let line: String
    private var isOver = false

    /// - Parameter output: where what it prints goes; nil: where our own goes.
    init(_ program: String, _ arguments: [String], output: String? = nil) throws {
        var pid = pid_t()
        var words = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let output {
            posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
            posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        }
        let code = posix_spawn(&pid, program, &actions, nil, &words, environ)
        guard code == 0 else { throw WrongResult(description: "\(program) can't be started: error \(code)") }
        self.pid = pid
        line = arguments.joined(separator: " ")
    }

    deinit { kill() }

    /// Ends it by SIGKILL, and waits until it is gone.
    func kill() {
        guard !isOver else { return }
        Glibc.kill(pid, SIGKILL)
        _ = status()
    }

    /// Waits for its end, which must be a good one.
    func wait() throws {
        let status = status()
        guard status == 0 else { throw WrongResult(description: "\(line) ended with status \(status)") }
    }

    private func status() -> Int32 {
        isOver = true
        var status: Int32 = 0
        var usage = rusage()
        while wait4(pid, &status, 0, &usage) < 0 && errno == EINTR {}
        func nanoseconds(_ time: timeval) -> Double { Double(time.tv_sec) * 1e9 + Double(time.tv_usec) * 1e3 }
        cpu = nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime)
        peak = usage.ru_maxrss << 10 > ownPeak ? usage.ru_maxrss << 10 : nil
        return status
    }
}
