import Varve
import VarveExport

/// How a row stands in a format in which it is by itself: no row needs to know another, so threads may share them.
struct RowForm: Sendable {
    private let kind: Kind
    private let columns: [Column]
    /// Somebody looks at it: a terminal obeys what a file only keeps.
    private let isInteractive: Bool

    private enum Kind {
        case tsv, csv, jsonl
    }

    /// Nil: in this format a row depends on others.
    init?(_ format: ListFormat, columns: [Column], isInteractive: Bool) {
        switch format {
        case .tsv: kind = .tsv
        case .csv: kind = .csv
        case .jsonl: kind = .jsonl
        case .table, .json, .markdown, .latex: return nil
        }
        self.columns = columns
        self.isInteractive = isInteractive
    }

    /// Appends a row and the end of its line.
    func append(_ cells: [Cell], to bytes: inout [UInt8]) {
        switch kind {
        case .tsv: appendFields(cells, separator: UInt8(ascii: "\t"), Self.isSpecialInTSV, Self.tsv, to: &bytes)
        case .csv: appendFields(cells, separator: UInt8(ascii: ","), CSVText.isSpecial, CSVText.cell, to: &bytes)
        case .jsonl: Self.appendObject(cells, columns, to: &bytes)
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    /// The names of the columns, in the format's own way; empty where rows name them.
    func appendHeader(to bytes: inout [UInt8]) {
        guard kind != .jsonl else { return }
        append(columns.map { .text($0.key) }, to: &bytes)
    }

    private func appendFields(
        _ cells: [Cell], separator: UInt8, _ isSpecial: (UInt8) -> Bool, _ escaped: (String) -> String,
        to bytes: inout [UInt8]
    ) {
        let isSpecial = isInteractive ? { isSpecial($0) || $0 < 0x20 || $0 >= 0x7F } : isSpecial
        for (index, cell) in cells.enumerated() {
            if index > 0 { bytes.append(separator) }
            let start = bytes.count
            cell.appendPlainText(to: &bytes)
            guard bytes[start...].contains(where: isSpecial) else { continue }
            bytes.removeSubrange(start...)
            let text = escaped(cell.plainText)
            bytes.append(contentsOf: (isInteractive ? HumanText.harmless(text) : text).utf8)
        }
    }

    /// An object, by the names of the columns.
    static func appendObject(_ cells: [Cell], _ columns: [Column], to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "{"))
        for (index, (column, cell)) in zip(columns, cells).enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            JSONValue.string(column.key).write(to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            cell.value.write(to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    private static func isSpecialInTSV(_ byte: UInt8) -> Bool {
        byte == 0x09 || byte == 0x0A || byte == 0x0D || byte == 0x5C
    }

    static func tsv(_ text: String) -> String {
        guard text.utf8.contains(where: isSpecialInTSV) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\t": result += "\\t"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\\": result += "\\\\"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
