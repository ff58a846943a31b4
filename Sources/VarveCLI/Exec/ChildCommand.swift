import Glibc
import Varve

/// A command that somebody else wrote, run as if they had started it themselves: with their standard input, environment, directory
/// and process group. What it writes comes to us.
///
/// Where standard output or error is a terminal it gets a terminal of its own in its place, so that it goes on flushing its lines and
/// drawing its bars; else a pipe.
struct ChildCommand: ~Copyable {
    let id: pid_t
    /// What it writes to standard output and standard error; -1: no more.
    private(set) var outputs: [Int32]
    private let isTerminal: [Bool]

    /// Starts a program, which is looked for in PATH.
    ///
    /// - Parameter environment: names with values that are added to this process's own.
    init(_ command: [String], environment: [String: String]) throws(VarveError) {
        var ours: [Int32] = []
        var theirs: [Int32] = []
        var isTerminal: [Bool] = []
        func closeAll() { for end in ours + theirs { close(end) } }
        for stream in [Int32(1), 2] {
            var ends: [Int32] = [-1, -1]
            var asTerminal = isatty(stream) == 1
            if asTerminal { asTerminal = Self.terminal(like: stream, &ends) }
            guard asTerminal || pipe(&ends) == 0 else {
                let error = Self.failure("can't make a pipe", errno)
                closeAll()
                throw error
            }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
            ours.append(ends[0])
            theirs.append(ends[1])
            isTerminal.append(asTerminal)
        }
        let (code, process) = Self.spawn(command, environment, output: theirs[0], errors: theirs[1])
        for end in theirs { close(end) }
        guard code == 0 else {
            for end in ours { close(end) }
            throw VarveError(
                code == ENOENT ? .notFound : .system, "can't start \(command[0]): \(String(cString: strerror(code)))")
        }
        id = process
        outputs = ours
        self.isTerminal = isTerminal
    }

    deinit { for output in outputs where output >= 0 { close(output) } }

    /// A terminal that changes nothing of what is written to it, as wide as another.
    private static func terminal(like stream: Int32, _ ends: inout [Int32]) -> Bool {
        var settings = termios()
        guard tcgetattr(stream, &settings) == 0 else { return false }
        cfmakeraw(&settings)
        var size = winsize()
        _ = ioctl(stream, UInt(TIOCGWINSZ), &size)
        var (main, other): (Int32, Int32) = (-1, -1)
        guard openpty(&main, &other, nil, &settings, &size) == 0 else { return false }
        ends = [main, other]
        return true
    }

    private static func spawn(
        _ command: [String], _ environment: [String: String], output: Int32, errors: Int32
    ) -> (code: Int32, process: pid_t) {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, errors, 2)
        // What this program ignores or blocks for itself isn't the command's affair.
        var none = sigset_t()
        var usual = sigset_t()
        sigemptyset(&none)
        sigemptyset(&usual)
        sigaddset(&usual, SIGPIPE)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &usual)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var process: pid_t = 0
        let arguments = command.map { strdup($0) } + [nil]
        let variables = merged(environment).map { strdup($0) } + [nil]
        defer { for text in arguments + variables { free(text) } }
        let code = posix_spawnp(&process, command[0], &actions, &attributes, arguments, variables)
        return (code, process)
    }

    /// This process's environment with other values.
    private static func merged(_ added: [String: String]) -> [String] {
        var result = added.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        var next = environ
        while let text = next.pointee {
            let entry = String(cString: text)
            if added[String(entry.prefix { $0 != "=" })] == nil { result.append(entry) }
            next = next.advanced(by: 1)
        }
        return result
    }

    /// Waits until it has written something, or some milliseconds.
    func wait(milliseconds: Int32) {
        var waiting = outputs.filter { $0 >= 0 }.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        _ = poll(&waiting, nfds_t(waiting.count), milliseconds)
    }

    /// Reads what there is of one output; nil: there will be no more of it.
    mutating func read(_ output: Int, into buffer: inout [UInt8]) -> ArraySlice<UInt8>? {
        guard outputs[output] >= 0 else { return nil }
        while true {
            let count = Glibc.read(outputs[output], &buffer, buffer.count)
            if count > 0 { return buffer[..<count] }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return [] }
            // The end; of a terminal that is EIO.
            end(output)
            return nil
        }
    }

    /// Reads no more of one output: whoever writes to it gets SIGPIPE or SIGHUP.
    mutating func end(_ output: Int) {
        guard outputs[output] >= 0 else { return }
        close(outputs[output])
        outputs[output] = -1
    }

    /// Our terminal has another size: so have the command's.
    func resize() {
        for (output, stream) in zip(outputs.indices, [Int32(1), 2]) where isTerminal[output] && outputs[output] >= 0 {
            var size = winsize()
            guard ioctl(stream, UInt(TIOCGWINSZ), &size) == 0 else { continue }
            _ = ioctl(outputs[output], UInt(TIOCSWINSZ), &size)
        }
    }

    /// How it ended, if it has.
    func ended() -> CommandExit? {
        var status: Int32 = 0
        guard waitpid(id, &status, WNOHANG) == id else { return nil }
        let signal = status & 0x7F
        return signal == 0 ? .status(status >> 8 & 0xFF) : .signal(signal)
    }

    private static func failure(_ what: String, _ code: Int32) -> VarveError {
        VarveError(.system, "\(what): \(String(cString: strerror(code)))")
    }
}

/// How a command ended.
enum CommandExit: Hashable {
    case status(Int32)
    case signal(Int32)

    /// As a shell gives it.
    var code: Int32 {
        switch self {
        case .status(let status): status
        case .signal(let signal): 128 + signal
        }
    }

    var words: String {
        switch self {
        case .status(let status): "exit status \(status)"
        case .signal(let signal): "killed by signal \(signal) (\(String(cString: strsignal(signal))))"
        }
    }
}
