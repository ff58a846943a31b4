import Varve
import VarveFiles

/// What ClearML leaves of a run that was offline (`Task.set_offline(True)`): a folder `offline-ID` with `task.json`,
/// `metrics.jsonl` and `log.jsonl`. The zip file of it that ClearML makes in the end is named and not read.
package struct ClearMLFormat: StoreFormat {
    package let name = "clearml"
    package let title = "offline sessions of ClearML"
    package let signs = "task.json beside metrics.jsonl or log.jsonl, in a folder offline-ID"

    static let task = "task.json"
    static let metrics = "metrics.jsonl"
    static let log = "log.jsonl"

    package init() {}

    package func plan(_ tree: SourceTree, _ place: ImportPlace) -> ImportPlan {
        var plan = ImportPlan()
        var packed: [String] = []
        let paths = Set(tree.files.map(\.relativePath))
        for file in tree.files {
            if file.name.beginsWithBytes(of: "offline-"), file.name.hasSuffix(".zip") {
                plan.claims.files.insert(file.relativePath)
                // Of a session that lies beside it the zip file is a copy.
                let isCopy = paths.contains(String(file.relativePath.dropLast(4)) + "/" + Self.task)
                if !isCopy { packed.append(file.relativePath) }
            }
            guard file.name == Self.task,
                [Self.metrics, Self.log].contains(where: { paths.contains(Paths.join(file.directory, $0)) }),
                let bytes = place.beginning(of: file, 1 << 20),
                bytes.firstRange(of: Array("\"offline_folder\"".utf8)) != nil
                    || bytes.firstRange(of: Array("\"project_name\"".utf8)) != nil
            else { continue }
            plan.claims.directories.insert(file.directory)
            let name = file.directory.isEmpty ? tree.rootName : file.directory
            plan.runs.append(ImportPlan.Run(name: name, sources: [ImportSource(file: file)]))
        }
        if !packed.isEmpty {
            let which = ImportSearch.few(packed)
            plan.notes.append(
                "offline sessions of ClearML that are packed aren't read (\(which)); unzip each into a folder of its own"
            )
        }
        return plan
    }

    package func open(_ place: ImportPlace) -> any StoreReader { ClearMLReader(place) }
}

/// Reads such folders.
private final class ClearMLReader: StoreReader {
    private let place: ImportPlace
    private static let own: Set<String> = [ClearMLFormat.task, ClearMLFormat.metrics, ClearMLFormat.log]
    /// The step of what is reported once for the whole run.
    private static let noStep: Int64 = -2_147_483_648

    init(_ place: ImportPlace) { self.place = place }

    func version(of source: ImportSource) -> UInt64? {
        SourceVersion(ofFolder: Paths.parent(source.file.path), in: place.fileSystem)?.value
    }

    func read(_ source: ImportSource, into sink: any RunSink) throws(VarveError) {
        let directory = Paths.parent(source.file.path)
        let task = SmallFile.json(source.file.path, place.fileSystem) { error in
            sink.problem(ImportProblem(error, in: source.file.relativePath))
        }
        if let task { Self.facts(task, sink) }
        try events(ClearMLFormat.metrics, source, sink) { event throws(VarveError) in try self.metric(event, sink) }
        var lines = ConsoleLines()
        try events(ClearMLFormat.log, source, sink) { event throws(VarveError) in
            guard let text = event["msg"]?.stringValue else { return sink.skipped("lines without a text") }
            let time = event["timestamp"].flatMap(JSONKeys.time) ?? WallTime.none
            try lines.take(text + "\n", channel: "stdout", step: 0, time: time, sink)
        }
        try lines.finish(step: 0, sink)
        for file in try SourceTree(directory, in: place.fileSystem).files where !Self.own.contains(file.relativePath) {
            try sink.artifact(file.path, name: file.relativePath)
        }
    }

    /// Each line holds a list of events.
    private func events(
        _ name: String, _ source: ImportSource, _ sink: any RunSink, _ take: (JSONObject) throws(VarveError) -> Void
    ) throws(VarveError) {
        let path = Paths.join(Paths.parent(source.file.path), name)
        do throws(FileError) {
            guard try place.fileSystem.targetStatus(path)?.kind == .file else { return }
        } catch { throw VarveError(error) }
        let shown = Paths.join(source.file.directory, name)
        let bytes = FileSource(path, name: shown, in: place.fileSystem)
        defer { bytes.close() }
        var lines = LineReader(bytes)
        while true {
            let item = try lines.next()
            if item == .end { return }
            let value = try? JSONValue(parsing: lines.span)
            guard case .line(let offset, _) = item,
                let list = value?.arrayValue ?? value?.objectValue.map({ [.object($0)] })
            else {
                let what = "a line that is no list of events, skipped"
                sink.problem(ImportProblem(file: shown, offset: lines.offset, line: lines.number, message: what))
                continue
            }
            for event in list {
                guard let object = event.objectValue else {
                    let what = "an event that is no object, skipped"
                    sink.problem(ImportProblem(file: shown, offset: offset, line: lines.number, message: what))
                    continue
                }
                try take(object)
            }
        }
    }

    private func metric(_ event: JSONObject, _ sink: any RunSink) throws(VarveError) {
        let kind = event["type"]?.stringValue ?? "unknown"
        if kind == "plot" { return try Self.plot(event, sink) }
        guard kind == "training_stats_scalar" else { return sink.skipped("events of the kind \(kind)") }
        guard let title = event["metric"]?.stringValue, let value = event["value"]?.number,
            let step = event["iter"].flatMap(JSONKeys.step)
        else { return sink.skipped("scalars without a name, a step or a number") }
        let series = event["variant"]?.stringValue ?? title
        if step == Self.noStep {
            return sink.property("values." + (title == "Summary" ? series : "\(title).\(series)"), .double(value))
        }
        let time = event["timestamp"].flatMap(JSONKeys.time) ?? WallTime.none
        if title.beginsWithBytes(of: ":monitor:") {
            let metric = MetricKey(series, context: ["system": "host"])
            return try sink.point(of: metric, step: step, time: time, value: value)
        }
        let subset = place.options.keepNames ? nil : ContextRule.subset(series)
        sink.row(of: subset)
        let isOne = subset != nil || series.hasSameBytes(as: title)
        try sink.point(isOne ? title : "\(title)/\(series)", step: step, time: time, value: value, type: .double)
    }

    /// A figure of Plotly's, as the JSON document that it is.
    private static func plot(_ event: JSONObject, _ sink: any RunSink) throws(VarveError) {
        guard let figure = event["plot_str"]?.stringValue, let title = event["metric"]?.stringValue,
            let step = event["iter"].flatMap(JSONKeys.step)
        else { return sink.skipped("figures without a name or a step") }
        let series = event["variant"]?.stringValue ?? title
        let name = series.hasSameBytes(as: title) ? title : "\(title)/\(series)"
        let bytes = Array(figure.utf8)
        try sink.artifact(bytes.span.bytes, name: name + ".plotly.json", step: step)
    }

    private static func facts(_ task: JSONObject, _ sink: any RunSink) {
        let facts: [(String, JSONValue?)] = [
            ("name", task["name"]), ("note", task["comment"]), ("experiment", task["project_name"]),
            ("import.id", task["id"]), ("clearml.type", task["type"]), ("git.commit", task["script"]?["version_num"]),
            ("git.remote", task["script"]?["repository"]), ("clearml.entry_point", task["script"]?["entry_point"]),
        ]
        for (key, value) in facts {
            guard let text = value?.stringValue, !text.isEmpty else { continue }
            sink.property(key, .string(text))
        }
        for tag in task["tags"]?.arrayValue?.compactMap(\.stringValue) ?? [] { sink.property("tags." + tag, true) }
        for section in task["hyperparams"]?.objectValue?.members ?? [] {
            let isPlain = section.key == "Args" || section.key == "General"
            for param in section.value.objectValue?.members ?? [] {
                guard let text = param.value["value"]?.stringValue else { continue }
                // Nested names are parted by slashes.
                let name = param.key.split(separator: "/").joined(separator: ".")
                let type = param.value["type"]?.stringValue ?? ""
                let value: PropertyValue = type == "str" ? .string(text) : MLflowRun.typed(text)
                sink.param(isPlain ? name : "\(section.key).\(name)", value)
            }
        }
    }
}
