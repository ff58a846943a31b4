import Varve
import VarveExport

/// How a row stands in a format in which it is by itself: no row needs to know another, so threads may share them.
struct RowForm: Sendable {
    private let kind: Kind
    private let columns: [Column]
    /// Somebody looks at it: a terminal obeys what a file only keeps.
    private let isInteractive: Bool
    /// By byte: whether a field that has it isn't written as it is.
    private let isSpecial: [Bool]

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
        let isSeparator = kind == .csv ? CSVText.isSpecial : Self.isSpecialInTSV
        isSpecial = (UInt8.min...UInt8.max).map { isSeparator($0) || isInteractive && ($0 < 0x20 || $0 >= 0x7F) }
    }

    /// Appends a row and the end of its line.
    func append(_ cells: [Cell], to bytes: inout [UInt8]) {
        switch kind {
        case .tsv: appendFields(cells, separator: UInt8(ascii: "\t"), Self.tsv, to: &bytes)
        case .csv: appendFields(cells, separator: UInt8(ascii: ","), CSVText.cell, to: &bytes)
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
        _ cells: [Cell], separator: UInt8, _ escaped: (String) -> String, to bytes: inout [UInt8]
    ) {
        // Through a span a cell isn't copied.
        let cells = cells.span
        for index in cells.indices {
            if index > 0 { bytes.append(separator) }
            let start = bytes.count
            cells[index].appendPlainText(to: &bytes)
            guard cells[index].holdsText, hasSpecial(bytes, from: start) else { continue }
            bytes.removeSubrange(start...)
            let text = escaped(cells[index].plainText)
            bytes.append(contentsOf: (isInteractive ? HumanText.harmless(text) : text).utf8)
        }
    }

    private func hasSpecial(_ bytes: [UInt8], from start: Int) -> Bool {
        let isSpecial = isSpecial.span
        let bytes = bytes.span
        for place in start..<bytes.count where isSpecial[Int(bytes[place])] { return true }
        return false
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
