import Varve
import VarveFiles

/// SwanLab's local logs, which lie in folders such as `swanlog/run-20261126_110749-15phovpe`; a run is called as its folder.
package struct SwanLabFormat: StreamFormat {
    package let name = "swanlab"
    package let title = "SwanLab logs"
    package let signs = "files called run-ID.swanlab that begin with :SWL"

    private static let silence: Int64 = 600 * 1_000_000_000

    package init() {}

    package func plan(_ tree: SourceTree, _ place: ImportPlace) -> ImportPlan {
        RunFolders.plan(tree, place, suffixes: [".swanlab"], ident: ":SWL")
    }

    package func reader(
        of source: ImportSource, _ place: ImportPlace, _ sinks: @escaping SinkFinder
    ) throws(VarveError) -> any StreamReader {
        let sink = try sinks(nil)
        let path = Paths.join(Paths.parent(source.file.path), "files/config.yaml")
        let config = SmallFile.yaml(path, place.fileSystem) { error in
            sink.problem(ImportProblem(file: error.file ?? "", offset: error.offset ?? 0, message: error.message))
        }
        let isRecent = RealHost().wallTime() - source.file.modified < Self.silence
        let media = Paths.join(Paths.parent(source.file.path), "media")
        return SwanLabFileReader(
            file: source.file.relativePath, withoutFinish: isRecent ? .running : .killed, config: config,
            media: { RunFolders.path(of: $0, below: media, place.fileSystem) }, into: sink)
    }
}
