import Varve

/// Reads what a training printed: lines that say where it is, and numbers with names.
///
/// Of each line the numbers with names are taken (``LogLine``); what else it holds is counted by kind. A last line without its
/// end is left for the next import where more will come.
package struct TextLogImport: StreamReader {
    private let file: String
    private let options: TableOptions
    private let sink: any RunSink
    package private(set) var end = 0
    package private(set) var endIsOpen = false

    private var steps = LogSteps()
    private var box = LogBox()
    private var table = LogTable()
    private var boxes: Int64 = 0
    private var lineNumber = 0
    /// What the line in front showed, if this one is written over it: bars are drawn anew when nothing changed.
    private var overwritten: [UInt8]?
    /// The unit that the first number of a name had.
    private var units: [ExactText: String] = [:]

    /// Lines of more bytes are no lines of a log.
    private static let maxLineBytes = 1 << 20

    package init(file: String, options: TableOptions = TableOptions(), sinks: SinkFinder) throws(VarveError) {
        self.file = file
        self.options = options
        sink = try sinks(nil)
    }

    package mutating func read(_ source: any ByteSource, progress: (Int) -> Void = { _ in }) throws(VarveError) {
        var lines = LineReader(source, at: end, lines: lineNumber)
        if box.start != nil { box.restart() }
        while true {
            switch try lines.next() {
            case .end:
                if let start = box.start, !options.leavesOpenEnd {
                    let message = "the file ends inside a box, which is left for the next import,"
                    sink.problem(ImportProblem(file: file, offset: start, line: lines.number, message: message))
                }
                return
            case .tooLong(let offset, let bytes):
                let message = "a line of \(bytes) bytes, above the limit of \(LineReader.maxBytes), skipped"
                sink.problem(ImportProblem(file: file, offset: offset, line: lines.number, message: message))
            case .line(let offset, let isWhole):
                if !isWhole, options.leavesOpenEnd { return }
                try sink.record(from: offset, to: lines.lineEnd)
                if lines.span.byteCount > Self.maxLineBytes {
                    sink.skipped("lines of more than a mebibyte")
                } else {
                    let shown = LogText.shown(lines.span)
                    for text in shown where text != overwritten { try take(text, offset) }
                    overwritten = lines.endsInReturn ? shown.last ?? overwritten : nil
                }
                progress(lines.offset)
                // A box is taken as a whole: the next import begins with its first line.
                if box.start != nil { continue }
                end = lines.offset
                lineNumber = lines.number
                endIsOpen = !isWhole
            }
        }
    }

    private mutating func take(_ shown: [UInt8], _ offset: Int) throws(VarveError) {
        let (row, isOfTable) = table.take(shown)
        if let row { try take(row) }
        if isOfTable { return }
        let (finished, isPart) = box.take(shown, at: offset)
        if let finished { try take(finished) }
        if isPart { return }
        var text = shown
        let time = LogText.takeTime(&text)
        for line in PeculiarLine.lines(text) { try take(LogLine(line), time) }
    }

    private mutating func take(_ line: LogLine, _ time: Int64) throws(VarveError) {
        let others = line.hasCounter ? steps.take(line) : []
        guard let step = steps.last, line.isMetricLine || line.goesOn else {
            return sink.skipped("lines without metrics")
        }
        let subset = options.keepNames ? nil : line.subset
        if !others.isEmpty {
            sink.row(of: nil)
            for counter in others where !line.pairs.contains(where: { $0.name.hasSameBytes(as: counter.word) }) {
                try sink.point(counter.word, step: step, time: time, value: Double(counter.value), type: .integer)
            }
        }
        for pair in line.pairs { try take(pair, of: line, subset, step, time) }
        for _ in 0..<line.otherNumbers { sink.skipped("numbers without a name in lines of metrics") }
        for _ in 0..<line.clocks { sink.skipped("dates and durations in lines of metrics") }
    }

    /// Takes a box, or a table's row; boxes that don't say their step are counted.
    private mutating func take(_ content: LogBox.Content) throws(VarveError) {
        let step = content.step ?? boxes
        boxes += 1
        sink.row(of: nil)
        for row in content.rows {
            try sink.point(options.metric ?? row.name, step: step, time: WallTime.none, value: row.value, type: .double)
        }
        for _ in 0..<content.otherRows { sink.skipped("texts in boxes") }
    }

    private mutating func take(
        _ pair: LogLine.Pair, of line: LogLine, _ subset: String?, _ step: Int64, _ time: Int64
    ) throws(VarveError) {
        // 0 is 0 in any unit.
        let isAnyUnit = pair.value == 0 || !pair.value.isFinite
        let unit = units[ExactText(pair.name)] ?? pair.unit
        if !isAnyUnit || !pair.unit.isEmpty { units[ExactText(pair.name)] = unit }
        guard isAnyUnit || unit.hasSameBytes(as: pair.unit) else {
            return sink.skipped(
                "numbers in another unit than the first (\(pair.name): \(unit.isEmpty ? "none" : unit))")
        }
        let name = options.metric ?? pair.name
        if !options.keepNames, let (data, metric) = Self.parts(of: name, isBoosting: line.isBoosting) {
            guard let word = LogWords.subset(data) else {
                let key = MetricKey(metric, context: [ContextRule.key: data])
                return try sink.point(of: key, step: step, time: time, value: pair.value)
            }
            sink.row(of: nil)
            return try sink.point("\(word)/\(metric)", step: step, time: time, value: pair.value, type: .double)
        }
        sink.row(of: subset)
        try sink.point(name, step: step, time: time, value: pair.value, type: .double)
    }

    /// The part of the data that a name says, and the rest of it: `val loss`, `train-rmse`, `valid_0's l2`.
    private static func parts(of name: String, isBoosting: Bool) -> (data: String, metric: String)? {
        let mark: Character = isBoosting && !name.contains("'s ") && name.contains("-") ? "-" : " "
        guard let at = name.firstIndex(of: mark) else { return nil }
        var data = String(name[..<at])
        let metric = name[name.index(after: at)...]
        let isPossessive = data.utf8.reversed().starts(with: "s'".utf8)
        if isPossessive { data.removeLast(2) }
        guard !data.isEmpty, !metric.isEmpty,
            isBoosting && (mark == "-" || isPossessive) || LogWords.subset(data) != nil
        else { return nil }
        return (data, String(metric))
    }
}
