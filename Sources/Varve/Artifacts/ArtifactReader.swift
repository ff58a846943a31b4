import VarveFiles
import VarveFormat

extension Snapshot {
    /// The artifacts of a run in the order of logging. What a rewind superseded, or somebody removed, is left out.
    public func artifacts(of run: RunID) throws(VarveError) -> [Artifact] {
        var artifacts = try artifactEntries(of: run).entries.map(Artifact.init)
        for i in artifacts.indices {
            let path = content.paths.artifact(artifacts[i].sha256)
            let fileSystem = content.environment.fileSystem
            do throws(FileError) {
                // What is no file of its own, in a folder of its own, isn't handed to somebody who opens it.
                guard try fileSystem.status(path)?.kind == .file,
                    try fileSystem.status(Paths.parent(path))?.kind == .directory
                else { continue }
                artifacts[i].path = path
            } catch {
                throw VarveError(error)
            }
        }
        return artifacts
    }

    /// Gives an artifact's content block by block as it is read. That it is what was added is known only when this returns: who gets
    /// an error throws away what was given.
    ///
    /// - Throws: `damaged` if it wasn't; `notFound` if it is missing here; what `body` throws.
    public func streamArtifact(
        _ artifact: Artifact, _ body: ([UInt8]) throws(VarveError) -> Void
    ) throws(VarveError) {
        try ArtifactStore(content.environment, content.paths).stream(artifact.sha256, body)
    }

    /// The entries that count, in the order of logging, and those that were taken back.
    func artifactEntries(
        of run: RunID
    ) throws(VarveError) -> (entries: [ArtifactEntry], withdrawn: Set<ArtifactEntry>) {
        var entries: [ArtifactEntry] = []
        // What is equal to the nanosecond is a copy: in a frame that is there twice, or in a seal.
        var seen: [UInt64: Set<ArtifactEntry>] = [:]
        var withdrawn: Set<ArtifactEntry> = []
        try frames(of: run, [.artifacts, .withdrawals]) { section, frame, payload, below throws(FormatError) in
            let stated = try ArtifactEntry.parse(payload, count: frame.header.count)
            guard frame.kind == .artifacts else { return withdrawn.formUnion(stated) }
            for entry in stated {
                let salt = section.begin.sealOf?.salt ?? section.begin.salt
                guard seen[salt, default: []].insert(entry).inserted else { continue }
                if let below, let step = entry.step, step >= below { continue }
                entries.append(entry)
            }
        }
        return (withdrawn.isEmpty ? entries : entries.filter { !withdrawn.contains($0) }, withdrawn)
    }
}

extension Artifact {
    init(_ entry: ArtifactEntry) {
        self.init(
            name: entry.name, version: entry.version, step: entry.step.map { Int($0) }, context: entry.context,
            time: entry.time, sha256: SHA256.text(entry.sha256), size: Int(clamping: entry.size),
            mediaType: entry.mediaType, path: nil, entry: entry)
    }
}
