import VarveFiles
import VarveFormat

/// What a bundle holds.
public struct BundleReport: Hashable, Sendable {
    /// Runs.
    public var runs = 0
    /// Log files.
    public var files = 0
    /// Bytes of the bundle.
    public var bytes = 0
    /// Nothing.
    public init() {}
}

extension Repository {
    /// Puts runs into one file that ``open(_:)`` opens as it is, to be read: their log files and their properties, without
    /// artifacts.
    ///
    /// - Parameter progress: told of bytes; what it throws ends the writing, and leaves nothing.
    /// - Throws: `notFound` if one of the runs isn't here; `state` if one is being written to; `exists` if there is a file at `path`;
    ///   `damaged`, `noRoom` or `system`. Then there is no bundle.
    public func bundle(
        _ runs: [RunID], to path: String, progress: (Progress) throws(VarveError) -> Void = { _ in }
    ) throws(VarveError) -> BundleReport {
        let wanted = Set(runs.map(\.id))
        _ = try Sealer(environment, paths).sealDead(of: wanted)
        let names = try namesInLogs(of: wanted)
        for run in runs { try demandDead(run, names[run.id] ?? []) }
        let found = try LogParts(of: wanted, environment, paths)
        for run in runs where !found.runs.contains(run.id) {
            throw VarveError(.notFound, "no run \(run)", file: paths.logs, remedy: "`varve runs` lists them")
        }
        var seen: Set<LogIdentity> = []
        let parts = found.parts.filter { seen.insert($0.begin.identity).inserted }
        if let problem = parts.lazy.flatMap(\.problems).first { throw problem }
        let trailing =
            found.edits.isEmpty
            ? nil : EditWriter(environment, paths, repository: id).file(of: found.edits)
        let total = parts.reduce(0) { $0 + $1.frames.count }
        var report = BundleReport()
        let publication: Publication
        do throws(FileError) {
            publication = try Publication(
                environment.fileSystem, path, from: Paths.temporary(for: path, tag: environment.host.random()))
        } catch {
            throw VarveError(error)
        }
        defer { publication.abandon() }
        report.bytes = try PackWriter(environment, paths).write(parts, trailing: trailing, to: publication.file) {
            bytes throws(VarveError) in
            try progress(Progress(unit: "bytes", done: bytes, total: max(total, bytes)))
        }
        let isOurs = try filesystem { () throws(FileError) in try publication.commit() }
        guard isOurs else { throw VarveError(.exists, "there is a file of this name", file: path) }
        report.runs = found.runs.count
        report.files = parts.count
        return report
    }
}

extension Repository {
    /// - Throws: `state` if this is a bundle.
    func demandNoBundle() throws(VarveError) {
        guard environment.fileSystem is BundleFileSystem else { return }
        throw VarveError(
            .state, "a bundle can only be read", file: path,
            remedy: "take runs out of it with `varve cp --repo \(path) --to DIR`")
    }
}
