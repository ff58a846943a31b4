import Varve
import VarveFiles

/// JSON Lines. Where the format isn't named, a file is one of these if its lines are objects that count steps, also under names
/// that don't say so: Stable-Baselines3's `progress.json`, Ray's `result.json`, Detectron2's `metrics.json`, MMEngine's
/// `scalars.json`, `log.txt` of research code.
package struct JSONLinesFormat: StreamFormat {
    package let name = "jsonl"
    package let title = "JSON Lines"
    package let signs = ".jsonl, .ndjson, .json, .txt and .log files, an object with a step a line"

    private static let probe = 1 << 16

    package let isTable = true

    package init() {}

    package func plan(_ tree: SourceTree, _ place: ImportPlace) -> ImportPlan {
        var files: [SourceTree.File] = []
        var left: [String] = []
        for file in tree.files {
            let name = file.name.lowercased()
            let isLines = name.hasSuffix(".jsonl") || name.hasSuffix(".ndjson") || name == "progress.json"
            if place.isNamed {
                if isLines || tree.isFile { files.append(file) }
            } else if isLines || Self.mayBeLines(file, name, place) {
                guard let lines = place.firstLines(of: file, Self.probe),
                    let keys = try? JSONKeys(of: MemorySource(lines), place.options.table), keys.objects > 0,
                    isLines ? keys.objects > keys.others : keys.objects > 1 && keys.others == 0
                else { continue }
                if keys.isPoints || keys.choice.step != nil && keys.numbers > 1 || tree.isFile && keys.numbers > 0 {
                    files.append(file)
                } else if isLines, keys.numbers > 0 {
                    left.append(file.relativePath)
                }
            }
        }
        var plan = TablePlan(files, of: tree, keepNames: place.options.keepNames).plan
        if !left.isEmpty {
            let what = left.count == 1 ? "1 file of JSON Lines has" : "\(left.count) files of JSON Lines have"
            let which = ImportSearch.few(left)
            plan.notes.append("\(what) no key that counts steps (\(which)); varve import jsonl takes such files, too")
        }
        return plan
    }

    /// Whether a file whose name doesn't say so begins as a line with an object would.
    private static func mayBeLines(_ file: SourceTree.File, _ name: String, _ place: ImportPlace) -> Bool {
        guard [".json", ".txt", ".log"].contains(where: name.hasSuffix) else { return false }
        guard let bytes = place.beginning(of: file, 8) else { return false }
        return UTF16Text.decoded(bytes).first { $0 < 0x80 } == UInt8(ascii: "{")
    }

    package func reader(
        of source: ImportSource, _ place: ImportPlace, _ sinks: @escaping SinkFinder
    ) throws(VarveError) -> any StreamReader {
        try JSONLinesImport(file: source.file.relativePath, options: place.options.table, sinks: sinks)
    }
}
