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

    func write(_ properties: Properties, of runs: [(run: UniqueID, revision: UInt64)]) throws(VarveError) {
        let begin = begin()
        let time = begin.created
        var entries: [PropertyEntry] = []
        for (run, revision) in runs {
            for (index, property) in properties.sorted(by: { $0.key.precedesByBytes($1.key) }).enumerated() {
                entries.append(
                    PropertyEntry(
                        run: run, key: property.key,
                        revision: revision + 1 + UInt64(index), time: time, value: property.value))
            }
        }
        do throws(FileError) {
            _ = try publish(.edit(environment.host.newID()), begin, entries)
        } catch {
            throw VarveError(error)
        }
    }

    /// Writes a run's own into its next file.
    func write(_ properties: Properties, of run: UniqueID, _ history: RunHistory) throws(VarveError) {
        var begin = begin()
        let entries = properties.sorted(by: { $0.key.precedesByBytes($1.key) }).enumerated().map { index, property in
            PropertyEntry(
                run: nil, key: property.key, revision: history.revision + 1 + UInt64(index), time: begin.created,
                value: property.value)
        }
        // An edit is no attempt of its own: it stands beside the newest one.
        begin.run = run
        begin.attempt = history.files.map(\.attempt).max() ?? 0
        begin.n = history.nextNumber
        do throws(FileError) {
            while try !publish(.log(run: run, n: begin.n), begin, entries) { begin.n += 1 }
        } catch {
            throw VarveError(error)
        }
    }

    /// Writes artifacts of a run, or takes them back, in its next file.
    ///
    /// - Parameters:
    ///   - number: the number that the file has to have.
    ///   - attempt: the run's newest.
    /// - Returns: false if somebody else has that number.
    func write(
        artifacts: [ArtifactEntry] = [], withdrawals: [ArtifactEntry] = [], of run: UniqueID, number: UInt32,
        attempt: UInt32
    ) throws(VarveError) -> Bool {
        var begin = begin()
        begin.run = run
        begin.attempt = attempt
        begin.n = number
        let encoder = FrameEncoder(salt: begin.salt, zstd: Zstd())
        var frames: [UInt8] = []
        for (kind, entries) in [(FrameKind.artifacts, artifacts), (.withdrawals, withdrawals)] {
            for first in stride(from: 0, to: entries.count, by: Self.artifactsPerFrame) {
                let part = Array(entries[first..<min(entries.count, first + Self.artifactsPerFrame)])
                frames += encoder.frame(kind, payload: ArtifactEntry.payload(part), count: part.count, sequence: 0)
            }
        }
        do throws(FileError) {
            return try publish(.log(run: run, n: number), begin, bytes(begin, [], frames))
        } catch {
            throw VarveError(error)
        }
    }

    /// However long their names are, a frame of them is no larger than readers take.
    private static let artifactsPerFrame = 256

    /// Writes entries of several runs, each with its own revision, as they are.
    func write(_ entries: [PropertyEntry]) throws(VarveError) {
        do throws(FileError) { _ = try publish(.edit(environment.host.newID()), begin(), entries) } catch {
            throw VarveError(error)
        }
    }

    /// The bytes of a file of several runs with these entries.
    func file(of entries: [PropertyEntry]) -> (begin: BeginFrame, bytes: [UInt8]) {
        let begin = begin()
        return (begin, bytes(begin, entries))
    }

    private func begin() -> BeginFrame {
        var begin = BeginFrame()
        begin.repository = repository
        begin.salt = environment.host.random()
        begin.created = environment.host.wallTime()
        // No host: a run did not run where it is edited.
        return begin
    }

    private func publish(_ name: LogName, _ begin: BeginFrame, _ entries: [PropertyEntry]) throws(FileError) -> Bool {
        try publish(name, begin, bytes(begin, entries))
    }

    private func publish(_ name: LogName, _ begin: BeginFrame, _ bytes: [UInt8]) throws(FileError) -> Bool {
        let path = paths.log(name)
        return try environment.fileSystem.publish(
            path, from: Paths.temporary(for: path, tag: environment.host.random()), bytes: bytes)
    }

    private func bytes(_ begin: BeginFrame, _ entries: [PropertyEntry], _ frames: [UInt8] = []) -> [UInt8] {
        let encoder = FrameEncoder(salt: begin.salt, zstd: Zstd())
        let frame = encoder.frame(.begin, payload: begin.payload(), count: 1, sequence: 0)
        var bytes = frame + frame
        for part in Limits.frames(entries) {
            bytes += encoder.frame(
                .properties, payload: PropertyEntry.payload(Array(part)), count: part.count, sequence: 0)
        }
        bytes += frames
        // Not an attempt of training: `moved` says nothing about how the run went.
        let end = EndFrame(state: .moved, points: 0, time: begin.created)
        bytes += encoder.frame(.end, payload: end.payload(), count: 1, sequence: 0)
        return bytes
    }
}
