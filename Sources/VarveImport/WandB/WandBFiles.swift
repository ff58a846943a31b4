import Varve
import VarveFiles

/// What W&B lays beside its log, in `files/`: `config.yaml`, `wandb-summary.json` and `wandb-metadata.json`. They are asked only
/// for what the log itself doesn't say: a log that was cut, or one of a version that didn't put it there.
package struct WandBFiles {
    private let directory: String
    private let fileSystem: any FileSystem

    /// - Parameter run: the directory of the log.
    package init(run: String, in fileSystem: any FileSystem) {
        directory = Paths.join(run, "files")
        self.fileSystem = fileSystem
    }

    /// What W&B itself writes into that directory.
    private static let own: Set<String> = [
        "config.yaml", "wandb-summary.json", "wandb-metadata.json", "output.log", "requirements.txt",
        "conda-environment.yaml", "wandb-events.jsonl", "wandb-history.jsonl", "media",
    ]

    /// Where a file that the log names lies; nil if it isn't there, or would lie anywhere else.
    func path(of file: String) -> String? { RunFolders.path(of: file, below: directory, fileSystem) }

    /// The files that the run saved, by their names.
    func saved() -> [(name: String, path: String)] {
        guard ((try? fileSystem.targetStatus(directory)) ?? nil)?.kind == .directory,
            let tree = try? SourceTree(directory, in: fileSystem)
        else { return [] }
        return tree.files.compactMap { file in
            let first = file.relativePath.prefix { $0 != "/" }
            // Event files are copies of what the log holds.
            if Self.own.contains(String(first)) || file.name.contains("tfevents") { return nil }
            return (file.relativePath, file.path)
        }
    }

    func fill(
        _ config: inout WandBSettings, _ summary: inout WandBSettings, knowsMachine: Bool, _ sink: any RunSink
    ) {
        let complain = { [sink] (error: VarveError) in
            sink.problem(ImportProblem(file: error.file ?? "", offset: error.offset ?? 0, message: error.message))
        }
        let path = { (name: String) in Paths.join(directory, name) }
        if config.isEmpty, let found = SmallFile.yaml(path("config.yaml"), fileSystem, complain) {
            // `lr: {desc: null, value: 0.1}`, beside `wandb_version: 1`.
            var values = JSONObject()
            for member in found.members where member.key != "wandb_version" {
                values[member.key] = member.value["value"] ?? member.value
            }
            config.set(values)
        }
        if summary.isEmpty, let found = SmallFile.json(path("wandb-summary.json"), fileSystem, complain) {
            summary.set(found)
        }
        if !knowsMachine, let found = SmallFile.json(path("wandb-metadata.json"), fileSystem, complain) {
            Self.machine(found, sink)
        }
    }

    private static func machine(_ found: JSONObject, _ sink: any RunSink) {
        let git = found["git"]
        let facts: [(String, JSONValue?)] = [
            ("host", found["host"]), ("wandb.os", found["os"]), ("wandb.python", found["python"]),
            ("wandb.program", found["program"]), ("wandb.args", found["args"]),
            ("wandb.executable", found["executable"]), ("wandb.gpu", found["gpu"]),
            ("wandb.gpu_count", found["gpu_count"]), ("git.remote", git?["remote"]), ("git.commit", git?["commit"]),
        ]
        for (key, value) in facts {
            if let value, value != .null { sink.property(key, PropertyValue(value)) }
        }
    }
}
