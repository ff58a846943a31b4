public import ServiceLifecycle
public import Varve

/// Ends a run with the services that log into it.
///
/// ```swift
/// let services = ServiceGroup(
///     services: [RunService(run) { metrics.close() }, trainer], gracefulShutdownSignals: [.sigterm], logger: logger)
/// try await services.run()
/// ```
///
/// A service group shuts its services down from the last to the first: a run that stands first ends when nobody logs any more.
/// After a graceful shutdown it has finished; where the group is cancelled, because another service threw an error say, it has failed.
public struct RunService: Service {
    private let run: Run
    private let beforeEnd: @Sendable () -> Void

    /// - Parameter beforeEnd: what is still to be done while the run takes points, such as logging last totals.
    public init(_ run: Run, beforeEnd: @escaping @Sendable () -> Void = {}) {
        self.run = run
        self.beforeEnd = beforeEnd
    }

    /// Waits for the shutdown, then ends the run.
    /// - Throws: `VarveError` if what was logged can't be stored.
    public func run() async throws {
        let isCancelled: Bool
        do {
            try await gracefulShutdown()
            isCancelled = Task.isCancelled
        } catch { isCancelled = true }
        beforeEnd()
        if isCancelled { try run.fail("the services were cancelled") } else { try run.finish() }
    }
}
