import Varve
import VarveFiles
import VarveYAML

/// A `meta.yaml` of an MLflow folder store: of a run, or of an experiment.
struct MLflowMeta {
    static let name = "meta.yaml"
    private static let maxBytes = 1 << 16

    private let fields: JSONValue

    /// Nil if the file says neither run nor experiment.
    init?(_ file: SourceTree.File, _ place: ImportPlace) throws(VarveError) {
        guard file.size <= Self.maxBytes else { return nil }
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try place.fileSystem.readAll(file.path, cap: Self.maxBytes, .readLinked)
        } catch { throw VarveError(error) }
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.contains("experiment_id") else { return nil }
        do throws(VarveError) {
            fields = try YAMLText.json(text, file.relativePath)
        } catch {
            throw VarveError(.damaged, error.message, file: file.relativePath)
        }
        guard fields["experiment_id"] != nil else { return nil }
    }

    func text(_ key: String) -> String? {
        switch fields[key] {
        case .string(let text): text.isEmpty ? nil : text
        case .int(let number): String(number)
        case .double(let number): "\(number)"
        default: nil
        }
    }

    /// The run's ID; nil: this is an experiment.
    var run: String? { text("run_id") ?? text("run_uuid") }
    var experiment: String? { text("experiment_id") }
    var isDeleted: Bool { text("lifecycle_stage") == "deleted" }

    /// A time of the run, nanoseconds since 1970.
    func time(_ key: String) -> Int64? {
        switch fields[key] {
        case .int(let number): ForeignTime.nanoseconds(String(number))
        case .double(let number): ForeignTime.nanoseconds(number)
        default: nil
        }
    }
}
