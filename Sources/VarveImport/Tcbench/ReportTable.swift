import Varve
import VarveFiles

/// Confusion matrices and class reports as pandas writes them of scikit-learn's results: a table whose first column holds the
/// classes.
enum ReportTable {
    private static let maxBytes = 64 << 20

    /// The rows of a CSV file, the header among them.
    static func rows(_ path: String, _ fileSystem: any FileSystem) throws(VarveError) -> [[String]] {
        let bytes: [UInt8]
        do throws(FileError) { bytes = try fileSystem.readAll(path, cap: maxBytes, .readLinked) } catch {
            throw VarveError(error)
        }
        return rows(bytes)
    }

    /// RFC 4180: quotes around cells that hold separators, quotes or line ends; quotes in them doubled.
    static func rows(_ bytes: [UInt8]) -> [[String]] {
        var rows: [[String]] = []
        var row: [String] = []
        var cell: [UInt8] = []
        var (isQuoted, isCell) = (false, false)
        func endCell() {
            row.append(String(decoding: cell, as: UTF8.self))
            cell = []
            isCell = false
        }
        func endRow() {
            if isCell || !cell.isEmpty || !row.isEmpty { endCell() }
            if !row.isEmpty { rows.append(row) }
            row = []
        }
        var at = 0
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            if isQuoted {
                guard byte == UInt8(ascii: "\"") else {
                    cell.append(byte)
                    continue
                }
                if at < bytes.count, bytes[at] == UInt8(ascii: "\"") {
                    cell.append(byte)
                    at += 1
                } else {
                    isQuoted = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): (isQuoted, isCell) = (true, true)
            case UInt8(ascii: ","):
                endCell()
                isCell = true
            case UInt8(ascii: "\n"): endRow()
            case UInt8(ascii: "\r"): break
            default: cell.append(byte)
            }
        }
        endRow()
        return rows
    }

    /// `index,a,b` and a row for each true class, a column for each predicted one.
    static func matrix(_ rows: [[String]]) throws(VarveError) -> ConfusionMatrix {
        guard let header = rows.first, header.count > 1 else { throw misfit("a header with classes", "none") }
        let labels = Array(header.dropFirst())
        let truths = rows.dropFirst().map { $0.first ?? "" }
        guard truths == labels else { throw misfit("a row and a column for each class", "others") }
        var counts: [[Double]] = []
        for row in rows.dropFirst() { counts.append(try numbers(row.dropFirst())) }
        return try ConfusionMatrix(labels: labels, counts: counts)
    }

    /// `index,precision,recall,f1-score,support` and a row a class; the rows of means follow from these.
    static func report(_ rows: [[String]]) throws(VarveError) -> ClassReport {
        let columns = ["precision", "recall", "f1-score", "support"]
        guard let header = rows.first, Array(header.dropFirst()) == columns else {
            throw misfit("the columns \(columns.joined(separator: ", "))", rows.first?.joined(separator: ",") ?? "none")
        }
        let means = ["accuracy", "micro avg", "macro avg", "weighted avg", "samples avg"]
        var classes: [ClassReport.Row] = []
        for row in rows.dropFirst() {
            guard let label = row.first, !means.contains(label) else { continue }
            let values = try numbers(row.dropFirst())
            guard values.count == 4 else { throw misfit("4 numbers of \(label)", "\(values.count)") }
            classes.append(
                ClassReport.Row(
                    label: label, precision: values[0], recall: values[1], f1: values[2], support: values[3]))
        }
        return try ClassReport(classes: classes)
    }

    private static func numbers(_ cells: ArraySlice<String>) throws(VarveError) -> [Double] {
        var numbers: [Double] = []
        for cell in cells {
            switch CellValue(cell) {
            case .number(let number, _): numbers.append(number)
            case .blank: numbers.append(.nan)
            case .text: throw misfit("numbers", "'\(cell.prefix(40))'")
            }
        }
        return numbers
    }

    private static func misfit(_ expected: String, _ found: String) -> VarveError {
        VarveError(.invalid, "a table of another form, skipped (expected \(expected), found \(found))")
    }
}
