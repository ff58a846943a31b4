import Varve
import VarveFiles

/// Which tables make which run.
///
/// The run is the directory if the table is the only one in it, else the path without its extension. A last component, or a
/// table's name, that is a context (``ContextRule``) belongs to the run above it. A table that is imported alone is called
/// as its file; a directory with an `args.yaml` is no context. Tables of one run belong together only as its contexts: `a.csv` isn't `a/metrics.csv`.
struct TablePlan {
    private(set) var plan = ImportPlan()

    /// Plans the runs of `files`, which are all tables.
    init(_ files: [SourceTree.File], of tree: SourceTree, keepNames: Bool) {
        let inDirectory = Dictionary(grouping: files, by: \.directory).mapValues(\.count)
        // Ultralytics writes what it was told beside its table, in a directory that is called `train` by default.
        let whole = Set(tree.files.filter { $0.name == "args.yaml" }.map(\.directory))
        var places: [String: Int] = [:]
        for file in files {
            var path = file.directory.split(separator: "/").map(String.init)
            let stem = Self.stem(file.name)
            var subset: String?
            if tree.isFile {
                path = [stem]
            } else {
                subset = keepNames ? nil : ContextRule.subset(stem)
                if subset == nil, inDirectory[file.directory] != 1 { path.append(stem) }
                if !keepNames, subset == nil, !whole.contains(file.directory), let last = path.last,
                    let word = ContextRule.subset(last)
                {
                    subset = word
                    path.removeLast()
                }
            }
            let name = path.isEmpty ? tree.rootName : path.joined(separator: "/")
            let source = ImportSource(file: file, subset: subset)
            let directory = Paths.parent(file.path)
            let key = subset != nil ? name : name + "\u{0}" + file.relativePath
            if let place = places[key] {
                plan.runs[place].sources.append(source)
                if !plan.runs[place].directories.contains(directory) { plan.runs[place].directories.append(directory) }
            } else {
                places[key] = plan.runs.count
                plan.runs.append(ImportPlan.Run(name: name, sources: [source], directories: [directory]))
            }
        }
        for index in plan.runs.indices {
            plan.runs[index].directories.sort { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
        }
        plan.distinguishNames()
        plan.claimSources()
    }

    /// A name without its extension.
    static func stem(_ name: String) -> String {
        name.lastIndex(of: ".").map { $0 == name.startIndex ? name : String(name[..<$0]) } ?? name
    }
}
