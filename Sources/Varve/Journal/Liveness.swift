import VarveFiles
import VarveFormat

/// Whether the writer of a journal lives (DESIGN, section 2). A wrong verdict does no harm; it only makes a seal.
enum Liveness: Hashable {
    case alive
    case dead
    /// On another host or in another container, and not known to be silent for long enough.
    case unknown

    /// A heartbeat that stands still for this long, by our own clock, is a death.
    private static let patience: Int64 = 600_000_000_000

    private struct Seen {
        var heartbeat: UInt64
        var since: Int64
    }

    private static let seen = Guarded<[UInt64: Seen]>([:])

    static func judge(_ journal: JournalReader, _ host: any Host) -> Liveness {
        let header = journal.header
        let identity = ProcessIdentity(
            boot: header.boot, namespace: header.namespace, pid: header.pid, started: header.processStarted,
            hostName: header.host)
        if let isAlive = host.isAlive(identity) { return isAlive ? .alive : .dead }
        let now = host.monotonicTime()
        return seen.withLockIfAvailable { seen in
            guard let last = seen[header.salt], last.heartbeat == journal.heartbeat else {
                seen[header.salt] = Seen(heartbeat: journal.heartbeat, since: now)
                return .unknown
            }
            return now - last.since >= patience ? .dead : .unknown
        } ?? .unknown
    }
}
