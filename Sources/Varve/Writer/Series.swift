import Synchronization
import VarveFiles
import VarveFormat

/// A handle to log one metric of a run, from any thread.
///
/// `log` costs about as much as reading the clock: no system call, lock or allocation. When it returns, the point
/// survives the
/// death of the process (where the run's ``Run/durability`` is `mapped`). It never throws, and never waits for more
/// than a second: points
/// that find no room are dropped and counted in ``Run/health``. It must not be called from a signal handler.
public struct Series: Sendable {
    // The `log` calls are marked as releasing nothing, so that a handle in an array is used where it is: to count a reference
    // up and down takes as long as all the rest of a call. It is true of all that a caller can see: the slow road lets go of
    // the writer's own objects only, and what it may call (``RunOptions/onProblem``) is Sendable, so that it can't let go of
    // anything that the caller reads without a lock.
    let core: SeriesCore
    /// Those of `core`, which keeps them: a row of handles is walked through without counting references.
    nonisolated(unsafe) let hot: UnsafeMutablePointer<SeriesHot>

    init(_ core: SeriesCore) {
        self.core = core
        hot = core.hot
    }

    /// Nanoseconds since 1970.
    @inline(__always)
    func now() -> Int64 { if let counter = hot.pointee.counter { counter.now() } else { core.now() } }

    /// Logs a value at the series' next step, now.
    @_effects(releasenone)
    public func log(_ value: Double) {
        let counted = core.counted ?? core
        let step = counted.hot.pointee.nextStep.wrappingAdd(1, ordering: .relaxed).oldValue
        Self.append(counted, value.bitPattern, step: step, time: now())
    }

    /// Logs a value at `step`, now.
    @_effects(releasenone)
    public func log(_ value: Double, step: Int) {
        Self.append(core, value.bitPattern, step: Int64(step), time: now())
    }

    /// Logs a value at `step` and `time`, nanoseconds since 1970 (`Int64.min`: none).
    @_effects(releasenone)
    public func log(_ value: Double, step: Int, time: Int64) {
        Self.append(core, value.bitPattern, step: Int64(step), time: time)
    }

    @inline(__always)
    static func append(_ core: SeriesCore, _ value: UInt64, step: Int64, time: Int64) {
        let hot = core.hot
        guard let ring = hot.pointee.current(), let sequence = ring.pointee.claim() else {
            core.append(value, step: step, time: time)
            return
        }
        ring.pointee.store(
            sequence, step: step, time: time, value: value, series: hot.pointee.id.load(ordering: .relaxed))
        if ring.pointee.endsHalf(sequence) { core.halfIsFull() }
    }
}
