import Varve
import VarveFiles

/// What trainings print. Where the format isn't named, a file is one of these if two of its lines say where the training is and
/// what was measured there; and if nothing else was found in the whole tree, since what is printed mostly stands in a
/// better kept log, too, and would come twice.
package struct TextLogFormat: StreamFormat {
    package let name = "log"
    package let title = "printed logs"
    package let signs =
        ".log, .txt, .out and .err files with lines such as \"epoch 3/100 loss=0.5\" or \"[10] train-rmse:0.5\""

    package let isTable = true

    private static let endings = [".log", ".txt", ".out", ".err"]
    private static let names: Set<String> = ["log", "stdout", "stderr", "output"]
    /// Many print their configuration first.
    private static let probe = 1 << 18

    package init() {}

    package func plan(_ tree: SourceTree, _ place: ImportPlace) -> ImportPlan {
        var files: [SourceTree.File] = []
        var left: [String] = []
        for file in tree.files {
            let name = file.name.lowercased()
            let isCalledSo = Self.names.contains(name) || Self.endings.contains { name.hasSuffix($0) }
            if place.isNamed {
                if isCalledSo || tree.isFile { files.append(file) }
            } else if isCalledSo, let lines = place.firstLines(of: file, Self.probe),
                Self.isLog(lines, wanted: tree.isFile ? 1 : 2)
            {
                if tree.hasClaims {
                    left.append(file.relativePath)
                } else {
                    files.append(file)
                }
            }
        }
        var plan = TablePlan(files, of: tree, keepNames: place.options.keepNames).plan
        // A `train.log` alone speaks of validation, too.
        for index in plan.runs.indices where plan.runs[index].sources.count == 1 {
            plan.runs[index].sources[0].subset = nil
        }
        if !left.isEmpty {
            let what = left.count == 1 ? "1 printed log is" : "\(left.count) printed logs are"
            let which = ImportSearch.few(left)
            plan.notes.append(
                "\(what) left, since better kept ones are there (\(which)); varve import log takes such files, too")
        }
        return plan
    }

    /// Whether so many of a file's first lines are of a training.
    private static func isLog(_ bytes: [UInt8], wanted: Int) -> Bool {
        guard !bytes.contains(0) else { return false }
        var lines = LineReader(MemorySource(bytes))
        var found = 0
        var box = LogBox()
        var table = LogTable()
        while found < wanted, case .line? = try? lines.next() {
            for shown in LogText.shown(lines.span) where shown.count <= 1 << 16 {
                let (row, isOfTable) = table.take(shown)
                if row != nil { found += 1 }
                if isOfTable { continue }
                let (finished, isPart) = box.take(shown)
                // A box has many numbers, and a log has many boxes.
                if finished?.step != nil { found += wanted }
                if isPart { continue }
                var text = shown
                _ = LogText.takeTime(&text)
                if PeculiarLine.lines(text).contains(where: { LogLine($0).isMetricLine }) { found += 1 }
            }
        }
        return found >= wanted
    }

    package func reader(
        of source: ImportSource, _ place: ImportPlace, _ sinks: @escaping SinkFinder
    ) throws(VarveError) -> any StreamReader {
        try TextLogImport(file: source.file.relativePath, options: place.options.table, sinks: sinks)
    }
}
