import Varve
import VarveFiles

/// Aim repositories: the hidden directory `.aim`, which holds two RocksDB databases a run. They are read through Aim's own Python
/// package in a helper (``PythonHelper``), from copies of their small files and links to their large ones: the repository is
/// never written to. A run is called as Aim calls it. tcbench keeps a folder for each run beside the repository,
/// `artifacts/HASH`, which belongs to the run.
package struct AimFormat: StoreFormat {
    package let name = "aim"
    package let title = "Aim repositories"
    package let signs = "a directory .aim with meta/chunks in it"

    /// The hidden directory that is a repository.
    static let directory = ".aim"
    fileprivate static let artifacts = "artifacts"

    package init() {}

    package func plan(_ tree: SourceTree, _ place: ImportPlace) throws(VarveError) -> ImportPlan {
        var plan = ImportPlan()
        if tree.isFile { return plan }
        var repositories: [(path: String, relative: String)] = []
        for hidden in tree.hiddenNames where Paths.lastComponent(hidden) == Self.directory {
            repositories.append((Paths.join(tree.rootPath, hidden), hidden))
        }
        if repositories.isEmpty { repositories = [(tree.rootPath, "")] }
        for (path, relative) in repositories {
            guard let runs = try runs(of: path, place.fileSystem), !runs.isEmpty else { continue }
            plan.claims.directories.insert(relative)
            if !relative.isEmpty { plan.claims.files.insert(relative) }
            let parent = relative.contains("/") ? Paths.parent(relative) : ""
            for run in runs {
                let file = SourceTree.File(relativePath: relative.isEmpty ? "." : relative, path: path, size: 0)
                plan.claims.directories.insert(Paths.join(Paths.join(parent, Self.artifacts), run))
                let source = ImportSource(file: file, key: run)
                plan.runs.append(ImportPlan.Run(name: Paths.join(parent, run), sources: [source], identity: run))
            }
        }
        return plan
    }

    /// The hashes of the runs of a repository; nil if it is none.
    private func runs(of repository: String, _ fileSystem: any FileSystem) throws(VarveError) -> [String]? {
        let chunks = Paths.join(repository, "meta/chunks")
        do throws(FileError) {
            guard try fileSystem.targetStatus(chunks)?.kind == .directory else { return nil }
            var runs: [String] = []
            for name in try fileSystem.list(chunks).sorted() where !name.hasPrefix(".") {
                if try fileSystem.targetStatus(Paths.join(chunks, name))?.kind == .directory { runs.append(name) }
            }
            return runs
        } catch { throw VarveError(error) }
    }

    package func open(_ place: ImportPlace) -> any StoreReader { AimStore(place) }
}

/// The runs of Aim repositories, by means of a helper that is started when the first one is to be read.
private final class AimStore: StoreReader {
    private let place: ImportPlace
    private var helper: PythonHelper?

    init(_ place: ImportPlace) { self.place = place }

    /// Names, sizes and times of a run's files; and of the database with its names and tags.
    func version(of source: ImportSource) throws(VarveError) -> UInt64? {
        guard let run = source.key else { return nil }
        let folders = ["meta/chunks/\(run)", "seqs/chunks/\(run)"].map { Paths.join(source.file.path, $0) }
        var version = SourceVersion()
        do throws(FileError) {
            for folder in folders {
                version.add(folder)
                guard try place.fileSystem.targetStatus(folder)?.kind == .directory else { continue }
                // What RocksDB writes when somebody only looks doesn't count.
                for name in try place.fileSystem.list(folder).sorted() where name != "LOCK" && !name.hasPrefix("LOG") {
                    try version.add(file: Paths.join(folder, name), place.fileSystem)
                }
            }
            try version.add(file: Paths.join(source.file.path, "run_metadata.sqlite"), place.fileSystem)
        } catch { throw VarveError(error) }
        try folder(of: source).add(to: &version)
        return version.value
    }

    func prepare() throws(VarveError) { _ = try started() }

    func read(_ source: ImportSource, into sink: any RunSink) throws(VarveError) {
        guard let run = source.key else { return }
        // Its params first: what Aim itself was told counts where both say something.
        try folder(of: source).read(into: sink)
        let question: JSONValue = ["repo": .string(source.file.path), "run": .string(run)]
        try started().ask(question, about: source.id, into: sink)
    }

    /// The folder that tcbench may have left of the run.
    private func folder(of source: ImportSource) -> TcbenchFolder {
        let name = Paths.join(AimFormat.artifacts, source.key ?? "")
        let path = Paths.join(Paths.parent(source.file.path), name)
        return TcbenchFolder(path: path, name: name, fileSystem: place.fileSystem)
    }

    private func started() throws(VarveError) -> PythonHelper {
        if let helper { return helper }
        let script = PackageResources.bridge_py + PackageResources.aim_py
        let new = try PythonHelper(script, python: place.options.python, what: "Aim repositories")
        helper = new
        return new
    }
}

extension SourceVersion {
    /// Adds a file, if it is there.
    mutating func add(file path: String, _ fileSystem: any FileSystem) throws(FileError) {
        guard let status = try fileSystem.targetStatus(path) else { return }
        add(file: path, size: status.size, modified: status.modified)
    }
}
