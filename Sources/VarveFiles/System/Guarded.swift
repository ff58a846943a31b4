import Glibc

/// A value behind a lock that also works in a forked child.
///
/// `Synchronization.Mutex` doesn't: on Linux it takes a thread's number from a cache that a fork leaves at the
/// parent's,
/// and the first time two threads of the child meet at one, the process ends. One that was held at a fork stays locked
/// in the child,
/// as any lock would: what a child shares with its parent must be asked with ``withLockIfAvailable(_:)``, or made anew.
package final class Guarded<Value>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    // Only touched with the mutex held.
    private var value: Value

    package init(_ value: sending Value) {
        self.value = value
        mutex = .allocate(capacity: 1)
        // Fails only for want of memory that glibc doesn't need for a plain mutex.
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Runs `body` with the value. Not to be nested.
    package func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }

    /// Runs `body` with the value, unless another thread does just now: then nil.
    package func withLockIfAvailable<Result: ~Copyable, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        guard pthread_mutex_trylock(mutex) == 0 else { return nil }
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}
