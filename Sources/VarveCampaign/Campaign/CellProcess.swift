import Glibc
import Varve

/// A command that runs a cell: a process group of its own, whose output is read as it comes.
struct CellProcess: ~Copyable {
    let id: pid_t
    /// What it writes to standard output and standard error, until it ends.
    private(set) var outputs: [Int32]

    /// Starts a program, which is looked for in PATH.
    ///
    /// - Parameter environment: names with values that are added to this process's own.
    init(_ command: [String], environment: [String: String]) throws(VarveError) {
        guard let program = command.first else { throw VarveError(.invalid, "there is no command") }
        var ends: [Int32] = []
        for _ in 0..<2 {
            var pair: [Int32] = [0, 0]
            guard pipe(&pair) == 0 else {
                let error = Self.failure("pipe", errno)
                for end in ends { close(end) }
                throw error
            }
            for end in pair { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            _ = fcntl(pair[0], F_SETFL, O_NONBLOCK)
            ends += pair
        }
        let (code, process) = Self.spawn(program, command, environment, output: ends[1], errors: ends[3])
        close(ends[1])
        close(ends[3])
        guard code == 0 else {
            close(ends[0])
            close(ends[2])
            throw Self.failure("can't start \(program)", code)
        }
        id = process
        outputs = [ends[0], ends[2]]
    }

    deinit { for output in outputs where output >= 0 { close(output) } }

    private static func spawn(
        _ program: String, _ command: [String], _ environment: [String: String], output: Int32, errors: Int32
    ) -> (code: Int32, process: pid_t) {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, errors, 2)
        // What this process ignores or blocks isn't the command's affair.
        var none = sigset_t()
        var usual = sigset_t()
        sigemptyset(&none)
        sigemptyset(&usual)
        for signal in [SIGPIPE, SIGINT, SIGTERM, SIGHUP] { sigaddset(&usual, signal) }
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &usual)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var process: pid_t = 0
        let arguments = command.map { strdup($0) } + [nil]
        let variables = merged(environment).map { strdup($0) } + [nil]
        defer { for text in arguments + variables { free(text) } }
        let code = posix_spawnp(&process, program, &actions, &attributes, arguments, variables)
        return (code, process)
    }

    /// This process's environment with other values.
    private static func merged(_ added: [String: String]) -> [String] {
        var result = added.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        var next = environ
        while let text = next.pointee {
            let entry = String(cString: text)
            let name = entry.prefix { $0 != "=" }
            if added[String(name)] == nil { result.append(entry) }
            next = next.advanced(by: 1)
        }
        return result
    }

    /// Reads what there is of one output; nil: there will be no more of it.
    mutating func read(_ output: Int, into buffer: inout [UInt8]) -> ArraySlice<UInt8>? {
        guard outputs[output] >= 0 else { return nil }
        while true {
            let count = Glibc.read(outputs[output], &buffer, buffer.count)
            if count > 0 { return buffer[..<count] }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return [] }
            close(outputs[output])
            outputs[output] = -1
            return nil
        }
    }

    /// How it ended, if it has: the exit status, or the signal that killed it.
    func ended() -> CellExit? {
        var status: Int32 = 0
        guard waitpid(id, &status, WNOHANG) == id else { return nil }
        let signal = status & 0x7F
        return signal == 0 ? .status(Int((status >> 8) & 0xFF)) : .signal(Int(signal))
    }

    /// Sends a signal to it and to all that it started.
    func signal(_ number: Int32) { kill(-id, number) }

    private static func failure(_ what: String, _ code: Int32) -> VarveError {
        VarveError(code == ENOENT ? .notFound : .system, "\(what): \(String(cString: strerror(code)))")
    }
}

/// How a command ended.
public enum CellExit: Hashable, Sendable {
    /// By itself, with this exit status.
    case status(Int)
    /// Killed by this signal.
    case signal(Int)

    /// Whether it succeeded.
    public var isSuccess: Bool { self == .status(0) }
}

extension CellExit: CustomStringConvertible {
    /// In words.
    public var description: String {
        switch self {
        case .status(let status): "exit status \(status)"
        case .signal(let number): "killed by signal \(number)"
        }
    }
}
