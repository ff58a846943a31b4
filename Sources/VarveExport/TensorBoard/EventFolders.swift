import Varve
import VarveImport

/// The event files of some runs: a folder for each run, and one in it for each context.
final class EventFolders {
    private struct Place: Hashable {
        var run: RunID
        var context: [MetricKey.ContextPair]
    }

    private var tree: DirectoryTree
    private var names = DistinctNames()
    /// The runs whose files are open.
    private var runs: [RunID: (info: RunInfo, folder: String)] = [:]
    private var files: [Place: EventFile] = [:]

    init(_ directory: String) { tree = DirectoryTree(directory) }

    /// Takes a run in. Returns what its folder is called.
    func begin(_ run: RunInfo) -> String {
        let folder = names.take(SafeName.path(run.name), else: run.id.description)
        runs[run.id] = (run, folder)
        return folder
    }

    /// The file for what has a context; nil if the run wasn't taken in.
    func file(of run: RunID, _ context: [MetricKey.ContextPair]) throws(VarveError) -> EventFile? {
        let place = Place(run: run, context: context)
        if let known = files[place] { return known }
        guard let (info, folder) = runs[run] else { return nil }
        var name = folder
        if !context.isEmpty { name = names.take("\(folder)/\(Self.folder(of: context))", else: run.description) }
        let path = try tree.path("\(name)/events.out.tfevents.\(max(0, info.created / 1_000_000_000)).varve")
        let file = try EventFile(path, created: WallTime.seconds(info.created))
        files[place] = file
        return file
    }

    /// Writes what is buffered, and forgets the runs. One of which there is nothing is there all the same.
    func end(_ report: inout ExportReport) throws(VarveError) {
        let shown = Set(files.keys.map(\.run))
        for run in runs.keys where !shown.contains(run) { _ = try file(of: run, []) }
        for file in files.values {
            try file.flush()
            report.files += 1
            report.bytes += file.count
        }
        files = [:]
        runs = [:]
    }

    /// `val` for what our importer, and many others, take for a part of the data; else `key=value,…`.
    private static func folder(of context: [MetricKey.ContextPair]) -> String {
        if context.count == 1, context[0].key == ContextRule.key,
            ContextRule.subset(context[0].value) == context[0].value
        {
            return context[0].value
        }
        return SafeName.component(context.map { "\($0.key)=\($0.value)" }.joined(separator: ","))
    }
}
