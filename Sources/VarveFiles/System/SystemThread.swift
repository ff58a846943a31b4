import CVarveClock
import Glibc

/// Starting threads of the system, for ``BackgroundThread``.
enum SystemThread {
    private final class Start {
        let name: String
        let yields: Bool
        /// The processor on which it must not begin, though it may go there later; −1: it begins anywhere.
        let elsewhere: Int32
        let body: @Sendable () -> Void

        init(_ name: String, yields: Bool, elsewhere: Int32, _ body: @escaping @Sendable () -> Void) {
            self.name = name
            self.yields = yields
            self.elsewhere = elsewhere
            self.body = body
        }
    }

    /// Runs `body` in a thread of its own, in which all signals are blocked: the program's own threads handle them.
    /// - Parameters:
    ///   - yields: whether it waits for a processor that has nothing to do, whenever it is woken.
    ///   - elsewhere: whether it begins on another processor than its maker's, where there is one.
    /// - Throws: if the system has no room for another thread.
    static func start(
        _ name: String, yields: Bool = true, elsewhere: Bool = false, _ body: @escaping @Sendable () -> Void
    ) throws(FileError) -> pthread_t {
        var everything = sigset_t()
        var before = sigset_t()
        sigfillset(&everything)
        // A thread inherits the mask of its maker.
        pthread_sigmask(SIG_SETMASK, &everything, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        // Where the system doesn't let us choose, it begins anywhere.
        if elsewhere, let thread = try? make(name, yields: yields, elsewhere: true, body) { return thread }
        return try make(name, yields: yields, elsewhere: false, body)
    }

    private static func make(
        _ name: String, yields: Bool, elsewhere: Bool, _ body: @escaping @Sendable () -> Void
    ) throws(FileError) -> pthread_t {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        let here = elsewhere ? varve_begin_elsewhere(&attributes) : -1
        var thread = pthread_t()
        let context = Unmanaged.passRetained(Start(name, yields: yields, elsewhere: here, body))
        let code = pthread_create(
            &thread, &attributes,
            { context in
                guard let context else { return nil }
                let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
                if start.elsewhere >= 0 { varve_allow_processor(start.elsewhere) }
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
