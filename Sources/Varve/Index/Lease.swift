import VarveFiles
import VarveFormat

/// Says which process compacts, so that others leave it alone: `index/.lease`. Correctness doesn't need it, so nothing is
/// done against two that take it at the same instant.
struct Lease {
    private let environment: Environment
    private let path: String
    private static let seconds: Int64 = 300

    init(_ environment: Environment, index: String) {
        self.environment = environment
        path = Paths.join(index, ".lease")
    }

    /// Takes the lease, or takes it anew. With `givesWay`, false if another live process has it.
    func take(givesWay: Bool) -> Bool {
        if givesWay, isHeldByAnother { return false }
        let holder = environment.host.identity()
        let expiry = environment.host.wallTime() + Self.seconds * 1_000_000_000
        let text = "\(holder.boot) \(holder.namespace) \(holder.pid) \(holder.started) \(expiry)\n"
        let temporary = Paths.temporary(for: path, tag: environment.host.random())
        // A lease that can't be written keeps nobody from working.
        do throws(FileError) {
            let file = try environment.fileSystem.open(temporary, .createNew)
            defer { file.close() }
            try file.write(Array(text.utf8), at: 0)
            try environment.fileSystem.rename(temporary, path)
        } catch {
            try? environment.fileSystem.unlink(temporary)
        }
        return true
    }

    func release() {
        guard !isHeldByAnother else { return }
        try? environment.fileSystem.unlink(path)
    }

    private var isHeldByAnother: Bool {
        guard let bytes = try? environment.fileSystem.readAll(path, cap: 4096) else { return false }
        let fields = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard fields.count == 5, let boot = UniqueID(fields[0]), let namespace = UInt64(fields[1]),
            let pid = UInt32(fields[2]), let started = UInt64(fields[3]), let expiry = Int64(fields[4])
        else { return false }
        let mine = environment.host.identity()
        var holder = mine
        holder.boot = boot
        holder.namespace = namespace
        holder.pid = pid
        holder.started = started
        // One that ends later than any that is taken now was taken before the clock was set back.
        let left = expiry.subtractingReportingOverflow(environment.host.wallTime())
        guard holder != mine, !left.overflow, left.partialValue > 0,
            left.partialValue <= Self.seconds * 1_000_000_000
        else { return false }
        return environment.host.isAlive(holder) ?? true
    }
}
