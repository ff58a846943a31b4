import Glibc

/// Signals that are meant for the command which this program runs: they come to us, and go on to it.
struct SignalRelay {
    private static let relayed = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2]
    private var waited = sigset_t()

    /// Blocks them from now on, in this thread and those that it starts: none of them may end us before the command.
    init() {
        sigemptyset(&waited)
        for signal in Self.relayed + [SIGWINCH] { sigaddset(&waited, signal) }
        pthread_sigmask(SIG_BLOCK, &waited, nil)
    }

    /// The signals that came since the last call, in order.
    mutating func received() -> [Received] {
        var found: [Received] = []
        var none = timespec()
        var info = siginfo_t()
        while found.count < 100 {
            let number = sigtimedwait(&waited, &info, &none)
            guard number > 0 else { break }
            // A key on the terminal goes to the whole group: the command has it already. What somebody sent came to us alone.
            found.append(Received(number: number, isFromTerminal: info.si_code > 0))
        }
        return found
    }

    struct Received: Hashable {
        var number: Int32
        var isFromTerminal: Bool
        var isResize: Bool { number == SIGWINCH }
    }
}
