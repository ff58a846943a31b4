import Varve
import VarveFiles
import VarveYAML

/// Params that lie beside a run's files: Lightning's `hparams.yaml`, Ultralytics' `args.yaml`, DVC's `params.yaml`, and plain
/// `hparams.json`.
package enum ParamsFile {
    package static let names = ["hparams.yaml", "hparams.json", "args.yaml", "params.yaml"]
    private static let maxBytes = 1 << 20

    /// The params in `directory` as properties, with what could not be read.
    package static func read(
        _ directory: String, in fileSystem: any FileSystem
    ) -> (params: Properties, problems: [VarveError]) {
        var params = Properties()
        var problems: [VarveError] = []
        for name in names {
            let path = Paths.join(directory, name)
            do {
                guard try fileSystem.targetStatus(path)?.kind == .file else { continue }
                let bytes = try fileSystem.readAll(path, cap: maxBytes, .readLinked)
                if name.hasSuffix(".json") {
                    let found = PropertyValue.flatten(try JSONValue(parsing: bytes), under: "params")
                    for (key, value) in found where params[key] == nil { params[key] = value }
                } else {
                    let found = try yaml(String(decoding: bytes, as: UTF8.self), path)
                    for (key, value) in found where params[key] == nil { params[key] = value }
                }
            } catch let error as FormatError {
                problems.append(VarveError(error.located(in: path)))
            } catch let error as FileError {
                problems.append(VarveError(error))
            } catch let error as VarveError {
                problems.append(VarveError(.damaged, error.message, file: path))
            } catch {
                problems.append(VarveError(.damaged, "\(error)", file: path))
            }
        }
        return (params, problems)
    }

    /// The params that a YAML file holds: nested maps under dotted keys, lists as JSON; a file of anything else holds none.
    package static func yaml(_ text: String, _ name: String = "a file of params") throws(VarveError) -> Properties {
        let isEmpty = text.split(whereSeparator: \.isNewline).allSatisfy {
            $0.hasPrefix("#") || $0 == "---" || $0 == "..."
        }
        if isEmpty { return Properties() }
        let json = try YAMLText.json(text, name)
        guard let object = json.objectValue, !object.isEmpty else { return Properties() }
        return PropertyValue.flatten(json, under: "params")
    }
}
