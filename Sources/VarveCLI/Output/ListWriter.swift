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
    /// Where a row is by itself.
    private let form: RowForm?

    /// Rows from which a table's widths are taken; later rows that need more push their line to the right.
    private static let sample = 1000
    /// Rows that a thread makes at once.
    private static let batch = 512

    init(_ output: OutputStream, format: ListFormat?, columns: [Column]) throws {
        self.output = output
        self.format = format ?? .standard(for: output.terminal)
        self.columns = columns
        form = RowForm(self.format, columns: columns, isInteractive: output.terminal.isInteractive)
        try begin()
    }

    /// Whether people will look at it.
    var isTable: Bool { format == .table }

    /// One row, a cell for each column.
    func row(_ cells: [Cell]) throws {
        rows += 1
        if let form { return try output.append { form.append(cells, to: &$0) } }
        switch format {
        case .tsv, .csv, .jsonl: break
        case .table:
            if let table { return try output.line(table.line(cells)) }
            pending.append(cells)
            if pending.count == Self.sample { try layOut() }
        case .json:
            try output.write(rows == 1 ? "[\n " : ",\n ")
            try output.append { RowForm.appendObject(cells, columns, to: &$0) }
        case .markdown:
            let fields = zip(columns, cells).filter { !$0.0.isForMachines }.map { Self.markdown($0.1.shown) }
            try output.line("| " + fields.joined(separator: " | ") + " |")
        case .latex:
            let fields = zip(columns, cells).filter { !$0.0.isForMachines }.map { Self.latex($0.1.shown) }
            try output.line(fields.joined(separator: " & ") + " \\\\")
        }
    }

    /// Many rows, in their order; where each is by itself, all cores make them.
    func rows<Item: Sendable>(_ items: [Item], _ cells: @escaping @Sendable (Item) -> [Cell]) throws {
        guard let form, items.count > Self.batch else {
            for item in items { try row(cells(item)) }
            return
        }
        rows += items.count
        typealias Lines = OrderedPipeline<ArraySlice<Item>, [UInt8]>
        let pipeline = Lines(threads: Lines.threads(nil)) {
            // Batches are about as long as one another.
            var room = 0
            return { items in
                var bytes: [UInt8] = []
                bytes.reserveCapacity(room)
                defer { room = max(room, bytes.count) }
                for item in items { form.append(cells(item), to: &bytes) }
                return bytes
            }
        }
        // The output's own errors are not the pipeline's: a reader that has gone ends the verb.
        var ready: [[UInt8]] = []
        for start in stride(from: 0, to: items.count, by: Self.batch) {
            try pipeline.submit(items[start..<min(start + Self.batch, items.count)]) { ready.append($0) }
            for bytes in ready { try output.append(bytes) }
            ready.removeAll(keepingCapacity: true)
        }
        try pipeline.finish { ready.append($0) }
        for bytes in ready { try output.append(bytes) }
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
        case .tsv, .csv, .jsonl: try output.append { form?.appendHeader(to: &$0) }
        case .markdown:
            let shown = columns.filter { !$0.isForMachines }
            try output.line("| " + shown.map { Self.markdown($0.title) }.joined(separator: " | ") + " |")
            try output.line("|" + shown.map { $0.isNumeric ? " ---: |" : " --- |" }.joined())
        case .latex:
            // For the package booktabs.
            let shown = columns.filter { !$0.isForMachines }
            try output.line("\\begin{tabular}{\(shown.map { $0.isNumeric ? "r" : "l" }.joined())}\n\\toprule")
            try output.line(shown.map { Self.latex($0.title) }.joined(separator: " & ") + " \\\\\n\\midrule")
        case .table, .json: break
        }
    }

    private func layOut() throws {
        let layout = TableLayout(columns: columns, rows: pending, terminal: output.terminal)
        table = layout
        try output.line(layout.header)
        for cells in pending { try output.line(layout.line(cells)) }
        pending = []
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
