import VarveFiles
import VarveFormat

/// Where things stand in a repository (Format.md, section 2).
package struct RepositoryPaths: Hashable, Sendable {
    package let root: String
    /// A bare folder of log files, without `varve.json`: `logs` is the folder itself.
    package let isBare: Bool

    package init(root: String, isBare: Bool = false) {
        self.root = root
        self.isBare = isBare
    }

    package var description: String { Paths.join(root, "varve.json") }
    package var logs: String { isBare ? root : Paths.join(root, "logs") }
    package var index: String { Paths.join(root, "index") }
    package var artifacts: String { Paths.join(root, "artifacts") }
    package var trash: String { Paths.join(root, "trash") }

    package func log(_ name: LogName) -> String { Paths.join(logs, "\(name)") }

    /// Throws unless `path` is a directory itself, and no symbolic link to one.
    package func demandDirectory(_ path: String, _ fileSystem: any FileSystem) throws(FileError) {
        switch try fileSystem.status(path)?.kind {
        case .directory: return
        case .link: throw FileError("open", path, .symbolicLink)
        case nil: throw FileError("open", path, .notFound)
        case .file, .other: throw FileError("open", path, .notDirectory)
        }
    }

    /// Throws if one of the directories within the repository is something else: a link might lead anywhere. The repository
    /// itself may be reached through one.
    package func demandDirectories(_ fileSystem: any FileSystem) throws(FileError) {
        for path in isBare ? [index, artifacts, trash] : [logs, index, artifacts, trash] {
            do throws(FileError) { try demandDirectory(path, fileSystem) } catch  where error.code == .notFound {}
        }
    }

    /// The artifacts that are there, a folder after the other, each with the path of its content.
    package func forEachArtifact(
        _ fileSystem: any FileSystem, _ body: (_ name: String, _ path: String) throws(FileError) -> Void
    ) throws(FileError) {
        guard try fileSystem.status(artifacts) != nil else { return }
        for folder in try fileSystem.list(artifacts).sorted() where folder.utf8.count == 2 {
            let directory = Paths.join(artifacts, folder)
            try demandDirectory(directory, fileSystem)
            for name in try fileSystem.list(directory).sorted() where name.utf8.count == 64 {
                try body(name, Paths.join(directory, name))
            }
        }
    }

    /// Where the content with this SHA-256 (64 hexadecimal digits) is.
    package func artifact(_ sha256: String) -> String {
        Paths.join(Paths.join(artifacts, String(sha256.prefix(2))), sha256)
    }
}
