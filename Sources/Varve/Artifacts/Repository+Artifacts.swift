import VarveFiles
import VarveFormat

/// A file on its way into a repository.
public struct ArtifactFile: Hashable, Sendable {
    /// Where it is.
    public var path: String
    /// What it is to be called.
    public var name: String
    /// Its media type, such as `image/png`; empty: unknown.
    public var mediaType: String

    /// A file, what it is to be called, and what it is.
    public init(path: String, name: String, mediaType: String = "") {
        self.path = path
        self.name = name
        self.mediaType = mediaType
    }
}

/// What became of a file that was added.
public struct ArtifactAddition: Hashable, Sendable {
    /// The artifact, as it stands in the run now.
    public var artifact: Artifact
    /// False: the last one of that name is the same already, and nothing was added.
    public var isNew: Bool
}

extension Repository {
    /// Copies files into the repository, where each content is stored once, and notes them in a run, whether it is open, closed or
    /// long over. A large file takes no more memory than a small one.
    ///
    /// A file whose content is that of the last artifact of its name isn't noted again, unless step, context or version differ: what
    /// was interrupted can be repeated.
    /// - Parameters:
    ///   - version: of all of them; nil: `v1`, `v2`, …, counted for each name.
    ///   - step: the step that they belong to.
    ///   - context: what they were made from, or measured on.
    ///   - progress: told of bytes; what it throws ends the work, and leaves nothing half done.
    /// - Throws: `notFound` if there is no such run or file; `invalid` if two files have one name; `limit`; `noRoom` or `system`.
    public func addArtifacts(
        _ files: [ArtifactFile], to run: RunID, version: String? = nil, step: Int? = nil,
        context: [String: String] = [:], progress: (Progress) throws(VarveError) -> Void = { _ in }
    ) throws(VarveError) -> [ArtifactAddition] {
        try demandNoBundle()
        var names: Set<ExactText> = []
        for file in files {
            try Limits.check(
                artifact: file.name, version: version ?? "", mediaType: file.mediaType, context: context)
            guard names.insert(ExactText(file.name)).inserted else {
                throw VarveError(.invalid, "two files are to be called \(file.name)")
            }
        }
        _ = try history(of: run)
        var total = 0
        for file in files {
            let status = try filesystem { () throws(FileError) in
                try environment.fileSystem.targetStatus(file.path)
            }
            total += status?.size ?? 0
        }
        var done = 0
        let store = ArtifactStore(environment, paths)
        var stored: [(file: ArtifactFile, sha256: [UInt8], size: Int)] = []
        for file in files {
            let (hash, size) = try store.add(file.path) { bytes throws(VarveError) in
                done += bytes
                try progress(Progress(unit: "bytes", done: done, total: max(total, done)))
            }
            stored.append((file, hash, size))
        }
        let pairs = MetricKey("", context: context).context
        while true {
            // In this order: whoever adds something in between takes the number, and we look again.
            let history = try history(of: run)
            let (entries, withdrawn) = try snapshot(of: run).artifactEntries(of: run)
            let known = entries.map(Artifact.init)
            var added: [ArtifactEntry] = []
            var result: [ArtifactAddition] = []
            for (file, hash, size) in stored {
                let text = SHA256.text(hash)
                if let last = known.named(file.name), last.name.hasSameBytes(as: file.name), last.sha256 == text,
                    version == nil || version == last.version, step == nil || step == last.step,
                    context.isEmpty || pairs == last.context
                {
                    result.append(ArtifactAddition(artifact: last, isNew: false))
                    continue
                }
                var entry = ArtifactEntry(
                    step: step.map(Int64.init), time: environment.host.wallTime(), name: file.name,
                    version: version ?? known.nextVersion(of: file.name), sha256: hash, size: UInt64(size),
                    mediaType: file.mediaType, context: pairs)
                // One that is equal to what was taken back would count as that.
                while withdrawn.contains(entry) { entry.time += 1 }
                added.append(entry)
                result.append(ArtifactAddition(artifact: Artifact(entry), isNew: true))
            }
            if added.isEmpty { return result }
            let writer = EditWriter(environment, paths, repository: id)
            let attempt = history.files.map(\.attempt).max() ?? 0
            if try writer.write(artifacts: added, of: run.id, number: history.nextNumber, attempt: attempt) {
                return result
            }
        }
    }

    /// Takes artifacts out of a run. Their contents are freed by ``collect(olderThan:dryRun:progress:)``, a day later, unless
    /// another artifact has the same.
    ///
    /// - Parameter artifacts: as ``Snapshot/artifacts(of:)`` gave them.
    /// - Throws: `notFound` if there is no such run.
    public func removeArtifacts(_ artifacts: [Artifact], of run: RunID) throws(VarveError) {
        guard !artifacts.isEmpty else { return }
        try demandNoBundle()
        let writer = EditWriter(environment, paths, repository: id)
        while true {
            let history = try history(of: run)
            let attempt = history.files.map(\.attempt).max() ?? 0
            let isOurs = try writer.write(
                withdrawals: artifacts.map(\.entry), of: run.id, number: history.nextNumber, attempt: attempt)
            if isOurs { return }
        }
    }

    private func history(of run: RunID) throws(VarveError) -> RunHistory {
        let history = try RunHistory(of: run.id, paths, environment)
        guard !history.files.isEmpty else {
            throw VarveError(.notFound, "no run \(run)", file: paths.logs, remedy: "`varve runs` lists them")
        }
        return history
    }

    /// Copies an artifact's content to a file. It gets its name once all of it is there and proved: what is damaged, or was
    /// interrupted, leaves nothing under that name.
    ///
    /// - Parameter replaces: whether a file that is there gives way.
    /// - Throws: `damaged` if the content isn't what its name says; `exists` if there is such a file; `notFound` if the content is
    ///   missing here.
    public func copyArtifact(
        _ artifact: Artifact, to path: String, replaces: Bool = false,
        progress: (Int) throws(VarveError) -> Void = { _ in }
    ) throws(VarveError) {
        try ArtifactStore(environment, paths).get(artifact.sha256, to: path, replaces: replaces, progress: progress)
    }

    /// Gives an artifact's content block by block, in order. All of it is proved before the first block is given.
    ///
    /// - Throws: `damaged`, `notFound` or `system`; what `body` throws.
    public func readArtifact(
        _ artifact: Artifact, progress: (Int) throws(VarveError) -> Void = { _ in }, _ body: ([UInt8]) throws -> Void
    ) throws {
        try ArtifactStore(environment, paths).read(artifact.sha256, progress: progress, body)
    }

    /// Reads an artifact's content and proves that it is what was added.
    ///
    /// - Throws: `damaged` if it isn't; `notFound` if it is missing here.
    public func verifyArtifact(
        _ artifact: Artifact, progress: (Int) throws(VarveError) -> Void = { _ in }
    ) throws(VarveError) {
        try ArtifactStore(environment, paths).verify(artifact.sha256, progress: progress)
    }

    /// The files below a directory, by path, each named by its way from there; or the file that `path` itself is.
    ///
    /// Symbolic links within a directory aren't followed, and what is no file isn't taken: they are given as `skipped`.
    public func artifactFiles(
        at path: String, name: String
    ) throws(VarveError) -> (files: [ArtifactFile], skipped: [String]) {
        let fileSystem = environment.fileSystem
        var files: [ArtifactFile] = []
        var skipped: [String] = []
        do throws(FileError) {
            guard let kind = try fileSystem.targetStatus(path)?.kind else {
                throw FileError("open", path, .notFound)
            }
            guard kind == .directory else { return ([ArtifactFile(path: path, name: name)], []) }
            var folders = [(path: path, name: name)]
            while let folder = folders.popLast() {
                for entry in try fileSystem.list(folder.path).sorted() {
                    let below = (
                        path: Paths.join(folder.path, entry),
                        name: folder.name.isEmpty ? entry : "\(folder.name)/\(entry)"
                    )
                    switch try fileSystem.status(below.path)?.kind {
                    case .file: files.append(ArtifactFile(path: below.path, name: below.name))
                    case .directory: folders.append(below)
                    case .link, .other: skipped.append(below.path)
                    case nil: break
                    }
                }
            }
        } catch {
            throw VarveError(error)
        }
        return (files.sorted { $0.name.precedesByBytes($1.name) }, skipped)
    }
}
