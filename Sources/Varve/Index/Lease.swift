import VarveFiles

/// Says which process compacts, so that others leave it alone: `index/.lease`. Correctness doesn't need it, so nothing is
/// done against two that take it at the same instant.
struct Lease {
    private let environment: Environment
    private let path: String

    init(_ environment: Environment, index: String) {
        self.environment = environment
        path = Paths.join(index, ".lease")
    }

    /// Takes the lease, or takes it anew. With `givesWay`, false if another live process has it.
    func take(givesWay: Bool) -> Bool {
        if givesWay, isHeldByAnother { return false }
        let temporary = Paths.temporary(for: path, tag: environment.host.random())
        // A lease that can't be written keeps nobody from working.
        do throws(FileError) {
            let file = try environment.fileSystem.open(temporary, .createNew)
            defer { file.close() }
            try file.write(Holder(environment.host).bytes, at: 0)
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
        guard let bytes = try? environment.fileSystem.readAll(path, cap: 4096),
            let holder = Holder(parsing: bytes, environment.host), !holder.isThisProcess(environment.host)
        else { return false }
        return holder.holds(environment.host)
    }
}
