import Varve
import VarveFiles

/// MLflow's folder store, `mlruns/<experiment>/<run>/`: a directory of small files for each run, known by its `meta.yaml`.
enum MLflowFolders {
    /// Plans the runs of a tree; returns how many are left out since their stage is `deleted`.
    static func plan(_ tree: SourceTree, _ place: ImportPlace, into plan: inout ImportPlan) -> Int {
        var runs: [String: Int] = [:]
        var deleted = 0
        for file in tree.files where file.name == MLflowMeta.name {
            let meta: MLflowMeta?
            do throws(VarveError) { meta = try MLflowMeta(file, place) } catch {
                plan.problems.append(error)
                continue
            }
            guard let meta else { continue }
            guard let run = meta.run else {
                plan.claims.files.insert(file.relativePath)
                continue
            }
            plan.claims.directories.insert(file.directory)
            if meta.isDeleted {
                deleted += 1
                continue
            }
            let name = meta.text("run_name") ?? run
            runs[file.directory] = plan.runs.count
            plan.runs.append(ImportPlan.Run(name: name, sources: [ImportSource(file: file)], identity: run))
        }
        countBytes(tree, runs, &plan)
        return deleted
    }

    /// Gives each run the bytes of all files in its directory.
    private static func countBytes(_ tree: SourceTree, _ runs: [String: Int], _ plan: inout ImportPlan) {
        for index in runs.values { plan.runs[index].bytes = 0 }
        for file in tree.files {
            var directory = file.directory[...]
            while true {
                if let index = runs[String(directory)] {
                    plan.runs[index].bytes = (plan.runs[index].bytes ?? 0) + file.size
                    break
                }
                guard let slash = directory.lastIndex(of: "/") else { break }
                directory = directory[..<slash]
            }
        }
    }
}

/// Reads runs of MLflow's folder store.
final class MLflowFolderReader {
    private let place: ImportPlace
    /// Names of experiments by their directories.
    private var experiments: [String: String?] = [:]
    private static let maxValueBytes = 1 << 20

    init(_ place: ImportPlace) { self.place = place }

    private func tree(_ directory: String) throws(VarveError) -> SourceTree {
        try SourceTree(directory, in: place.fileSystem)
    }

    func version(of source: ImportSource) -> UInt64? {
        guard var version = SourceVersion(ofFolder: Paths.parent(source.file.path), in: place.fileSystem) else {
            return nil
        }
        version.add(place.options.artifacts ? 1 : 0)
        return version.value
    }

    func read(_ source: ImportSource, into sink: any RunSink) throws(VarveError) {
        let meta: MLflowMeta?
        do throws(VarveError) { meta = try MLflowMeta(source.file, place) } catch {
            return sink.problem(ImportProblem(error, in: source.file.relativePath))
        }
        guard let meta else { return }
        let directory = Paths.parent(source.file.path)
        let files: [SourceTree.File]
        do throws(VarveError) { files = try tree(directory).files } catch {
            return sink.problem(ImportProblem(error, in: source.file.relativePath))
        }
        sink.lasted(from: meta.time("start_time"), to: meta.time("end_time"))
        if let experiment = experiment(Paths.parent(directory)) { sink.property("experiment", .string(experiment)) }
        if let user = meta.text("user_id"), user != "unknown" { sink.property("mlflow.user", .string(user)) }
        if let entry = meta.text("entry_point_name") { sink.property("mlflow.entry_point", .string(entry)) }
        var hasArtifacts = false
        for file in files {
            let parts = file.relativePath.split(separator: "/", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let name = String(parts[1])
            switch parts[0] {
            case "params": try value(file, source, sink) { MLflowRun.param(name, $0, sink) }
            case "tags": try value(file, source, sink) { MLflowRun.tag(name, $0, sink) }
            case "metrics": try metric(name, file, source, sink)
            case "artifacts":
                hasArtifacts = true
                try sink.artifact(file.path, name: name)
            case "inputs": sink.skipped("data sets of runs")
            case "models", "outputs": sink.skipped("models of runs")
            case "traces": sink.skipped("traces")
            default: sink.skipped("files that aren't known")
            }
        }
        if let name = meta.text("run_name") { sink.property("name", .string(name)) }
        if !hasArtifacts, let uri = meta.text("artifact_uri"), let path = MLflowRun.localPath(ofURI: uri),
            path != Paths.join(directory, "artifacts")
        {
            try MLflowArtifacts.add(path, place, sink)
        }
        if let end = meta.text("status").flatMap(MLflowRun.end) { sink.ended(end) }
    }

    private func metric(
        _ name: String, _ file: SourceTree.File, _ source: ImportSource, _ sink: any RunSink
    ) throws(VarveError) {
        let path = Paths.join(source.file.directory, file.relativePath)
        let bytes = FileSource(file.path, name: path, in: place.fileSystem)
        defer { bytes.close() }
        do throws(VarveError) { _ = try bytes.size() } catch {
            return sink.problem(ImportProblem(error, in: path))
        }
        try MLflowMetricLines(file: path, metric: name, into: sink).read(bytes)
    }

    private func value(
        _ file: SourceTree.File, _ source: ImportSource, _ sink: any RunSink, _ take: (String) -> Void
    ) throws(VarveError) {
        do throws(FileError) {
            let bytes = try place.fileSystem.readAll(file.path, cap: Self.maxValueBytes, .readLinked)
            take(String(decoding: bytes, as: UTF8.self))
        } catch {
            let path = Paths.join(source.file.directory, file.relativePath)
            sink.problem(ImportProblem(VarveError(error), in: path))
        }
    }

    /// The name of the experiment whose directory this is.
    private func experiment(_ directory: String) -> String? {
        if let known = experiments[directory] { return known }
        let path = Paths.join(directory, MLflowMeta.name)
        let status = (try? place.fileSystem.targetStatus(path)) ?? nil
        var name: String?
        if let status {
            let file = SourceTree.File(relativePath: MLflowMeta.name, path: path, size: status.size)
            name = (try? MLflowMeta(file, place))??.text("name")
        }
        experiments[directory] = .some(name)
        return name
    }
}

/// Files below an artifact folder of MLflow.
enum MLflowArtifacts {
    /// Tells `sink` of all files below `path`, if there is such a directory.
    static func add(_ path: String, _ place: ImportPlace, _ sink: any RunSink) throws(VarveError) {
        guard let status = try? place.fileSystem.targetStatus(path), status.kind == .directory else { return }
        for file in try SourceTree(path, in: place.fileSystem).files {
            try sink.artifact(file.path, name: file.relativePath)
        }
    }
}

extension ImportProblem {
    /// An error about a file as a whole.
    init(_ error: VarveError, in file: String) {
        self.init(file: file, offset: error.offset ?? 0, message: error.message)
    }
}
