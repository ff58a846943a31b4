import CVarveClock
import Glibc
import VarveFormat

/// This machine and this process.
package final class RealHost: Host {
    /// The identity of the process that made this object; a fork child finds out its own.
    private let cached: ProcessIdentity
    private let token = ForkGuard.token

    package init() {
        cached = Self.currentIdentity()
    }

    package func wallTime() -> Int64 { Self.wallTime() }
    package func monotonicTime() -> Int64 { Self.monotonicTime() }

    /// Wall time without a host at hand, for what is part of the real one.
    package static func wallTime() -> Int64 { read(CLOCK_REALTIME) }
    package static func monotonicTime() -> Int64 { read(CLOCK_MONOTONIC) }

    package func random() -> UInt64 {
        // The system's generator (getrandom): nothing is kept in the process that a fork child would share.
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }

    private static let ids = OrderedIDs()

    package func newID() -> UniqueID { Self.ids.next(time: wallTime(), random: random()) }

    package func identity() -> ProcessIdentity {
        token.isForked ? Self.currentIdentity() : cached
    }

    package func environment(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        return String(cString: value)
    }

    // What the scheduler allows, not what the machine has: a batch system gives a job some of them.
    package var processors: Int { Int(varve_processors()) }

    package func isAlive(_ identity: ProcessIdentity) -> Bool? {
        let own = self.identity()
        guard identity.boot == own.boot, identity.boot != .zero, identity.namespace == own.namespace,
            identity.namespace != 0, let pid = Int32(exactly: identity.pid), pid > 0
        else { return nil }
        if identity == own { return true }
        let isForeign: Bool
        if kill(pid, 0) == 0 {
            isForeign = false
        } else {
            switch errno {
            case ESRCH: return false
            case EPERM: isForeign = true
            default: return nil
            }
        }
        switch ProcessStatus.read("/proc/\(pid)/stat") {
        case .found(let status): return status.started == identity.started && status.isRunning
        // Another user's process may be hidden (hidepid): it exists, and nobody says whether it is the one.
        case .absent: return isForeign ? nil : false
        case .unreadable: return nil
        }
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    private static func currentIdentity() -> ProcessIdentity {
        let files = RealFileSystem()
        let boot = (try? files.readAll("/proc/sys/kernel/random/boot_id", cap: 256)).flatMap { bytes in
            UniqueID(String(decoding: bytes.prefix(36), as: UTF8.self))
        }
        let namespace = (try? files.targetStatus("/proc/self/ns/pid"))?.inode
        var started: UInt64 = 0
        if case .found(let status) = ProcessStatus.read("/proc/self/stat") { started = status.started }
        return ProcessIdentity(
            boot: boot ?? .zero, namespace: namespace ?? 0, pid: UInt32(bitPattern: getpid()), started: started,
            hostName: hostName())
    }

    private static func hostName() -> String {
        var name = [UInt8](repeating: 0, count: 257)
        let isKnown = name.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return false }
            return gethostname(base.assumingMemoryBound(to: CChar.self), bytes.count - 1) == 0
        }
        return isKnown ? String(decoding: name.prefix { $0 != 0 }, as: UTF8.self) : ""
    }
}
