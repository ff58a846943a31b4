import Varve
import VarveFiles

/// W&B's run files, which lie in folders such as `wandb/run-20240202_072613-0ocyw2a4` or `wandb/offline-run-…`.
///
/// A run is called as its folder; files of one run ID in one place are one run that was resumed. The folder is W&B's as a whole:
/// event files in it are copies of what the run file holds. `latest-run` is a link to one of the others.
package struct WandBFormat: StreamFormat {
    package let name = "wandb"
    package let title = "W&B run files"
    package let signs = "files called run-ID.wandb that begin with :W&B"
    package let isTable = true

    /// A file that was written to in the last ten minutes may belong to a run that goes on.
    private static let silence: Int64 = 600 * 1_000_000_000

    package init() {}

    package func plan(_ tree: SourceTree, _ place: ImportPlace) -> ImportPlan {
        RunFolders.plan(tree, place, suffixes: [".wandb"], ident: ":W&B")
    }

    package func reader(
        of source: ImportSource, _ place: ImportPlace, _ sinks: @escaping SinkFinder
    ) throws(VarveError) -> any StreamReader {
        let isRecent = RealHost().wallTime() - source.file.modified < Self.silence
        return WandBFileReader(
            file: source.file.relativePath, step: place.options.step, withoutExit: isRecent ? .running : .killed,
            beside: WandBFiles(run: Paths.parent(source.file.path), in: place.fileSystem), into: try sinks(nil))
    }
}

/// Finds runs that are a folder each, with one log in it.
enum RunFolders {
    static func plan(_ tree: SourceTree, _ place: ImportPlace, suffixes: [String], ident: String) -> ImportPlan {
        var plan = ImportPlan()
        var places: [String: Int] = [:]
        let files = tree.files.filter { file in suffixes.contains { file.name.hasSuffix($0) } }
        let isLink = { (path: String) in path.split(separator: "/").dropLast().contains("latest-run") }
        for file in files where place.isNamed || begins(file, ident, place) {
            plan.claims.files.insert(file.relativePath)
            let folder = file.directory
            if !folder.isEmpty { plan.claims.directories.insert(folder) }
            if isLink(file.relativePath), files.contains(where: { $0.name == file.name && !isLink($0.relativePath) }) {
                continue
            }
            let source = ImportSource(file: file)
            // `run-ID.wandb` of several folders side by side: a run that was resumed.
            let isOwn = file.name.hasPrefix("run-") && !folder.isEmpty
            let key = isOwn ? Paths.parent(folder) + "\u{0}" + file.name : file.relativePath
            if let known = places[key] {
                plan.runs[known].sources.append(source)
            } else {
                places[key] = plan.runs.count
                let stem = String(file.name[..<(file.name.lastIndex(of: ".") ?? file.name.endIndex)])
                let name = folder.isEmpty ? (tree.isFile ? stem : tree.rootName) : folder
                plan.runs.append(ImportPlan.Run(name: name, sources: [source], directories: [Paths.parent(file.path)]))
            }
        }
        plan.distinguishNames()
        return plan
    }

    /// Where a file that a log names lies; nil if it isn't there, or would lie anywhere else.
    static func path(of file: String, below directory: String, _ fileSystem: any FileSystem) -> String? {
        let parts = file.split(separator: "/", omittingEmptySubsequences: false)
        guard !file.isEmpty, parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else { return nil }
        let path = Paths.join(directory, file)
        let status = (try? fileSystem.targetStatus(path)) ?? nil
        return status?.kind == .file ? path : nil
    }

    /// Whether a file begins as it should; an empty one doesn't.
    private static func begins(_ file: SourceTree.File, _ ident: String, _ place: ImportPlace) -> Bool {
        place.beginning(of: file, ident.utf8.count) == Array(ident.utf8)
    }
}
