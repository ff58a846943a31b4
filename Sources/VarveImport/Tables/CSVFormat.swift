import Varve
import VarveFiles

/// Tables with a header. Where the format isn't named, a table is one that counts steps in a column, so that a data set
/// beside the logs isn't taken for a training; a log of Keras' `CSVLogger` may end in `.log` as in its documentation.
package struct CSVFormat: StreamFormat {
    package let name = "csv"
    package let title = "CSV and TSV tables"
    package let signs =
        ".csv and .tsv files with a column of steps (Lightning's metrics.csv, Ultralytics' results.csv, progress.csv, Keras' logs)"

    private static let probe = 1 << 16

    package let isTable = true

    package init() {}

    package func plan(_ tree: SourceTree, _ place: ImportPlace) -> ImportPlan {
        var files: [SourceTree.File] = []
        var left = 0
        for file in tree.files {
            let name = file.name.lowercased()
            let isTable = name.hasSuffix(".csv") || name.hasSuffix(".tsv")
            if place.isNamed {
                if isTable || tree.isFile { files.append(file) }
            } else if isTable || name.hasSuffix(".log") {
                guard let bytes = place.beginning(of: file, Self.probe) else { continue }
                let kind = Self.kind(bytes, file.name, place.options.table)
                if kind == .steps || isTable && tree.isFile && kind == .numbers {
                    if isTable || Self.beginsWithEpoch(bytes) { files.append(file) }
                } else if isTable, kind == .numbers {
                    left += 1
                }
            }
        }
        var plan = TablePlan(files, of: tree, keepNames: place.options.keepNames).plan
        if left > 0 {
            let what = left == 1 ? "1 table has" : "\(left) tables have"
            plan.notes.append("\(what) no column that counts steps; varve import csv takes such tables, too")
        }
        return plan
    }

    private enum Kind { case none, numbers, steps }

    /// What the beginning of a file looks like.
    private static func kind(_ bytes: [UInt8], _ name: String, _ options: TableOptions) -> Kind {
        // A row that is cut off by the end of the probe is no row of another length.
        let whole = bytes.count < probe ? bytes : Array(bytes[...(bytes.lastIndex(of: 0x0A) ?? bytes.count - 1)])
        guard !whole.contains(0), let columns = try? CSVColumns(of: MemorySource(whole), name: name, options) else {
            return .none
        }
        if columns.isPoints { return .steps }
        guard columns.names.contains(where: { CellValue($0).step == nil }), columns.oddRows * 2 <= columns.rows else {
            return .none
        }
        let metrics = columns.numeric.subtracting([columns.choice.step, columns.choice.time].compactMap(\.self))
        guard !metrics.isEmpty else { return .none }
        return columns.choice.step == nil ? .numbers : .steps
    }

    private static func beginsWithEpoch(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: Array("epoch".utf8)) && bytes.count > 5
            && [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")].contains(bytes[5])
    }

    package func reader(
        of source: ImportSource, _ place: ImportPlace, _ sinks: @escaping SinkFinder
    ) throws(VarveError) -> any StreamReader {
        try CSVImport(file: source.file.relativePath, options: place.options.table, sinks: sinks)
    }
}
