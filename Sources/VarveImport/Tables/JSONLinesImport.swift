import Varve

/// Reads a JSON Lines file: an object a line with what was logged at one step; nested objects become dotted names.
///
/// `null` is nothing logged; booleans are 0 and 1; texts and arrays are counted by their key. A line that is no object is
/// reported and passed over; a last line that is cut off is left for the next import.
package struct JSONLinesImport: StreamReader {
    private let file: String
    private let options: TableOptions
    private let sink: SinkFinder
    private let fallback: any RunSink
    /// The offset behind the last line taken.
    package private(set) var end = 0
    /// That line has no line end: if the file grows, it may turn out to be the beginning of a longer one.
    package private(set) var endIsOpen = false

    private var keys: JSONKeys?
    private var choice = StepChoice([:], rows: 0)
    private var lineNumber = 0
    private var isPoints = false
    private var lastStep: Int64 = 0
    private var hasStep = false
    private var rows: Int64 = 0

    package init(file: String, options: TableOptions = TableOptions(), sinks: @escaping SinkFinder) throws(VarveError) {
        self.file = file
        self.options = options
        sink = sinks
        fallback = try sinks(nil)
    }

    /// Reads all lines of `source` from ``end`` on; `progress` is told the offset after each.
    package mutating func read(_ source: any ByteSource, progress: (Int) -> Void = { _ in }) throws(VarveError) {
        let found = if let keys { keys } else { try JSONKeys(of: source, options) }
        if found.objects > 0 { keys = found }
        (choice, isPoints) = (found.choice, found.isPoints)
        var lines = LineReader(source, at: end, lines: lineNumber)
        while true {
            switch try lines.next() {
            case .end: return
            case .tooLong(let offset, let bytes):
                let message = "a line of \(bytes) bytes, above the limit of \(LineReader.maxBytes), skipped"
                fallback.problem(ImportProblem(file: file, offset: offset, line: lines.number, message: message))
            case .line(let offset, let isWhole):
                if !isWhole, options.leavesOpenEnd { return }
                guard try take(lines, offset, isWhole) else { return }
                end = lines.offset
                lineNumber = lines.number
                endIsOpen = !isWhole
                progress(end)
            }
        }
    }

    /// Takes a line; false if it is the beginning of one.
    private mutating func take(
        _ lines: borrowing LineReader, _ offset: Int, _ isWhole: Bool
    ) throws(VarveError) -> Bool {
        let (file, line, fallback) = (file, lines.number, fallback)
        func trouble(_ message: String, at place: Int = 0) {
            fallback.problem(ImportProblem(file: file, offset: offset + place, line: line, message: message))
        }
        if CellValue.trimmed(lines.span).byteCount == 0 {
            fallback.skipped("blank lines")
            return true
        }
        var value: JSONValue?
        do throws(FormatError) {
            value = try JSONValue(parsing: lines.span)
        } catch {
            if !isWhole, error.kind == .truncated {
                trouble("the file ends inside a line, which is left for the next import,")
                return false
            }
            let what = "a line that is no JSON (expected \(error.expected), found \(error.found)), skipped"
            trouble(what, at: error.offset)
        }
        guard let value else { return true }
        guard let object = value.objectValue else {
            trouble("a line that is no JSON object, skipped")
            return true
        }
        if isPoints {
            if let message = try point(object, offset, lines.lineEnd) { trouble(message) }
        } else {
            try row(object, offset, lines.lineEnd, trouble: { trouble($0) })
        }
        return true
    }

    private mutating func row(
        _ object: JSONObject, _ start: Int, _ end: Int, trouble: (String) -> Void
    ) throws(VarveError) {
        var values = JSONKeys.flattened(object)
        if let key = choice.step, !hasStep {
            hasStep = values.contains { $0.name == key }
            // A line before the first step that holds texts says what the training was told (MMCV writes its environment).
            if !hasStep, values.contains(where: { Self.isText($0.value) }) {
                for (key, value) in values where key != choice.time { fallback.param(key, PropertyValue(value)) }
                values.removeAll { Self.isText($0.value) || $0.value.arrayValue != nil }
            }
        }
        var name: String?
        var time = WallTime.none
        if choice.step == nil { lastStep = rows }
        rows += 1
        for (key, value) in values where value != .null {
            if key == choice.step {
                if let step = JSONKeys.step(value) {
                    lastStep = step
                } else {
                    trouble("\(value) is no step: the one before it counts,")
                }
            } else if key == choice.time {
                if let found = JSONKeys.time(value) { time = found } else { trouble("\(value) is no time") }
            } else if key == options.run {
                name = value.stringValue ?? value.text
            }
        }
        let sink = try sink(name)
        try sink.record(from: start, to: end)
        if let subset = choice.subset {
            sink.row(of: object[subset]?.stringValue.flatMap { ContextRule.subset($0) })
        }
        for (key, value) in values where key != choice.step && key != choice.time && key != options.run {
            if key == choice.subset, let text = value.stringValue, ContextRule.subset(text) != nil { continue }
            try sink.value(value, under: key, step: lastStep, time: time)
        }
    }

    private static func isText(_ value: JSONValue) -> Bool { value.stringValue != nil && !JSONKeys.isNumber(value) }

    /// Takes a line of a file that Varve exported; returns what is wrong with it.
    private func point(_ object: JSONObject, _ start: Int, _ end: Int) throws(VarveError) -> String? {
        guard let run = object["run"]?.stringValue else { return "a line without a run, skipped" }
        let sink = try sink(run)
        try sink.record(from: start, to: end)
        if let line = RunLine(object) {
            for (key, value) in line.properties {
                if key == "status" {
                    sink.ended(value == "failed" ? .failed : .finished)
                } else {
                    sink.property(key, value)
                }
            }
            return nil
        }
        guard let metric = object["metric"]?.stringValue, let context = object["context"]?.objectValue else {
            return "a line without metric or context, skipped"
        }
        var pairs: [String: String] = [:]
        for member in context.members {
            guard let text = member.value.stringValue else { return "a context whose values are no texts, skipped" }
            pairs[member.key] = text
        }
        var time = WallTime.none
        if let text = object["time"], text != .null {
            guard let found = JSONKeys.time(text) else { return "\(text) is no time: skipped a point" }
            time = found
        }
        let step = object["step"]?.intValue
        if RecordLine.isRecord(object) {
            let content: Record.Content
            do throws(VarveError) { content = try RecordLine.content(object) } catch {
                return "\(error): skipped a record"
            }
            try sink.record(content, of: MetricKey(metric, context: pairs), step: step, time: time)
            return nil
        }
        guard let step else { return "a line without a step, skipped" }
        let value: Double
        if let number = object["value"]?.doubleValue {
            value = number
        } else if let text = object["value"]?.stringValue, case .number(let number, _) = CellValue(text) {
            value = number
        } else {
            return "a line without a value, skipped"
        }
        try sink.point(of: MetricKey(metric, context: pairs), step: step, time: time, value: value)
        return nil
    }
}
