import Glibc
import VarveBenchmarks
import VarveFiles

/// Removes what a measurement has put on the disk, also when somebody interrupts it.
final class Cleaner {
    private var signals = sigset_t()

    /// Waits for Ctrl-C and its like from now on. To be made before any other thread is: they inherit that the signals are blocked.
    init(_ directory: String) {
        sigemptyset(&signals)
        for signal in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, signal) }
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        let waited = signals
        BackgroundThread.start(name: "bench-cleaner") {
            var waited = waited
            var signal: Int32 = 0
            while sigwait(&waited, &signal) != 0 {}
            // Others may still be writing: what they make meanwhile goes in the second round.
            for _ in 0..<2 { FileTree.remove(directory) }
            _exit(128 + signal)
        }
    }

    /// Lets signals end the program as usual.
    func finish() { pthread_sigmask(SIG_UNBLOCK, &signals, nil) }
}
