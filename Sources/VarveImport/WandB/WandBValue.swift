import Varve

/// The values of W&B's items: a name, or a path of names, with a JSON text or a typed value, of which dictionaries may come
/// whole or entry by entry.
enum WandBValue {
    /// Where W&B keeps things of its own.
    static let internalName = "_wandb"
    private static let typeName = "_type"

    typealias Entry = (path: [String], value: JSONValue)

    /// All values that are no dictionaries (but for empty ones), each under its path.
    static func collect(_ items: [WandBItem], _ complain: (String) -> Void) -> [Entry] {
        var entries: [Entry] = []
        for item in items {
            let path = item.names
            guard !path.isEmpty, let value = item.content(complain) else { continue }
            flatten(value, path, into: &entries)
        }
        return entries
    }

    /// Adds what a value holds.
    static func flatten(_ value: JSONValue, _ path: [String], into entries: inout [Entry]) {
        guard case .object(let object) = value, !object.isEmpty else {
            entries.append((path, value))
            return
        }
        for member in object.members { flatten(member.value, path + [member.key], into: &entries) }
    }

    /// The paths of dictionaries that are media, each with its kind in the plural.
    static func media(among entries: [Entry]) -> [[String]: String] {
        var media: [[String]: String] = [:]
        for (path, value) in entries where path.count > 1 && path.last == typeName {
            guard let type = value.stringValue else { continue }
            media[Array(path.dropLast())] = kind(of: type)
        }
        return media
    }

    /// Whether a value belongs to one of these dictionaries.
    static func isPart(_ path: [String], of media: [[String]: String]) -> Bool {
        guard !media.isEmpty, path.count > 1 else { return false }
        return (1..<path.count).contains { media[Array(path.prefix($0))] != nil }
    }

    static let histograms = "histograms"

    /// The histogram under a path: `values` are counts, and edges are listed as `bins` or told by `packedBins`; nil if it is none.
    static func histogram(at path: [String], among entries: [Entry]) -> Histogram? {
        var parts: [[String]: JSONValue] = [:]
        for (inner, value) in entries where inner.count > path.count && inner.starts(with: path) {
            parts[Array(inner.dropFirst(path.count))] = value
        }
        guard let counts = parts[["values"]]?.numbers else { return nil }
        var edges = parts[["bins"]]?.numbers ?? []
        if edges.isEmpty, let first = parts[["packedBins", "min"]]?.doubleValue,
            let width = parts[["packedBins", "size"]]?.doubleValue
        {
            edges = (0...counts.count).map { first + Double($0) * width }
        }
        return try? Histogram(edges: edges, counts: counts)
    }

    /// The files that a medium names: one under `path`, or several under `filenames`.
    static func files(at path: [String], among entries: [Entry]) -> [String] {
        var files: [String] = []
        for (inner, value) in entries where inner.count == path.count + 1 && inner.starts(with: path) {
            switch inner.last {
            case "path": if let file = value.stringValue { files.append(file) }
            case "filenames": files += (value.arrayValue ?? []).compactMap(\.stringValue)
            default: break
            }
        }
        return files
    }

    private static func kind(of type: String) -> String {
        switch type {
        case "histogram": histograms
        case "image-file", "images/separated", "images": "images"
        case "audio-file", "audio": "audio clips"
        case "video-file", "videos": "videos"
        case "table-file", "table", "partitioned-table", "joined-table": "tables"
        case "html-file", "html": "HTML pages"
        case "plotly-file", "plotly": "figures"
        case "graph-file": "graphs"
        case "object3D-file", "object3D": "3D objects"
        case "molecule-file", "molecule": "molecules"
        case "artifact", "artifactVersion": "references to artifacts"
        default: "media of the type \(type)"
        }
    }
}

extension JSONValue {
    /// The numbers of a list of numbers.
    var numbers: [Double]? {
        guard let list = arrayValue else { return nil }
        let numbers = list.compactMap(\.doubleValue)
        return numbers.count == list.count ? numbers : nil
    }
}

extension WandBItem {
    /// The path of names; of one alone, it as it stands.
    var names: [String] { !path.isEmpty ? path : key.isEmpty ? [] : [key] }

    /// The value; nil if it can't be read.
    func content(_ complain: (String) -> Void) -> JSONValue? {
        switch value {
        case nil: return .null
        case .nothing: return .null
        case .flag(let flag): return .bool(flag)
        case .integer(let number): return .int(number)
        case .number(let number): return .double(number)
        case .text(let text): return .string(text)
        case .json(let text), .document(let text):
            do throws(FormatError) { return try JSONValue(parsing: text) } catch {
                let name = names.joined(separator: ".")
                let what = "expected \(error.expected), found \(error.found)"
                complain("a value of \(name) that is no JSON (\(what)), skipped")
                return nil
            }
        }
    }
}
