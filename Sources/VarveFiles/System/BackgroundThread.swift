import Glibc

/// A thread that does something again and again: at a time that it names itself, or when it is woken.
///
/// All signals are blocked in it: the program's own threads handle them. In a fork child the thread doesn't exist;
/// ``wake()`` and ``stop()`` do nothing there.
package final class BackgroundThread: Sendable {
    private let loop: Loop

    /// Starts the thread.
    /// - Parameters:
    ///   - name: for debuggers and `top`; 15 bytes are shown.
    ///   - yields: whether it lets the program's threads go first: not where one of them waits for it.
    ///   - elsewhere: whether it begins on another processor than its maker's: where each has milliseconds of work of its own.
    ///     Later it goes where it likes.
    ///   - tick: what it does, first at once. Returns when to do it again (monotonic nanoseconds); nil: when woken.
    /// - Throws: if the system has no room for another thread.
    package init(
        name: String, yields: Bool = true, elsewhere: Bool = false, tick: @escaping @Sendable () -> Int64?
    ) throws(FileError) {
        loop = Loop(name, tick)
        try loop.start(yields: yields, elsewhere: elsewhere)
    }

    /// Starts a thread that goes on until the process ends.
    /// - Returns: false if the system has no room for another thread.
    @discardableResult
    package static func start(name: String, _ body: @escaping @Sendable () -> Never) -> Bool {
        guard let thread = try? SystemThread.start(name, { body() }) else { return false }
        pthread_detach(thread)
        return true
    }

    deinit { loop.stop() }

    /// Has `tick` run soon, and once more if it is running now. Several calls may be answered by one run.
    package func wake() { loop.wake() }

    /// Ends the thread after the run that may be under way, and waits for that; from `tick` itself it doesn't wait.
    /// Nothing happens the second time.
    package func stop() { loop.stop() }
}

/// What the thread and its owner share: so that the owner can go first.
private final class Loop: @unchecked Sendable {
    private let name: String
    private let tick: @Sendable () -> Int64?
    private let token = ForkGuard.token
    private let gate = ConditionGate()
    // Guarded by the gate.
    private var isWoken = true
    private var isStopping = false
    private var thread: pthread_t?

    init(_ name: String, _ tick: @escaping @Sendable () -> Int64?) {
        self.name = name
        self.tick = tick
    }

    func start(yields: Bool, elsewhere: Bool) throws(FileError) {
        let thread = try SystemThread.start(name, yields: yields, elsewhere: elsewhere) { [self] in run() }
        gate.locked { self.thread = thread }
    }

    private func run() {
        var deadline: Int64?
        while true {
            let goesOn = gate.locked {
                // A deadline that has passed ends the waiting as a call to wake does.
                while !isWoken, !isStopping, gate.wait(until: deadline) || deadline.map(hasPassed) != true {}
                isWoken = false
                return !isStopping
            }
            guard goesOn else { return }
            deadline = tick()
        }
    }

    private func hasPassed(_ deadline: Int64) -> Bool { RealHost.monotonicTime() >= deadline }

    func wake() {
        guard !token.isForked else { return }
        let wasWoken = gate.locked {
            defer { isWoken = true }
            return isWoken
        }
        // Not under the lock: the thread would wake, find it taken, and have to be woken once more.
        if !wasWoken { gate.signal() }
    }

    func stop() {
        guard !token.isForked else { return }
        let thread: pthread_t? = gate.locked {
            isStopping = true
            gate.signal()
            defer { self.thread = nil }
            return self.thread
        }
        guard let thread else { return }
        if pthread_equal(thread, pthread_self()) != 0 { pthread_detach(thread) } else { pthread_join(thread, nil) }
    }
}
