import Glibc
import Synchronization

/// Turns SIGINT and SIGTERM into something that `poll` sees, so that a verb which waits for input ends honestly.
///
/// One a process: the handler can only reach what is global.
struct SignalPipe {
    /// Readable once a signal came.
    let readEnd: Int32

    private static let writeEnd = Atomic<Int32>(-1)
    private static let received = Atomic<Int32>(0)

    /// Catches the two signals from now on; nil if the system gives no pipe, and then they act as always.
    init?() {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        readEnd = ends[0]
        Self.writeEnd.store(ends[1], ordering: .sequentiallyConsistent)
        _ = Self.received.load(ordering: .relaxed)
        var wanted = sigset_t()
        sigemptyset(&wanted)
        for number in [SIGINT, SIGTERM] {
            // Who started us with a signal ignored (nohup, a script's background job) wants it to stay so.
            var old = sigaction()
            sigaction(number, nil, &old)
            if unsafeBitCast(old.__sigaction_handler.sa_handler, to: Int.self) == Self.ignored { continue }
            sigaddset(&wanted, number)
            signal(number) { number in
                // Only what is allowed in a handler: atomics that exist already, and write().
                let saved = errno
                SignalPipe.received.store(number, ordering: .relaxed)
                var byte: UInt8 = 0
                _ = write(SignalPipe.writeEnd.load(ordering: .relaxed), &byte, 1)
                errno = saved
            }
        }
        // A parent's thread pool often blocks signals, and children inherit that.
        pthread_sigmask(SIG_UNBLOCK, &wanted, nil)
    }

    /// SIG_IGN as a number: function pointers can't be compared.
    private static let ignored = 1

    /// The number of the signal that came last, if one did.
    var signalNumber: Int32? {
        let number = Self.received.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }
}
