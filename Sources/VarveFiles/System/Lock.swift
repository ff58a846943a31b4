import Glibc

/// A lock that guards no value of its own but an order of doings; it works in a forked child as ``Guarded`` does.
///
/// Not `Guarded<Void>`: a property without bytes has the address of the object's header, and an exclusive access to it, which
/// changes nothing, is a race with whoever reads the header in the eyes of ThreadSanitizer.
package final class Lock: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>

    package init() {
        mutex = .allocate(capacity: 1)
        // Fails only for want of memory that glibc doesn't need for a plain mutex.
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Runs `body` while nobody else is in one. Not to be nested.
    package func withLock<Result: ~Copyable, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body()
    }
}
