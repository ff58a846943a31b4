import Varve
import VarveExport

/// Writes rows of cells in one of the formats, as they come: memory doesn't grow with their number.
final class ListWriter {
    private let output: OutputStream
    private let format: ListFormat
    private let columns: [Column]
    private var rows = 0
    private var table: TableLayout?
    private var pending: [[Cell]] = []

    /// Rows from which a table's widths are taken; later rows that need more push their line to the right.
    private static let sample = 1000

    init(_ output: OutputStream, format: ListFormat?, columns: [Column]) throws {
        self.output = output
        self.format = format ?? .standard(for: output.terminal)
        self.columns = columns
        try begin()
    }

    /// Whether people will look at it.
    var isTable: Bool { format == .table }

    /// One row, a cell for each column.
    func row(_ cells: [Cell]) throws {
        rows += 1
        switch format {
        case .table:
            if let table { return try output.line(table.line(cells)) }
            pending.append(cells)
            if pending.count == Self.sample { try layOut() }
        case .tsv: try fields(cells, separator: UInt8(ascii: "\t"), Self.isSpecialInTSV, Self.tsv)
        case .csv: try fields(cells, separator: UInt8(ascii: ","), CSVText.isSpecial, CSVText.cell)
        case .json:
            try output.write(rows == 1 ? "[\n " : ",\n ")
            try object(cells)
        case .jsonl:
            try object(cells)
            try output.write("\n")
        case .markdown:
            let fields = zip(columns, cells).filter { !$0.0.isForMachines }.map { Self.markdown($0.1.shown) }
            try output.line("| " + fields.joined(separator: " | ") + " |")
        case .latex:
            let fields = zip(columns, cells).filter { !$0.0.isForMachines }.map { Self.latex($0.1.shown) }
            try output.line(fields.joined(separator: " & ") + " \\\\")
        }
    }

    /// Must be called after the last row.
    func end() throws {
        if format == .table, table == nil, rows > 0 { try layOut() }
        if format == .json { try output.line(rows == 0 ? "[]" : "\n]") }
        if format == .latex { try output.line("\\bottomrule\n\\end{tabular}") }
        try output.flush()
    }

    /// Columns that the terminal had no room for.
    var hiddenColumns: Int { table?.hidden ?? 0 }

    private func begin() throws {
        switch format {
        case .tsv: try output.line(columns.map { shown(Self.tsv($0.key)) }.joined(separator: "\t"))
        case .csv: try output.line(columns.map { shown(CSVText.cell($0.key)) }.joined(separator: ","))
        case .markdown:
            let shown = columns.filter { !$0.isForMachines }
            try output.line("| " + shown.map { Self.markdown($0.title) }.joined(separator: " | ") + " |")
            try output.line("|" + shown.map { $0.isNumeric ? " ---: |" : " --- |" }.joined())
        case .latex:
            // For the package booktabs.
            let shown = columns.filter { !$0.isForMachines }
            try output.line("\\begin{tabular}{\(shown.map { $0.isNumeric ? "r" : "l" }.joined())}\n\\toprule")
            try output.line(shown.map { Self.latex($0.title) }.joined(separator: " & ") + " \\\\\n\\midrule")
        case .table, .json, .jsonl: break
        }
    }

    private func layOut() throws {
        let layout = TableLayout(columns: columns, rows: pending, terminal: output.terminal)
        table = layout
        try output.line(layout.header)
        for cells in pending { try output.line(layout.line(cells)) }
        pending = []
    }

    private func fields(
        _ cells: [Cell], separator: UInt8, _ isSpecial: (UInt8) -> Bool, _ escaped: (String) -> String
    ) throws {
        // A terminal obeys what a file only keeps.
        let isSpecial = output.terminal.isInteractive ? { isSpecial($0) || $0 < 0x20 || $0 >= 0x7F } : isSpecial
        try output.append { bytes in
            for (index, cell) in cells.enumerated() {
                if index > 0 { bytes.append(separator) }
                let start = bytes.count
                cell.appendPlainText(to: &bytes)
                guard bytes[start...].contains(where: isSpecial) else { continue }
                bytes.removeSubrange(start...)
                bytes.append(contentsOf: shown(escaped(cell.plainText)).utf8)
            }
            bytes.append(UInt8(ascii: "\n"))
        }
    }

    /// The text as it is, or what may be shown of it where somebody looks.
    private func shown(_ text: String) -> String {
        output.terminal.isInteractive ? HumanText.harmless(text) : text
    }

    private static func isSpecialInTSV(_ byte: UInt8) -> Bool {
        byte == 0x09 || byte == 0x0A || byte == 0x0D || byte == 0x5C
    }

    private func object(_ cells: [Cell]) throws {
        try output.append { bytes in
            bytes.append(UInt8(ascii: "{"))
            for (index, (column, cell)) in zip(columns, cells).enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                JSONValue.string(column.key).write(to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                cell.value.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
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

    private static func latex(_ text: String) -> String {
        var result = ""
        for character in HumanText.harmless(text) {
            switch character {
            case "&", "%", "$", "#", "_", "{", "}": result += "\\\(character)"
            case "\\": result += "\\textbackslash{}"
            case "~": result += "\\textasciitilde{}"
            case "^": result += "\\textasciicircum{}"
            case "–": result += "--"
            case "∞": result += "$\\infty$"
            default: result.append(character)
            }
        }
        return result
    }

    private static func markdown(_ text: String) -> String {
        HumanText.harmless(text).split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }
}
