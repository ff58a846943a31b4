import Varve
import VarveFiles

/// Hugging Face's `trainer_state.json`: one JSON document with `log_history`, a list of objects with a `step` each.
///
/// The trainer writes one into each checkpoint's directory, and each holds all that went before: of `checkpoint-500`,
/// `checkpoint-1000` and the output directory of one training only the longest is read, as the run of the output directory.
package struct TrainerStateFormat: StoreFormat {
    package let name = "huggingface"
    package let title = "Hugging Face trainer states"
    package let signs = "trainer_state.json files with a log_history"

    private static let file = "trainer_state.json"

    package init() {}

    package func plan(_ tree: SourceTree, _ place: ImportPlace) -> ImportPlan {
        var plan = ImportPlan()
        var best: [String: (file: SourceTree.File, step: Int)] = [:]
        var order: [String] = []
        for file in tree.files where file.name == Self.file || tree.isFile && place.isNamed {
            guard let bytes = place.beginning(of: file, 1 << 16), Self.looksLikeOne(bytes) else { continue }
            plan.claims.files.insert(file.relativePath)
            let (directory, step) = Self.output(of: file.directory)
            if best[directory] == nil { order.append(directory) }
            // The output directory's own state is written at the end.
            if step >= best[directory]?.step ?? -1 { best[directory] = (file, step) }
        }
        for directory in order {
            guard let file = best[directory]?.file else { continue }
            let isRoot = directory.isEmpty
            let name = isRoot ? tree.rootName : directory
            // The source goes by the output directory, whichever checkpoint is the newest.
            let source = ImportSource(file: file, key: isRoot ? "." : directory)
            plan.runs.append(ImportPlan.Run(name: name, sources: [source], directories: [Paths.parent(file.path)]))
        }
        return plan
    }

    /// The directory that the training was told to write to, and the step in the name of a checkpoint below it; the
    /// largest number for the directory itself.
    private static func output(of directory: String) -> (directory: String, step: Int) {
        let last = Paths.lastComponent(directory)
        guard last.hasPrefix("checkpoint-"), let step = Int(last.dropFirst("checkpoint-".count)) else {
            return (directory, .max)
        }
        return (directory.contains("/") ? Paths.parent(directory) : "", step)
    }

    private static func looksLikeOne(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        return text.first { !$0.isWhitespace } == "{"
            && ["\"log_history\"", "\"global_step\"", "\"best_model_checkpoint\""].contains { text.contains($0) }
    }

    package func open(_ place: ImportPlace) -> any StoreReader { TrainerStateReader(place) }
}

/// Reads trainer states.
package final class TrainerStateReader: StoreReader {
    private let place: ImportPlace
    private static let maxBytes = 256 << 20

    package init(_ place: ImportPlace) { self.place = place }

    package func version(of source: ImportSource) -> UInt64? {
        var version = SourceVersion()
        version.add(source.file)
        return version.value
    }

    package func read(_ source: ImportSource, into sink: any RunSink) throws(VarveError) {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try place.fileSystem.readAll(source.file.path, cap: Self.maxBytes, .readLinked)
        } catch {
            return sink.problem(ImportProblem(VarveError(error), in: source.file.relativePath))
        }
        try Self.read(bytes, source.file.relativePath, into: sink)
    }

    /// Reads one document. Of each entry of `log_history` all numbers are points but `step`; what the trainer says of itself
    /// becomes properties `huggingface.…`.
    package static func read(_ bytes: [UInt8], _ file: String, into sink: any RunSink) throws(VarveError) {
        let json: JSONValue
        do throws(FormatError) { json = try JSONValue(parsing: bytes) } catch {
            let what = "a state that is no JSON (expected \(error.expected), found \(error.found)), skipped"
            return sink.problem(ImportProblem(file: file, offset: error.offset, message: what))
        }
        for member in json.objectValue?.members ?? [] where member.key != "log_history" {
            switch member.value {
            case .bool, .int, .double, .string: sink.property("huggingface." + member.key, PropertyValue(member.value))
            case .null, .array, .object: break
            }
        }
        guard let history = json["log_history"]?.arrayValue else {
            return sink.problem(ImportProblem(file: file, offset: 0, message: "a state without log_history, skipped"))
        }
        var step: Int64 = 0
        for (number, entry) in history.enumerated() {
            guard let object = entry.objectValue else {
                let what = "entry \(number + 1) of log_history is no object, skipped"
                sink.problem(ImportProblem(file: file, offset: 0, message: what))
                continue
            }
            if let stated = object["step"].flatMap(JSONKeys.step) { step = stated }
            for (key, value) in JSONKeys.flattened(object) where key != "step" {
                try sink.value(value, under: key, step: step, time: WallTime.none)
            }
        }
    }
}
