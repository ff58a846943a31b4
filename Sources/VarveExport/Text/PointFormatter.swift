import Varve
import VarveImport

/// Turns points into lines, some 64 KiB at a time. Not thread-safe.
///
/// JSON Lines: `{"run": …, "metric": …, "context": {…}, "step": 1, "time": "2026-11-23T10:00:00.000001Z", "value": 0.25}`.
/// CSV: the same in columns, the context as `k=v;k=v` (with a backslash before `=`, `;` and backslashes within), quoted where
/// RFC 4180 asks for it. In both: numbers in the shortest form that reads back as the same double; NaN, Infinity and
/// -Infinity (as strings in JSON, without the payload of a NaN); times in UTC with 0, 3, 6 or 9 digits of a fraction, the
/// fewest that are exact, and none (null, or nothing) where a point has none. Where superseded points are shown, `attempt` comes last.
public final class PointFormatter {
    /// TSV is what a terminal's pipes get: its cells are the caller's affair, but for the numbers.
    package enum Form: Hashable, Sendable { case csv, tsv, jsonl }

    private let form: Form
    /// What stands before the step: the same for all points of a chunk.
    private var head: [UInt8] = []
    /// What stands behind the value, likewise.
    private var tail: [UInt8] = []
    private let withAttempts: Bool
    private let buffer = TextBuffer(capacity: 2 * limit)
    private var date = TimeText.Date()
    private static let limit = 1 << 16
    private static let linesAtOnce = 128

    /// Writes `format`, which is one of lines.
    public convenience init(_ format: ExportFormat, withAttempts: Bool = false) {
        self.init(form: format == .jsonl ? .jsonl : .csv, withAttempts: withAttempts)
    }

    package init(form: Form, withAttempts: Bool = false) {
        self.form = form
        self.withAttempts = withAttempts
    }

    /// What stands before all points.
    public var header: [UInt8] {
        switch form {
        case .csv: Array((columns.joined(separator: ",") + "\n").utf8)
        case .tsv: Array((columns.joined(separator: "\t") + "\n").utf8)
        case .jsonl: []
        }
    }

    private var columns: [String] { PointColumns.names + (withAttempts ? [PointColumns.attempt] : []) }

    /// Turns to points of a series; `run` is what to call its run.
    public func begin(run: String, metric: MetricKey, attempt: Int? = nil) {
        end(attempt)
        head.removeAll(keepingCapacity: true)
        switch form {
        case .csv:
            Self.cell(run, to: &head)
            head.append(UInt8(ascii: ","))
            Self.cell(metric.name, to: &head)
            head.append(UInt8(ascii: ","))
            Self.cell(PointColumns.text(metric.context), to: &head)
            head.append(UInt8(ascii: ","))
        case .tsv: begin(head: "\(run)\t\(metric.name)\t\(PointColumns.text(metric.context))\t", attempt: attempt)
        case .jsonl:
            var context = JSONObject()
            for pair in metric.context { context[pair.key] = .string(pair.value) }
            let object: JSONValue = [
                "run": .string(run), "metric": .string(metric.name), "context": .object(context),
            ]
            object.write(to: &head)
            head.removeLast()
            head.append(contentsOf: ",\"step\":".utf8)
        }
    }

    /// Turns to a series whose first cells are the caller's.
    package func begin(head: String, attempt: Int? = nil) {
        self.head = Array(head.utf8)
        end(attempt)
    }

    private func end(_ attempt: Int?) {
        let number = attempt.map(String.init)
        let text =
            switch form {
            case .csv: withAttempts ? ",\(number ?? "")\n" : "\n"
            case .tsv: withAttempts ? "\t\(number ?? "")\n" : "\n"
            case .jsonl: withAttempts ? ",\"attempt\":\(number ?? "null")}\n" : "}\n"
            }
        tail = Array(text.utf8)
    }

    /// Takes points of the series at hand, and hands lines out as they pile up; what is left waits for more, or for ``take()``.
    public func write<Failure: Error>(
        _ chunk: SeriesChunk, to write: ([UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        var next = 0
        while next < chunk.count {
            let count = min(chunk.count - next, Self.linesAtOnce)
            append(count) { line, date, target in
                var end = target
                let (steps, times, values) = (chunk.steps, chunk.times, chunk.values)
                for i in next..<(next + count) {
                    end += line.write(step: steps[i], time: times[i], value: values[i], &date, to: end)
                }
                return end - target
            }
            next += count
            if isFull { try write(take()) }
        }
    }

    /// Takes points of the series at hand.
    func append(_ batch: PointBatch, _ range: Range<Int>) {
        var next = range.lowerBound
        while next < range.upperBound {
            let end = min(range.upperBound, next + Self.linesAtOnce)
            append(end - next) { line, date, target in
                var text = target
                for i in next..<end {
                    text += line.write(
                        step: Int(batch.steps[i]), time: batch.times[i], value: batch.values[i], &date, to: text)
                }
                return text - target
            }
            next = end
        }
    }

    private func append(
        _ lines: Int, _ write: (PointLine, inout TimeText.Date, UnsafeMutablePointer<UInt8>) -> Int
    ) {
        head.withUnsafeBufferPointer { head in
            tail.withUnsafeBufferPointer { tail in
                let line = PointLine(form: form, head: head, tail: tail)
                buffer.append(room: lines * line.room) { target in write(line, &date, target) }
            }
        }
    }

    /// Takes bytes that are no points.
    func append(_ bytes: [UInt8]) { buffer.append(bytes) }

    /// Whether there is enough to be worth writing.
    var isFull: Bool { buffer.count >= Self.limit }

    /// The lines that were not handed out yet.
    public func take() -> [UInt8] { buffer.take() }

    static func cell(_ text: String, to bytes: inout [UInt8]) {
        let quote = UInt8(ascii: "\"")
        let needsQuotes = text.utf8.contains { $0 == quote || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
        // White space at an edge is lost on some readers, ours among them, unless it is quoted.
        guard needsQuotes || text.hasPrefix(" ") || text.hasSuffix(" ") else {
            bytes.append(contentsOf: text.utf8)
            return
        }
        bytes.append(quote)
        for byte in text.utf8 {
            if byte == quote { bytes.append(quote) }
            bytes.append(byte)
        }
        bytes.append(quote)
    }
}
