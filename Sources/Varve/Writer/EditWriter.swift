import VarveFiles
import VarveFormat

/// Writes properties that are set from outside a run: one run's into its next log file, several runs' into one `edit`
/// file.
struct EditWriter {
    private let environment: Environment
    private let paths: RepositoryPaths
    private let repository: UniqueID

    init(_ environment: Environment, _ paths: RepositoryPaths, repository: UniqueID) {
        self.environment = environment
        self.paths = paths
        self.repository = repository
    }

    func write(_ properties: [String: PropertyValue], of runs: [(UniqueID, RunHistory)]) throws(VarveError) {
        let time = environment.host.wallTime()
        var begin = BeginFrame()
        begin.repository = repository
        begin.salt = environment.host.random()
        begin.created = time
        begin.host = environment.host.identity().hostName
        var entries: [PropertyEntry] = []
        for (run, history) in runs {
            for (index, property) in properties.sorted(by: { $0.key < $1.key }).enumerated() {
                entries.append(
                    PropertyEntry(
                        run: runs.count == 1 ? nil : run, key: property.key,
                        revision: history.revision + 1 + UInt64(index), time: time, value: property.value))
            }
        }
        do throws(FileError) {
            guard runs.count == 1, let (run, history) = runs.first else {
                let name = LogName.edit(environment.host.newID())
                _ = try publish(name, begin, entries)
                return
            }
            // An edit is no attempt of its own: it stands beside the newest one.
            begin.run = run
            begin.attempt = history.files.map(\.attempt).max() ?? 0
            begin.n = history.nextNumber
            while try !publish(.log(run: run, n: begin.n), begin, entries) { begin.n += 1 }
        } catch {
            throw VarveError(error)
        }
    }

    private func publish(_ name: LogName, _ begin: BeginFrame, _ entries: [PropertyEntry]) throws(FileError) -> Bool {
        let encoder = FrameEncoder(salt: begin.salt, zstd: Zstd())
        let frame = encoder.frame(.begin, payload: begin.payload(), count: 1, sequence: 0)
        var bytes = frame + frame
        for part in Limits.frames(entries) {
            bytes += encoder.frame(
                .properties, payload: PropertyEntry.payload(Array(part)), count: part.count, sequence: 0)
        }
        // Not an attempt of training: `moved` says nothing about how the run went.
        let end = EndFrame(state: .moved, points: 0, time: begin.created)
        bytes += encoder.frame(.end, payload: end.payload(), count: 1, sequence: 0)
        let path = paths.log(name)
        return try environment.fileSystem.publish(
            path, from: Paths.temporary(for: path, tag: environment.host.random()), bytes: bytes)
    }
}
