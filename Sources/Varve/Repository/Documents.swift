import VarveFiles

/// Small documents in a folder of a repository, beside its logs, such as plans of campaigns: read whole, and written whole or not at
/// all, whatever fails in between.
///
/// A symbolic link among them, or in place of their folder, isn't followed.
package struct Documents: Sendable {
    private let environment: Environment
    private let paths: RepositoryPaths
    private let directory: String
    private let maxBytes: Int

    /// - Parameters:
    ///   - folder: its name in the repository.
    ///   - maxBytes: longer ones are neither written nor read.
    package init(_ repository: Repository, folder: String, maxBytes: Int) {
        environment = repository.environment
        paths = repository.paths
        directory = Paths.join(repository.paths.root, folder)
        self.maxBytes = maxBytes
    }

    /// Where a document stands.
    package func path(_ name: String) -> String { Paths.join(directory, name) }

    /// The names of all documents, sorted; none if the folder isn't there.
    package func names() throws(VarveError) -> [String] {
        try filesystem { () throws(FileError) in
            guard try environment.fileSystem.status(directory) != nil else { return [] }
            try paths.demandDirectory(directory, environment.fileSystem)
            return try environment.fileSystem.list(directory).filter { !$0.hasPrefix(".") }.sorted()
        }
    }

    /// The content of a document; nil if there is none.
    package func read(_ name: String) throws(VarveError) -> [UInt8]? {
        do throws(FileError) {
            guard try environment.fileSystem.status(directory) != nil else { return nil }
            try paths.demandDirectory(directory, environment.fileSystem)
            return try environment.fileSystem.readAll(path(name), cap: maxBytes)
        } catch  where error.code == .notFound { return nil } catch { throw VarveError(error) }
    }

    /// Writes a document, durably.
    ///
    /// - Parameter replaces: takes the place of one with this name, if there is one.
    /// - Returns: false if there is one and it isn't to be replaced.
    package func write(_ bytes: [UInt8], as name: String, replaces: Bool) throws(VarveError) -> Bool {
        guard bytes.count <= maxBytes else {
            throw VarveError(
                .limit, "the document is too long", file: path(name), expected: "at most \(maxBytes) bytes",
                found: "\(bytes.count)")
        }
        let fileSystem = environment.fileSystem
        let temporary = Paths.temporary(for: path(name), tag: environment.host.random())
        return try filesystem { () throws(FileError) in
            if try fileSystem.status(directory) == nil {
                try fileSystem.makeDirectory(directory)
                try fileSystem.syncDirectory(paths.root)
            }
            try paths.demandDirectory(directory, fileSystem)
            guard replaces else { return try fileSystem.publish(path(name), from: temporary, bytes: bytes) }
            let file = try fileSystem.open(temporary, .createNew)
            do throws(FileError) {
                defer { file.close() }
                try file.write(bytes, at: 0)
                try file.sync()
                try fileSystem.rename(temporary, path(name))
            } catch {
                try? fileSystem.unlink(temporary)
                throw error
            }
            try fileSystem.syncDirectory(directory)
            return true
        }
    }

    /// Removes a document; it is no error if there is none.
    package func remove(_ name: String) throws(VarveError) {
        try filesystem { () throws(FileError) in try environment.fileSystem.unlink(path(name)) }
    }
}
