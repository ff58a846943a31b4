import Varve
import VarveFiles

/// Tables with a header. Where the format isn't named, a table is one that counts steps in a column, so that a data set
/// beside the logs isn't taken for a training. A file `.log` or `.txt` (Keras' `CSVLogger`, Spinning Up) is one if all its rows
/// are as long as the header, too.
package struct CSVFormat: StreamFormat {
    package let name = "csv"
    package let title = "CSV and TSV tables"
    package let signs =
        ".csv, .tsv, .log and .txt files with a column of steps (Lightning's metrics.csv, Ultralytics' results.csv, progress.csv, Keras' logs)"

    private static let probe = 1 << 16

    package let isTable = true

    package init() {}

    package func plan(_ tree: SourceTree, _ place: ImportPlace) -> ImportPlan {
        var files: [SourceTree.File] = []
        var left: [String] = []
        var unnamed: [String] = []
        for file in tree.files {
            let name = file.name.lowercased()
            let isTable = name.hasSuffix(".csv") || name.hasSuffix(".tsv")
            if place.isNamed {
                if isTable || tree.isFile { files.append(file) }
            } else if isTable || name.hasSuffix(".log") || name.hasSuffix(".txt") {
                // A row that is cut off by the end of the probe is no row of another length.
                guard let rows = place.firstLines(of: file, Self.probe) else { continue }
                let kind = Self.kind(rows, file.name, place.options.table, isStrict: !isTable)
                if kind == .steps || isTable && tree.isFile && kind == .numbers {
                    files.append(file)
                } else if isTable, kind == .numbers {
                    left.append(file.relativePath)
                } else if kind == .unnamed {
                    unnamed.append(file.relativePath)
                }
            }
        }
        var plan = TablePlan(files, of: tree, keepNames: place.options.keepNames).plan
        if !left.isEmpty {
            let what = left.count == 1 ? "1 table has" : "\(left.count) tables have"
            let which = ImportSearch.few(left)
            plan.notes.append("\(what) no column that counts steps (\(which)); varve import csv takes such tables, too")
        }
        if !unnamed.isEmpty {
            let what = unnamed.count == 1 ? "1 table of numbers has" : "\(unnamed.count) tables of numbers have"
            let which = ImportSearch.few(unnamed)
            plan.notes.append(
                "\(what) no header (\(which)); varve import csv FILE --columns step,loss takes such a table, named by its columns in their order"
            )
        }
        return plan
    }

    private enum Kind { case none, numbers, unnamed, steps }

    /// What the beginning of a file looks like; strictly, if its name doesn't say that it is a table.
    private static func kind(_ rows: [UInt8], _ name: String, _ options: TableOptions, isStrict: Bool) -> Kind {
        guard !rows.contains(0), let columns = try? CSVColumns(of: MemorySource(rows), name: name, options) else {
            return .none
        }
        if columns.isPoints { return .steps }
        if let unnamed = columns.unnamed {
            if options.columns != nil { return columns.oddRows == 0 && !columns.numeric.isEmpty ? .steps : .none }
            return unnamed.isSure ? .steps : unnamed.isTable ? .unnamed : .none
        }
        if isStrict, columns.oddRows > 0 || columns.names.count < 2 { return .none }
        guard columns.names.contains(where: { CellValue($0).step == nil }), columns.oddRows * 2 <= columns.rows else {
            return .none
        }
        let metrics = columns.numeric.subtracting([columns.choice.step, columns.choice.time].compactMap(\.self))
        guard !metrics.isEmpty else { return .none }
        if columns.choice.step != nil { return .steps }
        // A row an epoch, as many a script writes.
        let isLog = columns.isNumeric && columns.rows > 1 && metrics.contains(where: UnnamedColumns.namesLoss)
        return isLog ? .steps : .numbers
    }

    package func reader(
        of source: ImportSource, _ place: ImportPlace, _ sinks: @escaping SinkFinder
    ) throws(VarveError) -> any StreamReader {
        try CSVImport(file: source.file.relativePath, options: place.options.table, sinks: sinks)
    }
}
