import Varve

/// What the columns of a CSV file mean, told from its first rows.
struct CSVColumns {
    let separator: UInt8
    /// The first header.
    private(set) var header = CSVHeader()
    /// The columns' names in it.
    var names: [String] { header.names }
    /// The header's line.
    private(set) var line = 1
    /// The file is one that Varve exported.
    private(set) var isPoints = false
    /// Which columns hold the step and the time.
    private(set) var choice = StepChoice([:], rows: 0)
    /// Rows that were looked at, and of these the ones with another number of cells than the header.
    private(set) var rows = 0
    private(set) var oddRows = 0
    /// Columns in which only numbers were found, and at least one, step and time included.
    private(set) var numeric: Set<String> = []

    init(of source: any ByteSource, name: String, _ options: TableOptions) throws(VarveError) {
        let lowered = name.lowercased()
        let isTabs = lowered.hasSuffix(".tsv") || lowered.hasSuffix(".tab")
        if let given = options.separator {
            separator = given
        } else {
            separator = isTabs ? UInt8(ascii: "\t") : try Self.separator(of: source)
        }
        var reader = CSVReader(source, separator: separator)
        var columns: [String: StepChoice.Column] = [:]
        var numbers: [String: Int] = [:]
        var current = CSVHeader()
        var remark: (header: CSVHeader, line: Int)?
        while rows < StepChoice.sample {
            let item = try reader.next()
            if item == .end { break }
            guard case .row(_, let line, let isWhole) = item else { continue }
            if names.isEmpty {
                // What `numpy.savetxt` writes: the names stand in a remark.
                if reader.beginsWithRemark {
                    remark = (CSVHeader(remark: reader), line)
                    continue
                }
                if let remark, remark.header.names.count == reader.count, reader.holdsNumbersOnly {
                    (header, self.line) = (remark.header, remark.line)
                } else {
                    (header, self.line) = (CSVHeader(reader), line)
                }
                current = header
                if PointColumns.are(names), options.agreesWithPoints {
                    isPoints = true
                    return
                }
                if self.line == line { continue }
            } else if let next = current.next(reader) {
                current = next
                continue
            }
            rows += 1
            if isWhole, reader.count != current.names.count { oddRows += 1 }
            for index in 0..<min(current.names.count, reader.count) {
                let cell = CellValue.trimmed(reader.cell(index))
                if cell.byteCount == 0 { continue }
                let name = current.names[index]
                let value = CellValue(cell)
                if case .number = value { numbers[name, default: 0] += 1 }
                if CellValue.truth(cell) != nil { numbers[name, default: 0] += 1 }
                columns[name, default: StepChoice.Column()].add(
                    isWholeNumber: value.step != nil, isTime: ForeignTime.nanoseconds(cell) != nil,
                    isSubset: ContextRule.subset(reader.text(index)) != nil)
            }
        }
        for (name, column) in columns where numbers[name] == column.filled { numeric.insert(name) }
        choice = StepChoice(columns, rows: rows)
        choice.override(options)
    }

    /// A comma, unless the first line that is no remark has none but semicolons or tabs.
    private static func separator(of source: any ByteSource) throws(VarveError) -> UInt8 {
        let comma = UInt8(ascii: ",")
        var lines = LineReader(source)
        while case .line = try lines.next() {
            if lines.span.withUnsafeBytes({ $0.first == UInt8(ascii: "#") }) { continue }
            return lines.span.withUnsafeBytes { bytes in
                if bytes.contains(comma) { return comma }
                return bytes.first { $0 == UInt8(ascii: ";") || $0 == UInt8(ascii: "\t") } ?? comma
            }
        }
        return comma
    }
}
