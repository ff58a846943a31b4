import Varve

/// Reads one file of an MLflow folder store: a metric, a line `timestamp value step` a point.
///
/// Lines of two fields are from before MLflow had steps: their points are counted. What follows the step names a data set or
/// a model. Times are milliseconds, or seconds in old stores; their size tells.
package struct MLflowMetricLines {
    private let file: String
    private let metric: String
    private let sink: any RunSink

    package init(file: String, metric: String, into sink: any RunSink) {
        self.file = file
        self.metric = metric
        self.sink = sink
    }

    /// Reads all lines. A last line without its end is left for the next import unless it is whole: it has a step.
    package func read(_ source: any ByteSource) throws(VarveError) {
        var lines = LineReader(source)
        var row: Int64 = 0
        while true {
            switch try lines.next() {
            case .end: return
            case .tooLong(let offset, let bytes):
                problem("a line of \(bytes) bytes, above the limit of \(LineReader.maxBytes), skipped", offset, lines)
            case .line(let offset, let isWhole):
                let text = lines.span.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
                let fields = text.split(whereSeparator: { $0 == " " || $0 == "\t" })
                if fields.isEmpty { continue }
                if !isWhole {
                    problem("the file ends inside a line, which is left for the next import,", offset, lines)
                    return
                }
                defer { row += 1 }
                guard fields.count >= 2, case .number(let value, let integer) = CellValue(String(fields[1])) else {
                    problem("a line that is no point, skipped", offset, lines)
                    continue
                }
                var step = row
                if fields.count >= 3 {
                    guard let stated = CellValue(String(fields[2])).step else {
                        problem("\"\(fields[2])\" is no step: skipped a line", offset, lines)
                        continue
                    }
                    step = stated
                }
                if fields.count > 3 { sink.skipped("links of points to data sets and models") }
                if let integer, Int64(exactly: value) != integer { sink.rounded() }
                let time = ForeignTime.nanoseconds(String(fields[0]))
                if time == nil { sink.skipped("times that are no time") }
                try sink.point(
                    metric, step: step, time: time ?? WallTime.none, value: MLflowRun.value(value), type: .double)
            }
        }
    }

    private func problem(_ message: String, _ offset: Int, _ lines: borrowing LineReader) {
        sink.problem(ImportProblem(file: file, offset: offset, line: lines.number, message: message))
    }
}
