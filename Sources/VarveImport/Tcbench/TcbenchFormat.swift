import Varve
import VarveFiles

/// Folders that tcbench leaves for each run (``TcbenchFolder``), such as `artifacts/001baa39ed8d4b8bb9966e94`. Where they lie beside
/// the Aim repository of their campaign they belong to its runs and are taken by ``AimFormat``; here are the others.
package struct TcbenchFormat: StoreFormat {
    package let name = "tcbench"
    package let title = "tcbench run folders"
    package let signs = "folders with params.yml and log.txt, CONTEXT_conf_mtx.csv or CONTEXT_class_rep.csv"

    package init() {}

    package func plan(_ tree: SourceTree, _ place: ImportPlace) -> ImportPlan {
        var plan = ImportPlan()
        if tree.isFile { return plan }
        var folders: [String: [SourceTree.File]] = [:]
        for file in tree.files { folders[file.directory, default: []].append(file) }
        for (folder, files) in folders.sorted(by: { SourceTree.precedes($0.key, $1.key) }) {
            guard TcbenchFolder.isRun(files.lazy.map(\.name)) else { continue }
            for file in files { plan.claims.files.insert(file.relativePath) }
            let path = folder.isEmpty ? tree.rootPath : Paths.join(tree.rootPath, folder)
            let size = files.reduce(0) { $0 + $1.size }
            let source = ImportSource(
                file: SourceTree.File(relativePath: folder.isEmpty ? "." : folder, path: path, size: size))
            plan.runs.append(ImportPlan.Run(name: folder.isEmpty ? tree.rootName : folder, sources: [source]))
        }
        return plan
    }

    package func open(_ place: ImportPlace) -> any StoreReader { TcbenchStore(place) }
}

private final class TcbenchStore: StoreReader {
    private let place: ImportPlace

    init(_ place: ImportPlace) { self.place = place }

    private func folder(of source: ImportSource) -> TcbenchFolder {
        TcbenchFolder(path: source.file.path, name: source.file.relativePath, fileSystem: place.fileSystem)
    }

    func version(of source: ImportSource) throws(VarveError) -> UInt64? {
        var version = SourceVersion()
        try folder(of: source).add(to: &version)
        return version.value
    }

    func read(_ source: ImportSource, into sink: any RunSink) throws(VarveError) {
        try folder(of: source).read(into: sink)
    }
}
