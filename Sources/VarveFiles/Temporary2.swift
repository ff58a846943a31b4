// Stand-in, see Temporary.swift: delete when ConditionGate lands.
import Glibc

/// A mutex and a condition that threads wait for, with deadlines on the monotonic clock (a wall clock may jump).
///
/// `Synchronization.Mutex` has no condition, and can't hand out what its closure makes without proving it free of ties;
/// where neither matters, it is the better choice.
package final class ConditionGate: @unchecked Sendable {
    // On the heap, since neither may ever move. Only the functions below touch them.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    package init() {
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        // These fail only for want of memory that glibc doesn't need for them.
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Runs `body` with the mutex held. Not to be nested.
    package func locked<Result: ~Copyable, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body()
    }

    /// Waits for a signal, with the mutex held (it is released meanwhile). Wakes without a reason now and then.
    /// - Parameter deadline: monotonic nanoseconds; nil: no end.
    /// - Returns: false once the deadline has passed.
    @discardableResult
    package func wait(until deadline: Int64? = nil) -> Bool {
        guard let deadline else { return pthread_cond_wait(condition, mutex) == 0 }
        let nanoseconds = max(0, deadline)
        var time = timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        return pthread_cond_timedwait(condition, mutex, &time) == 0
    }

    /// Wakes one thread that waits.
    package func signal() { pthread_cond_signal(condition) }

    /// Wakes all threads that wait.
    package func broadcast() { pthread_cond_broadcast(condition) }
}
