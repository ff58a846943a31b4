import Varve

/// Reads a CSV file: the first row names the columns, each further one holds what was logged at one step.
///
/// A blank cell is nothing logged. A truth value is 0 or 1. A cell of text is counted by its column. A row of another length than
/// its header is reported, and what it has is taken; a last row without its line end that is short of cells is left for the
/// next import. A header that comes again (``CSVHeader``) names the columns below it. Where a row has a column for the name of
/// a metric and one for its value, the row is one point.
package struct CSVImport: StreamReader {
    private let file: String
    private let options: TableOptions
    private let sink: SinkFinder
    private let fallback: any RunSink
    /// The offset behind the last row taken.
    package private(set) var end = 0
    /// That row has no line end: if the file grows, it may turn out to be the beginning of a longer one.
    package private(set) var endIsOpen = false

    private var columns: CSVColumns?
    private var header = CSVHeader()
    private var names: [String] { header.names }
    private var step: Int?
    private var time: Int?
    private var run: Int?
    private var subset: Int?
    /// Where the names of metrics and their values stand, of a table with a row for each point.
    private var long: (name: Int, value: Int)?
    private var isPoints = false
    private var cells = CellNumbers()
    /// The unit that the first number of each column had.
    private var units: [String?] = []
    /// The same of columns that a header above the last had.
    private var earlierUnits: [ExactText: String] = [:]
    private var nextLine = 1
    private var lastStep: Int64 = 0
    private var rows: Int64 = 0

    package init(file: String, options: TableOptions = TableOptions(), sinks: @escaping SinkFinder) throws(VarveError) {
        self.file = file
        self.options = options
        sink = sinks
        fallback = try sinks(nil)
    }

    /// Reads all rows of `source` from ``end`` on; `progress` is told the offset after each.
    package mutating func read(_ source: any ByteSource, progress: (Int) -> Void = { _ in }) throws(VarveError) {
        let columns = if let columns { columns } else { try CSVColumns(of: source, name: file, options) }
        try choose(columns)
        if let unnamed = columns.unnamed, unnamed.names == nil { return refuse(unnamed) }
        var reader = CSVReader(source, separator: columns.separator, at: end, line: nextLine)
        defer { nextLine = reader.nextLine }
        while true {
            switch try reader.next() {
            case .end: return
            case .damaged(let offset, let line, let what):
                let message = what + ", skipped a line"
                fallback.problem(ImportProblem(file: file, offset: offset, line: line, message: message))
            case .row(let offset, let line, let isWhole):
                if !isWhole, options.leavesOpenEnd { return }
                let isRemark = columns.unnamed != nil && rows == 0 && reader.beginsWithRemark
                let isHeader = line <= columns.line || isRemark
                let next = isHeader || isPoints ? nil : header.next(reader)
                if reader.count != names.count, !isHeader, next == nil {
                    if !isWhole, reader.count < names.count {
                        let message = "the file ends inside a row, which is left for the next import,"
                        fallback.problem(ImportProblem(file: file, offset: offset, line: line, message: message))
                        return
                    }
                    let message = "a row of \(reader.count) cells under a header of \(names.count)"
                    fallback.problem(ImportProblem(file: file, offset: offset, line: line, message: message))
                }
                end = reader.offset
                endIsOpen = !isWhole
                if isHeader { continue }
                if let next {
                    for (name, unit) in zip(names, units) { if let unit { earlierUnits[ExactText(name)] = unit } }
                    header = next
                    place(columns.choice)
                    continue
                }
                if isPoints {
                    try point(reader, offset, line)
                } else {
                    try row(reader, offset, line)
                }
                rows += 1
                progress(end)
            }
        }
    }

    /// Says what is missing of a table that has no header, and is left as it is.
    private func refuse(_ unnamed: UnnamedColumns) {
        let names = unnamed.count == 1 ? "loss" : "step,loss" + (unnamed.count > 2 ? ",…" : "")
        let what = unnamed.count == 1 ? "column" : "columns"
        let message = "\(unnamed.count) \(what) without a header, which --columns \(names) would name: left out"
        fallback.problem(ImportProblem(file: file, offset: 0, line: 1, message: message))
    }

    /// Tells which columns are what, once the file has some.
    private mutating func choose(_ found: CSVColumns) throws(VarveError) {
        guard columns == nil, !found.names.isEmpty else { return }
        for name in found.header.doubled {
            let message = "a second column \(name.first), read as \(name.readAs),"
            fallback.problem(ImportProblem(file: file, offset: 0, line: found.line, message: message))
        }
        columns = found
        header = found.header
        isPoints = found.isPoints
        cells = found.cells
        guard !isPoints else { return }
        for name in [options.step, options.time, options.run].compactMap(\.self) where !names.contains(name) {
            throw VarveError(
                .invalid, "there is no column \(name)", file: file,
                found: "the columns \(names.joined(separator: ", "))")
        }
        place(found.choice)
    }

    /// Finds the chosen columns under the header at hand.
    private mutating func place(_ choice: StepChoice) {
        let names = names
        units = names.map { earlierUnits[ExactText($0)] }
        let index = { (name: String?) in name.flatMap { names.firstIndex(of: $0) } }
        (step, time, run, subset) = (index(choice.step), index(choice.time), index(options.run), index(choice.subset))
        long = nil
        if let found = columns?.long, let name = index(found.name), let value = index(found.value) {
            long = (name, value)
        }
    }

    private mutating func row(_ reader: borrowing CSVReader, _ offset: Int, _ line: Int) throws(VarveError) {
        let count = min(names.count, reader.count)
        func trouble(_ message: String) {
            fallback.problem(ImportProblem(file: file, offset: offset, line: line, message: message))
        }
        var name: String?
        if let run, run < count { name = reader.text(run) }
        let sink = try sink(name)
        try sink.record(from: offset, to: reader.rowEnd)
        if columns?.choice.subset != nil {
            let word = subset.flatMap { $0 < count ? reader.trimmedText($0) : nil }
            sink.row(of: word.flatMap { ContextRule.subset($0) })
        }
        if let step, step < count {
            if let value = cells.step(reader.cell(step)) {
                lastStep = value
            } else if case .blank = cells.read(reader.cell(step)).value {
            } else {
                trouble("\"\(reader.text(step))\" is no step: the one before it counts,")
            }
        } else if columns?.choice.step == nil {
            lastStep = rows
        }
        var stamp = WallTime.none
        if let time, time < count, CellValue.trimmed(reader.cell(time)).byteCount > 0 {
            if let found = ForeignTime.nanoseconds(CellValue.trimmed(reader.cell(time))) {
                stamp = found
            } else {
                trouble("\"\(reader.text(time))\" is no time")
            }
        }
        if let long, long.name < count, long.value < count {
            return try longRow(reader, long, stamp, sink)
        }
        for index in 0..<count where index != step && index != time && index != run {
            let (cell, unit) = cells.read(reader.cell(index))
            switch cell {
            case .blank: break
            case .text:
                if StepChoice.stepNames.contains(names[index].lowercased()), let count = cells.step(reader.cell(index))
                {
                    try sink.point(
                        options.metric ?? names[index], step: lastStep, time: stamp, value: Double(count),
                        type: .integer)
                } else if let flag = CellValue.truth(reader.cell(index)) {
                    try sink.point(
                        options.metric ?? names[index], step: lastStep, time: stamp, value: flag ? 1 : 0, type: .integer
                    )
                } else if index != subset || ContextRule.subset(reader.trimmedText(index)) == nil {
                    sink.skipped("texts in the column \(names[index])")
                }
            case .number(let value, let integer):
                guard takesUnit(unit, value, index) else {
                    sink.skipped("numbers in another unit than the first of the column \(names[index])")
                    continue
                }
                if let integer, Int64(exactly: value) != integer { sink.rounded() }
                try sink.point(
                    options.metric ?? names[index], step: lastStep, time: stamp, value: value, type: .double)
            }
        }
    }

    /// Takes the one point of a row; what its other columns hold is counted.
    private mutating func longRow(
        _ reader: borrowing CSVReader, _ long: (name: Int, value: Int), _ stamp: Int64, _ sink: any RunSink
    ) throws(VarveError) {
        for index in 0..<min(names.count, reader.count)
        where ![step, time, run, subset, long.name, long.value].contains(index) {
            if case .blank = cells.read(reader.cell(index)).value { continue }
            sink.skipped("cells beside a name and its value, in the column \(names[index])")
        }
        let name = reader.trimmedText(long.name)
        let (cell, unit) = cells.read(reader.cell(long.value))
        switch cell {
        case .blank: break
        case .text: sink.skipped("texts in the column \(names[long.value])")
        case .number(let value, let integer):
            let key = ExactText(name)
            guard !name.isEmpty, unit.hasSameBytes(as: earlierUnits[key] ?? unit) || value == 0 else {
                return sink.skipped(
                    name.isEmpty ? "values without a name" : "numbers in another unit than the first of \(name)")
            }
            if value != 0 { earlierUnits[key] = unit }
            if let integer, Int64(exactly: value) != integer { sink.rounded() }
            try sink.point(name, step: lastStep, time: stamp, value: value, type: .double)
        }
    }

    /// Whether a number has the unit that the first of its column had; 0 is 0 in any.
    private mutating func takesUnit(_ unit: String, _ value: Double, _ column: Int) -> Bool {
        guard let first = units[column] else {
            if value != 0 || !unit.isEmpty { units[column] = unit }
            return true
        }
        return first.hasSameBytes(as: unit) || value == 0 || !value.isFinite
    }

    /// Takes a row of the table that Varve exports.
    private func point(_ reader: borrowing CSVReader, _ offset: Int, _ line: Int) throws(VarveError) {
        func trouble(_ message: String) {
            fallback.problem(ImportProblem(file: file, offset: offset, line: line, message: message))
        }
        guard reader.count == names.count else { return }
        guard let context = PointColumns.context(reader.text(2)) else {
            return trouble("\"\(reader.text(2))\" is no context: skipped a point")
        }
        guard let step = CellValue(reader.cell(3)).step else {
            return trouble("\"\(reader.text(3))\" is no step: skipped a point")
        }
        var time = WallTime.none
        if reader.cell(4).byteCount > 0 {
            guard let found = ForeignTime.nanoseconds(reader.cell(4)) else {
                return trouble("\"\(reader.text(4))\" is no time: skipped a point")
            }
            time = found
        }
        guard case .number(let value, _) = CellValue(reader.cell(5)) else {
            return trouble("\"\(reader.text(5))\" is no number: skipped a point")
        }
        let sink = try sink(reader.text(0))
        try sink.record(from: offset, to: reader.rowEnd)
        try sink.point(of: MetricKey(reader.text(1), context: context), step: step, time: time, value: value)
    }
}
