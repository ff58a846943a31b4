import Varve
import VarveFiles

/// JSON Lines. Where the format isn't named, a file is one of these if its lines are objects that count steps; so is
/// Stable-Baselines3's `progress.json`.
package struct JSONLinesFormat: StreamFormat {
    package let name = "jsonl"
    package let title = "JSON Lines"
    package let signs = ".jsonl, .ndjson and progress.json files, an object with a step a line"

    private static let probe = 1 << 16

    package let isTable = true

    package init() {}

    package func plan(_ tree: SourceTree, _ place: ImportPlace) -> ImportPlan {
        var files: [SourceTree.File] = []
        var left = 0
        for file in tree.files {
            let name = file.name.lowercased()
            let isLines = name.hasSuffix(".jsonl") || name.hasSuffix(".ndjson")
            if place.isNamed {
                if isLines || tree.isFile || name == "progress.json" { files.append(file) }
            } else if isLines || name == "progress.json" {
                guard let bytes = place.beginning(of: file, Self.probe) else { continue }
                let whole =
                    bytes.count < Self.probe ? bytes : Array(bytes[...(bytes.lastIndex(of: 0x0A) ?? bytes.count - 1)])
                guard let keys = try? JSONKeys(of: MemorySource(whole), place.options.table), keys.objects > 0,
                    keys.objects > keys.others
                else { continue }
                if keys.isPoints || keys.choice.step != nil && keys.numbers > 1 || tree.isFile && keys.numbers > 0 {
                    files.append(file)
                } else if keys.numbers > 0 {
                    left += 1
                }
            }
        }
        var plan = TablePlan(files, of: tree, keepNames: place.options.keepNames).plan
        if left > 0 {
            let what = left == 1 ? "1 file of JSON Lines has" : "\(left) files of JSON Lines have"
            plan.notes.append("\(what) no key that counts steps; varve import jsonl takes such files, too")
        }
        return plan
    }

    package func reader(
        of source: ImportSource, _ place: ImportPlace, _ sinks: @escaping SinkFinder
    ) throws(VarveError) -> any StreamReader {
        try JSONLinesImport(file: source.file.relativePath, options: place.options.table, sinks: sinks)
    }
}
