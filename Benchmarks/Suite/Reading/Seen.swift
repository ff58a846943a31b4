import Glibc
import Synchronization

/// Which points a tailing reader has seen, and when.
final class Seen: Sendable {
    private let points = Mutex<[Int: (value: Double, time: Double)]>([:])

    func note(step: Int, value: Double, at time: Double) { points.withLock { $0[step] = (value, time) } }

    /// Waits until a step was seen; nil: it wasn't within ten seconds.
    func wait(for step: Int) throws -> (value: Double, time: Double)? {
        let deadline = Stopwatch.now() + 10e9
        while Stopwatch.now() < deadline {
            if let found = points.withLock({ $0[step] }) { return found }
            Self.pause()
        }
        return nil
    }

    /// Lets others work for about 100 µs.
    static func pause() { usleep(100) }
}
