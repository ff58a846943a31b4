import Varve
import VarveFiles

/// A table in one JSON document: a list of objects that count steps, or an object of lists of one length (`history.history` of
/// Keras). Where the format isn't named, the latter must count steps, too, or be called as a history is.
package struct JSONDocumentFormat: StoreFormat {
    package let name = "json"
    package let title = "JSON documents with a table"
    package let signs = ".json files with a list of objects that have a step, or with lists side by side (history.json)"

    package let isTable = true

    private static let probe = 4_096
    /// A document must be read whole to know what it is.
    private static let mostUnnamed = 16 << 20
    private static let words = ["history", "metric", "log", "result", "loss", "train"]

    package init() {}

    package func plan(_ tree: SourceTree, _ place: ImportPlace) -> ImportPlan {
        let files = tree.files.filter { file in
            guard tree.isFile && place.isNamed || file.name.lowercased().hasSuffix(".json") else { return false }
            if place.isNamed { return true }
            guard file.size <= Self.mostUnnamed, let bytes = place.beginning(of: file, Self.probe),
                Self.mayBeTable(JSONDocument.withoutMark(UTF16Text.decoded(bytes))),
                let document = try? JSONDocument(file, place)
            else { return false }
            let isCalledSo = Self.words.contains { file.name.lowercased().contains($0) }
            return document.choice.step != nil || !document.isList && isCalledSo
        }
        return TablePlan(files, of: tree, keepNames: place.options.keepNames).plan
    }

    /// Whether a document begins with an object in a list, or with a list of numbers in an object.
    private static func mayBeTable(_ bytes: [UInt8]) -> Bool {
        var rest = bytes.drop { isSpace($0) }
        guard let first = rest.popFirst() else { return false }
        rest = rest.drop { isSpace($0) }
        if first == UInt8(ascii: "[") { return rest.first == UInt8(ascii: "{") }
        guard first == UInt8(ascii: "{"), rest.first == UInt8(ascii: "\"") else { return false }
        guard let colon = rest.firstIndex(of: UInt8(ascii: ":")) else { return false }
        rest = rest[(colon + 1)...].drop { isSpace($0) }
        return rest.first == UInt8(ascii: "[")
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    package func open(_ place: ImportPlace) -> any StoreReader { JSONDocumentReader(place) }
}

/// The rows of such a document.
struct JSONDocument {
    static let maxBytes = 256 << 20

    private(set) var rows: [JSONObject] = []
    private(set) var choice = StepChoice([:], rows: 0)
    /// It is a list of objects.
    private(set) var isList = false

    /// - Throws: what is wrong with the document; it isn't a table, among others.
    init(_ file: SourceTree.File, _ place: ImportPlace) throws(VarveError) {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try place.fileSystem.readAll(file.path, cap: Self.maxBytes, .readLinked)
        } catch { throw VarveError(error) }
        let json: JSONValue
        let text = Self.withoutMark(UTF16Text.decoded(bytes))
        do throws(FormatError) { json = try JSONValue(parsing: text) } catch { throw VarveError(error) }
        if let list = json.arrayValue {
            isList = true
            rows = list.compactMap(\.objectValue)
            guard rows.count == list.count else { throw Self.noTable(file) }
        } else if let columns = json.objectValue?.members, let first = columns.first?.value.arrayValue {
            let lists = columns.compactMap(\.value.arrayValue)
            guard lists.count == columns.count, lists.allSatisfy({ $0.count == first.count }) else {
                throw Self.noTable(file)
            }
            rows = first.indices.map { row in
                JSONObject(merging: zip(columns, lists).map { JSONObject.Member(key: $0.key, value: $1[row]) })
            }
        }
        var numbers = 0
        var columns: [String: StepChoice.Column] = [:]
        for row in rows.prefix(StepChoice.sample) {
            for (name, value) in JSONKeys.flattened(row) where value != .null {
                if JSONKeys.isNumber(value) { numbers += 1 }
                columns[name, default: StepChoice.Column()].add(value)
            }
        }
        guard numbers > 0 else { throw Self.noTable(file) }
        choice = StepChoice(columns, rows: min(rows.count, StepChoice.sample))
        choice.override(place.options.table)
    }

    /// Without the byte order mark that some editors put before UTF-8.
    static func withoutMark(_ bytes: [UInt8]) -> [UInt8] {
        bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes[3...]) : bytes
    }

    private static func noTable(_ file: SourceTree.File) -> VarveError {
        VarveError(
            .damaged, "a document that is no table, skipped", file: file.relativePath,
            expected: "a list of objects, or lists of one length", found: "something else")
    }
}

/// Reads such documents; each is written anew as a whole when it grows.
private final class JSONDocumentReader: StoreReader {
    private let place: ImportPlace

    init(_ place: ImportPlace) { self.place = place }

    func version(of source: ImportSource) -> UInt64? {
        var version = SourceVersion()
        version.add(source.file)
        return version.value
    }

    func read(_ source: ImportSource, into sink: any RunSink) throws(VarveError) {
        let document: JSONDocument
        do throws(VarveError) { document = try JSONDocument(source.file, place) } catch {
            return sink.problem(ImportProblem(error, in: source.file.relativePath))
        }
        let choice = document.choice
        var step: Int64 = 0
        for (index, row) in document.rows.enumerated() {
            let values = JSONKeys.flattened(row)
            let stated = values.first { $0.name == choice.step }.flatMap { JSONKeys.step($0.value) }
            step = choice.step == nil ? Int64(index) : stated ?? step
            let time = values.first { $0.name == choice.time }.flatMap { JSONKeys.time($0.value) } ?? WallTime.none
            if let subset = choice.subset {
                sink.row(of: row[subset]?.stringValue.flatMap { ContextRule.subset($0) })
            }
            for (key, value) in values where key != choice.step && key != choice.time {
                if key == choice.subset, let text = value.stringValue, ContextRule.subset(text) != nil { continue }
                try sink.value(value, under: key, step: step, time: time)
            }
        }
    }
}
