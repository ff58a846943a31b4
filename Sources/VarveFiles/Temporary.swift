// Stand-ins until ForkGuard, CounterClock, BackgroundThread and ConditionGate have homes of their own: whoever brings those deletes this file.
import Glibc
import Synchronization

package final class ForkGuard: @unchecked Sendable {
    package static let shared = ForkGuard()
    private let page: UnsafeMutablePointer<UInt64> = .allocate(capacity: 8)
    init() { page.initialize(repeating: 1, count: 8) }
    package var tokenPointer: UnsafePointer<UInt64> { UnsafePointer(page) }
    package func generation() -> UInt64 { page.pointee }
    package static var generation: UInt64 { shared.generation() }
    private let lock = Mutex(0)
    package func withLock<R>(_ body: () -> R) -> R { lock.withLock { _ in body() } }
}

package final class CounterClock: Sendable {
    package static let shared = CounterClock()
    package func now() -> Int64 { RealHost().wallTime() }
    package func recalibrate() {}
}

package enum BackgroundThread {
    private final class Box { let body: () -> Never; init(_ b: @escaping () -> Never) { body = b } }
    package static func start(name: String, _ body: @escaping @Sendable () -> Never) {
        var thread = pthread_t()
        let box = Unmanaged.passRetained(Box(body))
        pthread_create(&thread, nil, { p in
            let box = Unmanaged<Box>.fromOpaque(p!).takeRetainedValue()
            box.body()
        }, box.toOpaque())
        pthread_detach(thread)
    }
}
