import ArgumentParser
import Glibc

/// A child of this program that gives the terminal back if this process is killed so that it can't do so itself.
struct TerminalGuard {
    /// Where it listens: a byte says that all is well, an end without one that it isn't.
    let pipe: Int32
    private let child: pid_t

    /// Starts it; nil if the system gives no process, and then nobody is there after a SIGKILL.
    init?(before: termios, raw: termios) {
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else { return nil }
        _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
        posix_spawn_file_actions_addclose(&actions, ends[0])
        let words = ["varve", "top-guard"]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var child: pid_t = 0
        let status = posix_spawn(&child, "/proc/self/exe", &actions, nil, &arguments, environ)
        close(ends[0])
        guard status == 0 else {
            close(ends[1])
            return nil
        }
        self.child = child
        pipe = ends[1]
        for settings in [before, raw] {
            withUnsafeBytes(of: settings) { _ = write(ends[1], $0.baseAddress, $0.count) }
        }
    }

    /// Tells it that all is well, and waits for its end.
    func dismiss() {
        var byte = UInt8(ascii: "q")
        _ = write(pipe, &byte, 1)
        close(pipe)
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
    }
}

/// The child's side.
struct TopGuardVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top-guard", abstract: "Give the terminal back after varve top was killed.", shouldDisplay: false)

    func run() throws {
        // Keys that end or stop varve top are meant for it alone.
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGTTOU] { signal(number, SIG_IGN) }
        guard let before = Self.settings(), let raw = Self.settings() else { return }
        var byte: UInt8 = 0
        var count: Int
        repeat { count = read(0, &byte, 1) } while count < 0 && errno == EINTR
        guard count == 0 else { return }
        let leaving = TerminalSession.leaving
        _ = write(1, leaving.utf8Start, leaving.utf8CodeUnitCount)
        // A shell may have made its own settings by now: only ours are taken back.
        var now = termios()
        var old = before
        guard tcgetattr(1, &now) == 0, Self.isSame(now, raw) else { return }
        tcsetattr(1, TCSANOW, &old)
    }

    private static func settings() -> termios? {
        var settings = termios()
        let count = withUnsafeMutableBytes(of: &settings) { target -> Int in
            var done = 0
            while done < target.count {
                let count = read(0, target.baseAddress.map { $0 + done }, target.count - done)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                done += count
            }
            return done
        }
        return count == MemoryLayout<termios>.size ? settings : nil
    }

    private static func isSame(_ a: termios, _ b: termios) -> Bool {
        a.c_lflag == b.c_lflag && a.c_iflag == b.c_iflag && a.c_oflag == b.c_oflag && a.c_cflag == b.c_cflag
    }
}
