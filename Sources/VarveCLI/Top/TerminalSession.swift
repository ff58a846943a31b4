import Glibc
import Synchronization

/// The terminal while a verb has all of it: another screen, keys at once, no cursor; and as it was afterwards, whatever ends the
/// program.
///
/// Signals that end a program give the terminal back in their handler, with calls that are allowed there. SIGKILL has no
/// handler: a child that waits for our end does it then (``TerminalGuard``). One a process.
final class TerminalSession {
    /// What a terminal gets to go back to the screen with the shell's lines.
    static let leaving: StaticString = "\u{1B}[?1049l\u{1B}[?25h\u{1B}[0m"
    private static let entering = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[2J"

    private let before: termios
    private var raw: termios
    private let guardian: TerminalGuard?

    /// Signals that end the program, those of its own mistakes among them.
    private static let deadly = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE]

    /// What the handlers need; made before the first can come, since nothing may be made in one.
    private static let saved = HandlerState()

    private struct HandlerState: @unchecked Sendable {
        /// The terminal's settings before us. Written before handlers are installed, then only read.
        let settings = UnsafeMutablePointer<termios>.allocate(capacity: 1)
    }

    /// Whether the terminal is ours, so that it is given back once.
    private static let isOurs = Atomic<Bool>(false)
    private static let wasContinued = Atomic<Bool>(false)
    private static let goodbye = Atomic<Int32>(-1)

    /// Takes the terminal; nil if standard input or output isn't one.
    init?() {
        var settings = termios()
        guard isatty(0) == 1, isatty(1) == 1, tcgetattr(0, &settings) == 0 else { return nil }
        before = settings
        // Keys one by one and unseen; signals by keys as always.
        settings.c_lflag &= ~tcflag_t(ICANON | ECHO | IEXTEN)
        raw = settings
        Self.saved.settings.initialize(to: before)
        guardian = TerminalGuard(before: before, raw: raw)
        Self.goodbye.store(guardian?.pipe ?? -1, ordering: .sequentiallyConsistent)
        _ = Self.wasContinued.load(ordering: .relaxed)
        install()
        enter()
    }

    /// Gives the terminal back.
    func end() {
        Self.restore()
        guardian?.dismiss()
        Self.goodbye.store(-1, ordering: .sequentiallyConsistent)
    }

    private func enter() {
        tcsetattr(0, TCSADRAIN, &raw)
        Self.isOurs.store(true, ordering: .sequentiallyConsistent)
        let bytes = Array(Self.entering.utf8)
        _ = write(1, bytes, bytes.count)
    }

    /// Takes the terminal again if the program was stopped and goes on.
    ///
    /// - Returns: whether it was, so that all has to be drawn anew.
    func resume() -> Bool {
        guard Self.wasContinued.exchange(false, ordering: .sequentiallyConsistent) else { return false }
        install()
        enter()
        return true
    }

    private func install() {
        for number in Self.deadly { signal(number, Self.die) }
        signal(SIGTSTP, Self.die)
        signal(SIGCONT) { _ in TerminalSession.wasContinued.store(true, ordering: .relaxed) }
        // Only so that waiting ends, and the new size is looked at.
        signal(SIGWINCH) { _ in }
    }

    /// Gives the terminal back, then lets the signal do what it does without a handler: end or stop the program.
    private static let die: @convention(c) (Int32) -> Void = { number in
        let code = errno
        TerminalSession.restore()
        if number != SIGTSTP {
            // The guard has nothing to do then.
            var byte = UInt8(ascii: "q")
            _ = write(TerminalSession.goodbye.load(ordering: .relaxed), &byte, 1)
        }
        signal(number, SIG_DFL)
        raise(number)
        errno = code
    }

    private static func restore() {
        guard isOurs.exchange(false, ordering: .sequentiallyConsistent) else { return }
        _ = write(1, leaving.utf8Start, leaving.utf8CodeUnitCount)
        tcsetattr(0, TCSANOW, saved.settings)
    }

    // MARK: Keys

    /// Waits for keys.
    ///
    /// - Returns: the keys, none after that time or a signal; nil: nobody is there any more.
    func keys(milliseconds: Int32) -> [TopKey]? {
        var poller = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
        guard poll(&poller, 1, milliseconds) > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(0, &bytes, bytes.count)
        if count < 0, errno == EINTR || errno == EAGAIN { return [] }
        guard count > 0 else { return nil }
        return TopKey.keys(Array(bytes[..<count]))
    }
}
