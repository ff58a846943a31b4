import Varve

/// What the columns of a CSV file mean, told from its first rows.
struct CSVColumns {
    let separator: UInt8
    /// The first header.
    private(set) var header = CSVHeader()
    /// The columns' names in it.
    var names: [String] { header.names }
    /// The header's line; 0: there is none.
    private(set) var line = 1
    /// The file is one that Varve exported.
    private(set) var isPoints = false
    /// Which columns hold the step and the time.
    private(set) var choice = StepChoice([:], rows: 0)
    /// Rows that were looked at, and of these the ones with another number of cells than the header.
    private(set) var rows = 0
    private(set) var oddRows = 0
    /// Of these the ones with one cell more.
    private var rowsLongerByOne = 0
    /// Columns in which only numbers were found, and at least one, step and time included.
    private(set) var numeric: Set<String> = []
    /// The table has no header.
    private(set) var unnamed: UnnamedColumns?
    /// The columns that hold the names of metrics and their values, of a table that has a row for each point.
    private(set) var long: (name: String, value: String)?
    /// All columns that aren't empty hold numbers only.
    private(set) var isNumeric = false
    /// How its numbers are spelt.
    private(set) var cells = CellNumbers()

    init(of source: any ByteSource, name: String, _ options: TableOptions) throws(VarveError) {
        let lowered = name.lowercased()
        let isTabs = lowered.hasSuffix(".tsv") || lowered.hasSuffix(".tab")
        if let given = options.separator {
            separator = given
        } else {
            separator = isTabs ? UInt8(ascii: "\t") : try Self.separator(of: source)
        }
        unnamed = try UnnamedColumns(source, separator: separator, file: name, options)
        if let unnamed, unnamed.names == nil { return }
        var evidence = CellNumbers.Evidence()
        try sample(source, options, hasIndex: false, &evidence)
        let comma = evidence.comma(separator)
        // What `to_string` of pandas writes: the column of its index has no name.
        let hasIndex = separator == CSVReader.blank && rows > 0 && rowsLongerByOne == rows
        guard comma != .none || hasIndex, !isPoints else { return }
        cells.comma = comma
        try sample(source, options, hasIndex: hasIndex, &evidence)
    }

    /// Looks at the first rows.
    private mutating func sample(
        _ source: any ByteSource, _ options: TableOptions, hasIndex: Bool, _ evidence: inout CellNumbers.Evidence
    ) throws(VarveError) {
        (header, line, rows, oddRows, rowsLongerByOne, numeric, long) = (CSVHeader(), 1, 0, 0, 0, [], nil)
        var reader = CSVReader(source, separator: separator)
        var columns: [String: StepChoice.Column] = [:]
        var numbers: [String: Int] = [:]
        var current = CSVHeader()
        var remark: (header: CSVHeader, line: Int)?
        // pandas writes the index of a table in front, under no name.
        var index: Int64? = -1
        while rows < StepChoice.sample {
            let item = try reader.next()
            if item == .end { break }
            guard case .row(_, let line, let isWhole) = item else { continue }
            if names.isEmpty, let given = unnamed?.names {
                if reader.beginsWithRemark { continue }
                (header, self.line) = (CSVHeader(given), 0)
                current = header
                isPoints = PointColumns.are(names) && options.agreesWithPoints
                if isPoints { return }
            } else if names.isEmpty {
                // What `numpy.savetxt` writes: the names stand in a remark.
                if reader.beginsWithRemark {
                    remark = (CSVHeader(remark: reader), line)
                    continue
                }
                if let remark, remark.header.names.count == reader.count, reader.holdsNumbersOnly {
                    (header, self.line) = (remark.header, remark.line)
                } else {
                    (header, self.line) = (CSVHeader(reader, hasIndex: hasIndex), line)
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
            if index != nil, let number = cells.step(reader.cell(0)), number > index ?? 0 {
                index = number
            } else {
                index = nil
            }
            if isWhole, reader.count != current.names.count { oddRows += 1 }
            if reader.count == current.names.count + 1 { rowsLongerByOne += 1 }
            for index in 0..<min(current.names.count, reader.count) {
                let cell = CellValue.trimmed(reader.cell(index))
                let value = cells.read(cell).value
                if case .blank = value { continue }
                evidence.add(cell)
                let name = current.names[index]
                if case .number = value { numbers[name, default: 0] += 1 }
                if CellValue.truth(cell) != nil { numbers[name, default: 0] += 1 }
                columns[name, default: StepChoice.Column()].add(
                    isWholeNumber: cells.step(cell) != nil, isTime: ForeignTime.nanoseconds(cell) != nil,
                    isSubset: ContextRule.subset(reader.text(index)) != nil)
            }
        }
        for (name, column) in columns where numbers[name] == column.filled { numeric.insert(name) }
        choice = StepChoice(columns, rows: rows)
        isNumeric = !numeric.isEmpty && columns.keys.allSatisfy { numeric.contains($0) }
        if index != nil, rows > 1, header.isFirstNameless, let first = names.first { choice.take(index: first) }
        choice.override(options)
        guard rows > 0, choice.step != nil else { return }
        let full = names.filter { columns[$0]?.filled == rows && $0 != options.run && $0 != choice.subset }
        let byName = Dictionary(full.map { ($0.lowercased(), $0) }) { first, _ in first }
        let name = Self.longNames.lazy.compactMap { byName[$0] }.first { numbers[$0] == nil }
        let value = Self.longValues.lazy.compactMap { byName[$0] }.first { numeric.contains($0) }
        if let name, let value { long = (name, value) }
    }

    private static let longNames = ["metric", "metric_name", "tag", "key", "name"]
    private static let longValues = ["value", "metric_value"]

    /// What parts the cells of the first line that is no remark: the most frequent one of comma, semicolon and tabulator; blanks where
    /// it has none of them, and the line below is of as many words, or of one more.
    private static func separator(of source: any ByteSource) throws(VarveError) -> UInt8 {
        let comma = UInt8(ascii: ",")
        var lines = LineReader(source)
        var words: Int?
        while case .line = try lines.next() {
            let (isRemark, marks, count) = lines.span.withUnsafeBytes { bytes in
                let marks = [comma, UInt8(ascii: ";"), UInt8(ascii: "\t")].map { mark in
                    (mark, bytes.count { $0 == mark })
                }
                return (
                    bytes.first == UInt8(ascii: "#"), marks, bytes.split(separator: CSVReader.blank).count
                )
            }
            if isRemark || count == 0 { continue }
            if let words { return words == count || words + 1 == count ? CSVReader.blank : comma }
            if let most = marks.max(by: { $0.1 < $1.1 }), most.1 > 0 { return most.0 }
            if count < 2 { return comma }
            words = count
        }
        return words == nil ? comma : CSVReader.blank
    }
}
