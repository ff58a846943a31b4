import Varve
import VarveFiles

/// What sacred's `FileStorageObserver` leaves of a run: a folder, `my_runs/1`, with `run.json`, `config.json`, `metrics.json`,
/// `info.json`, `cout.txt` and artifacts.
package struct SacredFormat: StoreFormat {
    package let name = "sacred"
    package let title = "folders of sacred"
    package let signs = "run.json, which names a heartbeat, beside config.json"

    package init() {}

    package func plan(_ tree: SourceTree, _ place: ImportPlace) -> ImportPlan {
        var plan = ImportPlan()
        let paths = Set(tree.files.map(\.relativePath))
        for file in tree.files where file.name == "run.json" {
            guard paths.contains(Paths.join(file.directory, "config.json")),
                let bytes = place.beginning(of: file, 1 << 20),
                bytes.firstRange(of: Array("\"heartbeat\"".utf8)) != nil
            else { continue }
            let isRoot = file.directory.isEmpty
            plan.claims.directories.insert(file.directory)
            let name = isRoot ? tree.rootName : file.directory
            plan.runs.append(ImportPlan.Run(name: name, sources: [ImportSource(file: file)]))
        }
        return plan
    }

    package func open(_ place: ImportPlace) -> any StoreReader { SacredReader(place) }
}

/// Reads such folders.
private final class SacredReader: StoreReader {
    private let place: ImportPlace
    private static let own: Set<String> = ["run.json", "config.json", "metrics.json", "info.json", "cout.txt"]
    private static let maxConsoleBytes = 64 << 20

    init(_ place: ImportPlace) { self.place = place }

    func version(of source: ImportSource) -> UInt64? {
        SourceVersion(ofFolder: Paths.parent(source.file.path), in: place.fileSystem)?.value
    }

    func read(_ source: ImportSource, into sink: any RunSink) throws(VarveError) {
        let directory = Paths.parent(source.file.path)
        func document(_ name: String) -> JSONObject? {
            SmallFile.json(Paths.join(directory, name), place.fileSystem) { error in
                sink.problem(ImportProblem(error, in: Paths.join(source.file.directory, name)))
            }
        }
        if let run = document("run.json") { Self.facts(run, sink) }
        for (key, value) in PropertyValue.flatten(.object(document("config.json") ?? JSONObject()), under: "params")
        where key != "params" {
            sink.property(key, value)
        }
        if let info = document("info.json"), !info.isEmpty {
            for (key, value) in PropertyValue.flatten(.object(info), under: "sacred.info") { sink.property(key, value) }
        }
        for member in document("metrics.json")?.members ?? [] { try metric(member.key, member.value, source, sink) }
        try console(Paths.join(directory, "cout.txt"), source, sink)
        for file in try SourceTree(directory, in: place.fileSystem).files where !Self.own.contains(file.relativePath) {
            try sink.artifact(file.path, name: file.relativePath)
        }
    }

    /// `{"steps": […], "timestamps": […], "values": […]}`.
    private func metric(
        _ name: String, _ json: JSONValue, _ source: ImportSource, _ sink: any RunSink
    ) throws(VarveError) {
        guard let steps = json["steps"]?.arrayValue, let values = json["values"]?.arrayValue,
            let times = json["timestamps"]?.arrayValue, steps.count == values.count, times.count == values.count
        else {
            let file = Paths.join(source.file.directory, "metrics.json")
            let what = "a metric without steps, times and values, \(name), skipped"
            return sink.problem(ImportProblem(file: file, offset: 0, message: what))
        }
        for index in values.indices {
            guard let step = JSONKeys.step(steps[index]) else {
                sink.skipped("points without a step")
                continue
            }
            // A number of numpy's is an object with the number in it.
            let value = values[index]["value"] ?? values[index]
            try sink.value(value, under: name, step: step, time: JSONKeys.time(times[index]) ?? WallTime.none)
        }
    }

    private static func facts(_ run: JSONObject, _ sink: any RunSink) {
        switch run["status"]?.stringValue {
        case "COMPLETED": sink.ended(.finished)
        case "FAILED": sink.ended(.failed)
        case "INTERRUPTED", "TIMEOUT": sink.ended(.killed)
        default: sink.ended(.running)
        }
        sink.lasted(from: run["start_time"].flatMap(JSONKeys.time), to: run["stop_time"].flatMap(JSONKeys.time))
        let facts: [(String, JSONValue?)] = [
            ("experiment", run["experiment"]?["name"]), ("host", run["host"]?["hostname"]),
            ("note", run["meta"]?["comment"]), ("sacred.command", run["command"]), ("values.result", run["result"]),
        ]
        for (key, value) in facts {
            guard let value, value != .null, value != .string("") else { continue }
            for (key, value) in PropertyValue.flatten(value["value"] ?? value, under: key) { sink.property(key, value) }
        }
        if let trace = run["fail_trace"]?.arrayValue?.compactMap(\.stringValue), !trace.isEmpty {
            sink.property("sacred.fail_trace", .string(trace.joined()))
        }
    }

    private func console(_ path: String, _ source: ImportSource, _ sink: any RunSink) throws(VarveError) {
        let text: [UInt8]
        do throws(FileError) {
            guard try place.fileSystem.targetStatus(path)?.kind == .file else { return }
            text = try place.fileSystem.readAll(path, cap: Self.maxConsoleBytes, .readLinked)
        } catch {
            return sink.problem(ImportProblem(VarveError(error), in: Paths.join(source.file.directory, "cout.txt")))
        }
        var lines = ConsoleLines()
        try lines.take(
            String(decoding: text, as: UTF8.self), channel: "stdout", step: 0, time: WallTime.none, sink)
        try lines.finish(step: 0, sink)
    }
}
