import VarveFiles
import VarveFormat

/// Files that belong to runs, stored once a content (Format.md, section 2).
struct ArtifactStore {
    private let environment: Environment
    private let paths: RepositoryPaths
    private static let block = 1 << 20

    init(_ environment: Environment, _ paths: RepositoryPaths) {
        self.environment = environment
        self.paths = paths
    }

    /// Copies a file in. Under its final name there is the whole content or nothing, whatever happens.
    ///
    /// - Returns: the content's SHA-256 and size.
    func add(_ path: String) throws(VarveError) -> (sha256: [UInt8], size: Int) {
        let fileSystem = environment.fileSystem
        do throws(FileError) {
            let source = try fileSystem.open(path, .readLinked)
            defer { source.close() }
            try fileSystem.makeDirectory(paths.artifacts)
            // The content decides the name, and it is known only once it was read; what is hashed is what is written.
            let temporary = Paths.join(paths.artifacts, ".\(environment.host.newID())")
            let copy = try fileSystem.open(temporary, .createNew)
            defer {
                copy.close()
                try? fileSystem.unlink(temporary)
            }
            var hash = SHA256()
            var offset = 0
            while true {
                let bytes = try source.read(upTo: Self.block, at: offset)
                if bytes.isEmpty { break }
                hash.update(bytes)
                try copy.write(bytes, at: offset)
                offset += bytes.count
            }
            let digest = hash.finalize()
            let final = paths.artifact(SHA256.text(digest))
            try fileSystem.makeDirectory(Paths.parent(final))
            try paths.demandDirectory(Paths.parent(final), fileSystem)
            try fileSystem.syncDirectory(paths.artifacts)
            try copy.sync()
            do throws(FileError) { try fileSystem.link(temporary, final) } catch  where error.code == .exists {
                // The same content is there already. It is young again now: a collection that has seen it named by no log must not
                // take it from the one that is about to.
                try fileSystem.rename(temporary, final)
            }
            try fileSystem.syncDirectory(Paths.parent(final))
            return (digest, offset)
        } catch {
            throw VarveError(error)
        }
    }
}
