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
    /// - Parameter progress: told of the bytes that are done; what it throws ends the copy.
    /// - Returns: the content's SHA-256 and size.
    func add(
        _ path: String, progress: (Int) throws(VarveError) -> Void = { _ in }
    ) throws(VarveError) -> (sha256: [UInt8], size: Int) {
        let fileSystem = environment.fileSystem
        let source = try filesystem { () throws(FileError) in try fileSystem.open(path, .readLinked) }
        defer { source.close() }
        // The content decides the name, and it is known only once it was read; what is hashed is what is written.
        let temporary = Paths.join(paths.artifacts, ".\(environment.host.newID())")
        let copy = try filesystem { () throws(FileError) in
            try fileSystem.makeDirectory(paths.artifacts)
            return try fileSystem.open(temporary, .createNew)
        }
        defer {
            copy.close()
            try? fileSystem.unlink(temporary)
        }
        let (digest, size) = try Self.copy(source, to: copy, progress)
        do throws(FileError) {
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
        } catch {
            throw VarveError(error)
        }
        return (digest, size)
    }

    /// Copies a content out, proves it, and gives it its name; a wrong one leaves nothing.
    ///
    /// - Parameter replaces: whether a file that has the name gives way.
    /// - Throws: `exists` if the name is taken; `damaged` if the content isn't what its name says; `notFound` if it is missing.
    func get(
        _ sha256: String, to path: String, replaces: Bool, progress: (Int) throws(VarveError) -> Void
    ) throws(VarveError) {
        let fileSystem = environment.fileSystem
        let source = try open(sha256)
        defer { source.close() }
        let folder = Paths.parent(path)
        let temporary = Paths.join(folder, ".varve-\(environment.host.newID()).part")
        let isTaken = try filesystem { () throws(FileError) in try fileSystem.status(path) != nil }
        guard replaces || !isTaken else { throw VarveError(.exists, "\(path) is there already", file: path) }
        let copy = try filesystem { () throws(FileError) in try fileSystem.open(temporary, .createNew) }
        defer {
            copy.close()
            try? fileSystem.unlink(temporary)
        }
        let found = try Self.copy(source, to: copy, progress).sha256
        guard SHA256.text(found) == sha256 else { throw Self.damage(source.path, sha256, found) }
        do throws(FileError) {
            try copy.sync()
            if !replaces {
                do throws(FileError) { return try fileSystem.link(temporary, path) } catch
                    where error.code == .notPermitted || error.code == .notSupported
                {
                    // No hard links there, as on FAT.
                    if try fileSystem.status(path) != nil { throw FileError("rename", path, .exists) }
                }
            }
            try fileSystem.rename(temporary, path)
        } catch {
            throw VarveError(error)
        }
    }

    /// Gives a content block by block, once it was proved: none of a wrong one is given.
    func read(
        _ sha256: String, progress: (Int) throws(VarveError) -> Void, _ body: ([UInt8]) throws -> Void
    ) throws {
        try verify(sha256, progress: progress)
        let source = try open(sha256)
        defer { source.close() }
        var hash = SHA256()
        var offset = 0
        while true {
            let bytes = try filesystem { () throws(FileError) in try source.read(upTo: Self.block, at: offset) }
            if bytes.isEmpty { break }
            hash.update(bytes)
            try body(bytes)
            offset += bytes.count
        }
        // It may have been changed between the two readings.
        let found = hash.finalize()
        guard SHA256.text(found) == sha256 else { throw Self.damage(source.path, sha256, found) }
    }

    /// Reads a content and proves it.
    ///
    /// - Throws: `damaged` if it isn't what its name says; `notFound` if it is missing.
    func verify(_ sha256: String, progress: (Int) throws(VarveError) -> Void) throws(VarveError) {
        try stream(sha256) { bytes throws(VarveError) in try progress(bytes.count) }
    }

    /// Gives a content block by block as it is read. That it is the right one is known only when this returns.
    ///
    /// - Throws: `damaged` if it wasn't; `notFound` if it is missing; what `body` throws.
    func stream(_ sha256: String, _ body: ([UInt8]) throws(VarveError) -> Void) throws(VarveError) {
        let source = try open(sha256)
        defer { source.close() }
        let found = try Self.read(source, body).sha256
        guard SHA256.text(found) == sha256 else { throw Self.damage(source.path, sha256, found) }
    }

    private func open(_ sha256: String) throws(VarveError) -> any OpenFile {
        let path = paths.artifact(sha256)
        do throws(FileError) {
            try paths.demandDirectory(Paths.parent(path), environment.fileSystem)
            return try environment.fileSystem.open(path, .read)
        } catch {
            guard error.code == .notFound else { throw VarveError(error) }
            throw VarveError(
                .notFound, "the content of an artifact is missing here", file: path,
                remedy: "copy it from where the run was logged")
        }
    }

    private static func damage(_ path: String, _ sha256: String, _ found: [UInt8]) -> VarveError {
        VarveError(
            .damaged, "an artifact is not what its name says", file: path, expected: sha256,
            found: SHA256.text(found))
    }

    /// Reads all of a file, hashes it, and writes it to another.
    private static func copy(
        _ source: any OpenFile, to copy: any OpenFile, _ progress: (Int) throws(VarveError) -> Void
    ) throws(VarveError) -> (sha256: [UInt8], size: Int) {
        var offset = 0
        return try read(source) { bytes throws(VarveError) in
            try filesystem { () throws(FileError) in try copy.write(bytes, at: offset) }
            offset += bytes.count
            try progress(bytes.count)
        }
    }

    /// Reads all of a file, hashes it, and gives it block by block.
    private static func read(
        _ source: any OpenFile, _ body: ([UInt8]) throws(VarveError) -> Void
    ) throws(VarveError) -> (sha256: [UInt8], size: Int) {
        var hash = SHA256()
        var offset = 0
        while true {
            let bytes = try filesystem { () throws(FileError) in try source.read(upTo: block, at: offset) }
            if bytes.isEmpty { return (hash.finalize(), offset) }
            hash.update(bytes)
            offset += bytes.count
            try body(bytes)
        }
    }
}
