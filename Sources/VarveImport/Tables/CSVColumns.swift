import Varve

/// What the columns of a CSV file mean, told from its first rows.
struct CSVColumns {
    let separator: UInt8
    /// The columns' names, no two the same; white space around them is dropped.
    private(set) var names: [String] = []
    /// Columns whose name another one has already.
    private(set) var doubled: [(first: String, readAs: String)] = []
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
        var columns: [StepChoice.Column] = []
        var numbers: [Int] = []
        while rows < StepChoice.sample {
            let item = try reader.next()
            if item == .end { break }
            guard case .row(_, let line, let isWhole) = item else { continue }
            if names.isEmpty {
                readHeader(reader)
                self.line = line
                if names == PointColumns.names, options.agreesWithPoints {
                    isPoints = true
                    return
                }
                columns = names.map { _ in StepChoice.Column() }
                numbers = names.map { _ in 0 }
                continue
            }
            rows += 1
            if isWhole, reader.count != names.count { oddRows += 1 }
            for index in 0..<min(names.count, reader.count) {
                let cell = CellValue.trimmed(reader.cell(index))
                if cell.byteCount == 0 { continue }
                let value = CellValue(cell)
                if case .number = value { numbers[index] += 1 }
                let isTime = ForeignTime.nanoseconds(cell) != nil
                columns[index].add(isWholeNumber: value.step != nil, isTime: isTime)
            }
        }
        for (index, column) in columns.enumerated() where column.filled > 0 && numbers[index] == column.filled {
            numeric.insert(names[index])
        }
        choice = StepChoice(Dictionary(uniqueKeysWithValues: zip(names, columns)), rows: rows)
        choice.override(step: options.step, time: options.time)
    }

    /// A comma, unless the first line has none but semicolons or tabs.
    private static func separator(of source: any ByteSource) throws(VarveError) -> UInt8 {
        let comma = UInt8(ascii: ",")
        var lines = LineReader(source)
        guard case .line = try lines.next() else { return comma }
        return lines.span.withUnsafeBytes { bytes in
            if bytes.contains(comma) { return comma }
            return bytes.first { $0 == UInt8(ascii: ";") || $0 == UInt8(ascii: "\t") } ?? comma
        }
    }

    private mutating func readHeader(_ reader: borrowing CSVReader) {
        var seen: Set<String> = []
        for index in 0..<reader.count {
            let cell = CellValue.trimmed(reader.cell(index))
            var name = cell.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            if name.isEmpty { name = "column \(index + 1)" }
            if seen.contains(name) {
                let first = name
                var number = 2
                while seen.contains("\(first) #\(number)") { number += 1 }
                name = "\(first) #\(number)"
                doubled.append((first, name))
            }
            seen.insert(name)
            names.append(name)
        }
    }
}
