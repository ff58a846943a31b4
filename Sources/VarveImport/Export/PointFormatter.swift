import Varve

/// The formats that are written.
public enum ExportFormat: String, Hashable, Sendable, CaseIterable {
    /// A row a point: `run,metric,context,step,time,value`.
    case csv
    /// An object a point, with the same keys.
    case jsonl
}

/// Turns points into lines.
///
/// JSON Lines: `{"run": …, "metric": …, "context": {…}, "step": 1, "time": "2026-11-23T10:00:00.000001Z", "value": 0.25}`.
/// CSV: the same in columns, the context as `k=v;k=v` (with a backslash before `=`, `;` and backslashes within), quoted where
/// RFC 4180 asks for it. In both: numbers in the shortest form that reads back as the same double; NaN, Infinity and
/// -Infinity (as strings in JSON, without the payload of a NaN); times in UTC with 0, 3, 6 or 9 digits of a fraction, the
/// fewest that are exact, and none (null, or nothing) where a point has none.
public struct PointFormatter {
    private let format: ExportFormat
    /// What stands before the step: the same for all points of a chunk.
    private var head: [UInt8] = []

    /// Writes `format`.
    public init(_ format: ExportFormat) { self.format = format }

    /// What stands before all points.
    public var header: [UInt8] {
        format == .csv ? Array((PointColumns.names.joined(separator: ",") + "\n").utf8) : []
    }

    /// Turns to a series; `run` is what to call its run.
    public mutating func begin(run: String, metric: MetricKey) {
        head.removeAll(keepingCapacity: true)
        switch format {
        case .csv:
            Self.cell(run, to: &head)
            head.append(UInt8(ascii: ","))
            Self.cell(metric.name, to: &head)
            head.append(UInt8(ascii: ","))
            Self.cell(PointColumns.text(metric.context), to: &head)
            head.append(UInt8(ascii: ","))
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

    /// Appends a point of the series at hand, with its line end.
    public func append(step: Int, time: Int64, value: Double, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: head)
        bytes.append(contentsOf: String(step).utf8)
        let time = time == WallTime.none ? nil : TimeText.text(time)
        switch format {
        case .csv:
            bytes.append(UInt8(ascii: ","))
            if let time { bytes.append(contentsOf: time.utf8) }
            bytes.append(UInt8(ascii: ","))
            if value.isFinite {
                bytes.append(contentsOf: value.description.utf8)
            } else {
                bytes.append(contentsOf: (value.isNaN ? "NaN" : value > 0 ? "Infinity" : "-Infinity").utf8)
            }
        case .jsonl:
            bytes.append(contentsOf: ",\"time\":".utf8)
            bytes.append(contentsOf: (time.map { "\"\($0)\"" } ?? "null").utf8)
            bytes.append(contentsOf: ",\"value\":".utf8)
            JSONValue.write(value, to: &bytes)
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    private static func cell(_ text: String, to bytes: inout [UInt8]) {
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
