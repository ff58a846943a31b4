import Varve
import VarveFiles

/// DVCLive's folders: a table of steps for each metric, `plots/metrics/train/loss.tsv`, with `metrics.json` and `params.yaml` beside
/// `plots`. A run is called as the folder, or as the one around it if it has the usual name `dvclive`.
package struct DVCLiveFormat: StreamFormat {
    package let name = "dvclive"
    package let title = "folders of DVCLive"
    package let signs = "plots/metrics/NAME.tsv with a column of steps"

    private static let metrics = "plots/metrics/"

    package init() {}

    package func plan(_ tree: SourceTree, _ place: ImportPlace) -> ImportPlan {
        var plan = ImportPlan()
        var places: [String: Int] = [:]
        for file in tree.files where file.name.hasSuffix(".tsv") {
            guard let found = Self.parts(of: file.relativePath),
                place.isNamed || place.beginning(of: file, 5) == Array("step\t".utf8)
                    || place.beginning(of: file, 10) == Array("timestamp\t".utf8)
            else { continue }
            let folder = found.folder
            if let known = places[folder] {
                plan.runs[known].sources.append(ImportSource(file: file))
                continue
            }
            places[folder] = plan.runs.count
            plan.claims.directories.insert(Paths.join(folder, "plots"))
            for name in ["metrics.json", "params.yaml"] { plan.claims.files.insert(Paths.join(folder, name)) }
            let outer = folder.hasSuffix("/dvclive") ? String(folder.dropLast("/dvclive".count)) : folder
            let name = outer.isEmpty || outer == "dvclive" ? tree.rootName : outer
            let directory = Paths.join(tree.rootPath, folder)
            // What belongs to the run as a whole is read with its first file.
            let source = ImportSource(file: file, key: "run")
            plan.runs.append(ImportPlan.Run(name: name, sources: [source], directories: [directory]))
        }
        plan.distinguishNames()
        plan.claimSources()
        return plan
    }

    /// `a/dvclive` and `train/loss` of `a/dvclive/plots/metrics/train/loss.tsv`.
    private static func parts(of path: String) -> (folder: String, metric: String)? {
        guard let at = "/\(path)".ranges(of: "/" + metrics).last else { return nil }
        let full = "/\(path)"
        let metric = full[at.upperBound...].dropLast(".tsv".count)
        return metric.isEmpty ? nil : (String(full[..<at.lowerBound].dropFirst()), String(metric))
    }

    package func reader(
        of source: ImportSource, _ place: ImportPlace, _ sinks: @escaping SinkFinder
    ) throws(VarveError) -> any StreamReader {
        var options = place.options.table
        let parts = Self.parts(of: source.file.relativePath)
        options.metric = parts?.metric
        if source.key != nil, let parts { try rest(parts.folder, place, try sinks(nil)) }
        return try CSVImport(file: source.file.relativePath, options: options, sinks: sinks)
    }

    /// The last values, and every other file below `plots`.
    private func rest(_ folder: String, _ place: ImportPlace, _ sink: any RunSink) throws(VarveError) {
        let directory = Paths.join(place.root, folder)
        let complain = { (error: VarveError) in
            sink.problem(ImportProblem(error, in: Paths.join(folder, "metrics.json")))
        }
        if let last = SmallFile.json(Paths.join(directory, "metrics.json"), place.fileSystem, complain) {
            for (key, value) in PropertyValue.flatten(.object(last), under: "values") { sink.property(key, value) }
        }
        for file in try SourceTree(Paths.join(directory, "plots"), in: place.fileSystem).files
        where !file.relativePath.hasPrefix("metrics/") {
            try sink.artifact(file.path, name: file.relativePath)
        }
    }
}
