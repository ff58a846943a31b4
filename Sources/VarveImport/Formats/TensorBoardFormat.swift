import Varve
import VarveFiles

/// TensorBoard event files: all files of a directory are one run, called by the directory's path relative to the root (by the
/// root's own name for what stands in the root). A last component that is a context (``ContextRule``) belongs to the run
/// above it; the root alone is never one, since nothing is above it.
package struct TensorBoardFormat: StreamFormat {
    package let name = "tensorboard"
    package let title = "TensorBoard event files"
    package let signs = "files with tfevents in their names"

    package init() {}

    /// Whether a file is called as event files are.
    static func isEvents(_ name: String) -> Bool { name.lowercased().contains("tfevents") }

    package func plan(_ tree: SourceTree, _ place: ImportPlace) -> ImportPlan {
        var plan = ImportPlan()
        var places: [String: Int] = [:]
        for file in tree.files where Self.isEvents(file.name) {
            var path = file.directory.split(separator: "/").map(String.init)
            var subset: String?
            if !place.options.keepNames, !tree.isFile, let last = path.last, let word = ContextRule.subset(last) {
                subset = word
                path.removeLast()
            }
            let name = path.isEmpty ? tree.rootName : path.joined(separator: "/")
            let source = ImportSource(file: file, subset: subset)
            let directory = Paths.parent(file.path)
            if let place = places[name] {
                plan.runs[place].sources.append(source)
                if !plan.runs[place].directories.contains(directory) { plan.runs[place].directories.append(directory) }
            } else {
                places[name] = plan.runs.count
                plan.runs.append(ImportPlan.Run(name: name, sources: [source], directories: [directory]))
            }
        }
        for index in plan.runs.indices {
            plan.runs[index].sources.sort(by: Self.precedes)
            plan.runs[index].directories.sort { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
        }
        plan.distinguishNames()
        plan.claimSources()
        return plan
    }

    package func reader(
        of source: ImportSource, _ place: ImportPlace, _ sinks: @escaping SinkFinder
    ) throws(VarveError) -> any StreamReader {
        EventFileReader(file: source.file.relativePath, into: try sinks(nil))
    }

    /// Event files go by directory (a run's own, then its contexts), then by the time stamp in their names, then by name.
    private static func precedes(_ a: ImportSource, _ b: ImportSource) -> Bool {
        if a.file.directory != b.file.directory { return SourceTree.precedes(a.file.directory, b.file.directory) }
        let (x, y) = (timeStamp(a.file.name), timeStamp(b.file.name))
        if x != y { return x < y }
        return SourceTree.precedes(a.file.name, b.file.name)
    }

    /// `1589601848` of `events.out.tfevents.1589601848.host.v2`; 0 if there is none.
    private static func timeStamp(_ name: String) -> UInt64 {
        let parts = name.split(separator: ".")
        guard let at = parts.firstIndex(where: { $0.lowercased() == "tfevents" }) else { return 0 }
        return at + 1 < parts.count ? UInt64(parts[at + 1]) ?? 0 : 0
    }
}
