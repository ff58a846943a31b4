import Foundation
import Glibc
import Testing

/// A terminal that a program believes in: what it shows can be read, keys can be pressed.
final class PseudoTerminal {
    private let master: Int32
    private let slave: Int32
    private let name: String
    private(set) var output: [UInt8] = []

    /// TIOCSPTLCK, TIOCGPTN and POSIX_SPAWN_SETSID of <asm-generic/ioctls.h> and <spawn.h>.
    private static let unlock: UInt = 0x4004_5431
    private static let number: UInt = 0x8004_5430
    private static let newSession: Int16 = 0x80

    init(columns: UInt16, rows: UInt16) throws {
        // What posix_openpt, unlockpt and ptsname do, which this platform's module hides.
        master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        var (locked, number): (Int32, UInt32) = (0, 0)
        try #require(master >= 0 && ioctl(master, Self.unlock, &locked) == 0, "no pseudo-terminal")
        try #require(ioctl(master, Self.number, &number) == 0)
        name = "/dev/pts/\(number)"
        slave = open(name, O_RDWR | O_NOCTTY)
        try #require(slave >= 0)
        for end in [master, slave] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(master, F_SETFL, O_NONBLOCK)
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        try #require(ioctl(master, UInt(TIOCSWINSZ), &size) == 0)
    }

    deinit {
        close(slave)
        close(master)
    }

    /// Starts a program with this as its terminal, in a session of its own.
    func spawn(_ program: String, _ arguments: [String], environment: [String: String]) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // The first terminal that the leader of a session opens is its own.
        posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The threads of a test may block signals.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Self.newSession | Int16(POSIX_SPAWN_SETSIGMASK))
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for word in words + variables { free(word) } }
        var child: pid_t = 0
        try #require(posix_spawn(&child, program, &actions, &attributes, &words, &variables) == 0)
        return child
    }

    /// The settings, as far as they matter to who types.
    var settings: [tcflag_t] {
        var settings = termios()
        tcgetattr(slave, &settings)
        return [settings.c_lflag, settings.c_iflag, settings.c_oflag]
    }

    var echoes: Bool { settings[0] & tcflag_t(ECHO) != 0 }

    func type(_ text: String) { _ = write(master, text, text.utf8.count) }

    /// Reads what is shown until that holds; false after half a minute.
    func wait(until holds: (String) -> Bool) -> Bool {
        let end = Date().addingTimeInterval(30)
        while Date() < end {
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = read(master, &chunk, chunk.count)
            if count > 0 { output += chunk[..<count] }
            if holds(String(decoding: output, as: UTF8.self)) { return true }
            if count <= 0 { usleep(5000) }
        }
        return false
    }

    /// Forgets what was shown.
    func clear() { output = [] }
}
