import VarveFiles
import VarveFormat

/// Who has something for a while, as a line of text in a small file: a process, and until when at most.
struct Holder {
    private let process: ProcessIdentity
    /// Nanoseconds since 1970.
    private let expiry: Int64
    /// Nobody holds anything for longer without saying so again.
    private static let mostNanoseconds: Int64 = 300_000_000_000

    /// This process, from now on.
    init(_ host: any Host) {
        process = host.identity()
        expiry = host.wallTime() + Self.mostNanoseconds
    }

    /// Nil for bytes that say nothing of the kind.
    init?(parsing bytes: [UInt8], _ host: any Host) {
        let fields = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard fields.count == 5, let boot = UniqueID(fields[0]), let namespace = UInt64(fields[1]),
            let pid = UInt32(fields[2]), let started = UInt64(fields[3]), let expiry = Int64(fields[4])
        else { return nil }
        process = ProcessIdentity(
            boot: boot, namespace: namespace, pid: pid, started: started, hostName: host.identity().hostName)
        self.expiry = expiry
    }

    var bytes: [UInt8] {
        Array("\(process.boot) \(process.namespace) \(process.pid) \(process.started) \(expiry)\n".utf8)
    }

    func isThisProcess(_ host: any Host) -> Bool { process == host.identity() }

    /// Whether it still holds: its time isn't over, and it isn't known to be dead.
    func holds(_ host: any Host) -> Bool {
        // One that ends later than any that is taken now was taken before the clock was set back.
        let left = expiry.subtractingReportingOverflow(host.wallTime())
        guard !left.overflow, left.partialValue > 0, left.partialValue <= Self.mostNanoseconds else { return false }
        return host.isAlive(process) ?? true
    }
}
