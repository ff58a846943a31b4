import VarveFiles
import VarveFormat

/// A directory that holds a campaign's runs (Format.md, section 2).
///
/// Opening one reads a few bytes, locks nothing and writes nothing; what there is to read stands in a ``Snapshot``.
/// Everything may be used from any thread.
public final class Repository: Sendable {
    /// Its directory.
    public let path: String
    /// Its ID; zero for a bare folder of log files.
    public let id: UniqueID
    /// Its name; may be empty.
    public let name: String
    package let environment: Environment
    package let paths: RepositoryPaths

    init(environment: Environment, paths: RepositoryPaths, id: UniqueID, name: String) {
        self.environment = environment
        self.paths = paths
        path = paths.root
        self.id = id
        self.name = name
    }

    // MARK: Making and opening

    /// Makes a repository at `path`, whose parent must exist.
    ///
    /// - Throws: `exists` if there is one.
    public static func create(at path: String, name: String = "") throws(VarveError) -> Repository {
        try create(at: path, name: name, .process)
    }

    /// Opens the repository at `path`, or a bare folder of log files.
    ///
    /// - Throws: `notFound` if there is neither; `damaged` or `unsupported` if it can't be used.
    public static func open(_ path: String) throws(VarveError) -> Repository { try open(path, .process) }

    /// Opens the repository at `path`, and makes it if there is none.
    public static func openOrCreate(at path: String, name: String = "") throws(VarveError) -> Repository {
        try openOrCreate(at: path, name: name, .process)
    }

    package static func create(
        at path: String, name: String, _ environment: Environment
    ) throws(VarveError) -> Repository {
        let paths = RepositoryPaths(root: path)
        let fileSystem = environment.fileSystem
        let file = RepositoryFile(
            id: environment.host.newID(), name: name, created: environment.host.wallTime())
        do throws(FileError) {
            try fileSystem.makeDirectory(path)
            if try fileSystem.status(paths.description) != nil { throw FileError("link", path, .exists) }
            for directory in [paths.logs, paths.index, paths.artifacts] { try fileSystem.makeDirectory(directory) }
            // The description last: a directory with one is a whole repository.
            let temporary = Paths.temporary(for: paths.description, tag: environment.host.random())
            guard try fileSystem.publish(paths.description, from: temporary, bytes: file.bytes()) else {
                throw FileError("link", path, .exists)
            }
            // Its own name, too: what is synced in a directory that a power failure takes is gone with it.
            do throws(FileError) { try fileSystem.syncDirectory(Paths.parent(path)) } catch
                where error.code == .accessDenied
            {
                // A directory in which one may work but not look.
            }
        } catch  where error.code == .exists {
            throw VarveError(.exists, "there is a repository already", file: path, remedy: "open it")
        } catch {
            throw VarveError(error)
        }
        return Repository(environment: environment, paths: paths, id: file.id, name: name)
    }

    package static func open(_ path: String, _ environment: Environment) throws(VarveError) -> Repository {
        let paths = RepositoryPaths(root: path)
        let fileSystem = environment.fileSystem
        do throws(FileError) {
            if try !isDescribed(paths, fileSystem) {
                let kind = try fileSystem.targetStatus(path)?.kind
                if kind == .file { return try bundle(at: path, environment) }
                if kind == .directory,
                    try fileSystem.list(path).contains(where: { $0.hasSuffix(".vlog") && LogName($0) != nil })
                {
                    let bare = RepositoryPaths(root: path, isBare: true)
                    try bare.demandDirectories(fileSystem)
                    return Repository(environment: environment, paths: bare, id: .zero, name: "")
                }
                throw FileError("open", path, .notFound)
            }
        } catch  where error.path != paths.description && error.path != path {
            throw VarveError(error)
        } catch  where error.code == .notFound || error.code == .notDirectory {
            throw VarveError(
                .notFound, "no repository here", file: path,
                remedy: "make one with `varve init`, or name another with --repo")
        } catch {
            throw VarveError(error)
        }
        let file = try RepositoryFile(reading: paths.description, fileSystem)
        do throws(FileError) { try paths.demandDirectories(fileSystem) } catch { throw VarveError(error) }
        return Repository(environment: environment, paths: paths, id: file.id, name: file.name)
    }

    /// Whether there is a `varve.json`; there is none in a path that leads to a file.
    private static func isDescribed(
        _ paths: RepositoryPaths, _ fileSystem: any FileSystem
    ) throws(FileError) -> Bool {
        do throws(FileError) { return try fileSystem.status(paths.description) != nil } catch
            where error.code == .notDirectory
        {
            return false
        }
    }

    /// A single file is opened as a bundle; what isn't one shows no runs, and says why.
    private static func bundle(at path: String, _ environment: Environment) throws(FileError) -> Repository {
        let inside = Environment(
            fileSystem: BundleFileSystem(environment.fileSystem, path), host: environment.host,
            hasThreads: environment.hasThreads, decodingThreads: environment.decodingThreads)
        let file = try environment.fileSystem.open(path, .readLinked)
        defer { file.close() }
        let magic = withUnsafeBytes(of: FormatConstants.frameMagic.littleEndian) { [UInt8]($0) }
        guard try file.read(upTo: 4, at: 0) == magic else { throw FileError("open", path, .notFound) }
        return Repository(
            environment: inside, paths: RepositoryPaths(root: path, isBare: true), id: .zero, name: "")
    }

    package static func openOrCreate(
        at path: String, name: String, _ environment: Environment
    ) throws(VarveError) -> Repository {
        do throws(VarveError) { return try open(path, environment) } catch  where error.code == .notFound {
            do throws(VarveError) { return try create(at: path, name: name, environment) } catch
                where error.code == .exists
            {
                // Another process was first.
                return try open(path, environment)
            }
        }
    }
}
