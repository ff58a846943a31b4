import Varve
import VarveFiles

/// Params that lie beside a run's files: Lightning's `hparams.yaml` and plain `hparams.json`.
package enum ParamsFile {
    package static let names = ["hparams.yaml", "hparams.json"]
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
                    for (key, value) in yaml(String(decoding: bytes, as: UTF8.self)) { params["params." + key] = value }
                }
            } catch let error as FormatError {
                problems.append(VarveError(error.located(in: path)))
            } catch let error as FileError {
                problems.append(VarveError(error))
            } catch {
                problems.append(VarveError(.damaged, "\(error)", file: path))
            }
        }
        return (params, problems)
    }

    /// Reads the little of YAML that a file of params needs: `key: scalar` at the beginning of a line, with the types of
    /// YAML 1.2's core schema. Whatever is more than one line (lists, nested maps, tagged values) is kept as its text.
    package static func yaml(_ text: String) -> [(key: String, value: PropertyValue)] {
        var params: [(key: String, value: PropertyValue)] = []
        var block: [Substring] = []
        func closeBlock() {
            guard !block.isEmpty, let last = params.popLast() else { return }
            var lines = block
            if case .string(let first) = last.value, !first.isEmpty { lines.insert(first[...], at: 0) }
            params.append((last.key, .string(lines.joined(separator: "\n"))))
            block = []
        }
        for line in text.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("#") || line == "---" || line == "..." || line == "{}" { continue }
            guard let first = line.first, first != " ", first != "-", first != "\t",
                let colon = line.range(of: ": ") ?? line.trailingColon
            else {
                if !params.isEmpty { block.append(line) }
                continue
            }
            closeBlock()
            let key = unquoted(line[..<colon.lowerBound])
            params.append((key, scalar(line[colon.upperBound...])))
        }
        closeBlock()
        return params
    }

    private static func unquoted(_ text: Substring) -> String {
        let trimmed = text.trimmed
        guard trimmed.count >= 2, let first = trimmed.first, first == trimmed.last, first == "'" || first == "\"" else {
            return String(trimmed)
        }
        let inner = trimmed.dropFirst().dropLast()
        if first == "'" { return String(inner).replacing("''", with: "'") }
        return (try? JSONValue(parsing: String(trimmed)))?.stringValue ?? String(inner)
    }

    private static func scalar(_ text: Substring) -> PropertyValue {
        let trimmed = text.trimmed
        if trimmed.first == "'" || trimmed.first == "\"" { return .string(unquoted(trimmed)) }
        switch trimmed {
        case "null", "Null", "NULL", "~", "": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        case ".inf", ".Inf", "+.inf": return .double(.infinity)
        case "-.inf", "-.Inf": return .double(-.infinity)
        case ".nan", ".NaN": return .double(.nan)
        default: break
        }
        guard let number = DecimalNumber(Array(trimmed.utf8).span.bytes) else { return .string(String(trimmed)) }
        return number.exactInteger.map { .int($0) } ?? .double(number.value)
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = self
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }

    fileprivate func range(of separator: String) -> Range<Index>? { ranges(of: separator).first }

    /// The colon of a line that ends in one.
    fileprivate var trailingColon: Range<Index>? {
        last == ":" ? index(before: endIndex)..<endIndex : nil
    }
}
