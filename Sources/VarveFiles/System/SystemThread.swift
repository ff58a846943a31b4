import CVarveClock
import Glibc

/// Starting threads of the system, for ``BackgroundThread``.
enum SystemThread {
    private final class Start {
        let name: String
        let yields: Bool
        let body: @Sendable () -> Void

        init(_ name: String, _ yields: Bool, _ body: @escaping @Sendable () -> Void) {
            self.name = name
            self.yields = yields
            self.body = body
        }
    }

    /// Runs `body` in a thread of its own, in which all signals are blocked: the program's own threads handle them.
    /// - Parameter yields: whether it waits for a processor that has nothing to do, whenever it is woken.
    /// - Throws: if the system has no room for another thread.
    static func start(
        _ name: String, yields: Bool = true, _ body: @escaping @Sendable () -> Void
    ) throws(FileError) -> pthread_t {
        var everything = sigset_t()
        var before = sigset_t()
        sigfillset(&everything)
        // A thread inherits the mask of its maker.
        pthread_sigmask(SIG_SETMASK, &everything, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        var thread = pthread_t()
        let context = Unmanaged.passRetained(Start(name, yields, body))
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
                varve_name_thread(start.name)
                if start.yields { varve_yield_to_others() }
                start.body()
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            context.release()
            throw FileError("pthread_create", name, .init(rawValue: code))
        }
        return thread
    }
}
