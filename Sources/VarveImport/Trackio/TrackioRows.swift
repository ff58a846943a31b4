import Varve

/// Turns the rows of a Trackio run into points: numbers and truth values are, nested ones under names joined by points; texts,
/// lists, and what Trackio calls by a `_type` (tables, images, histograms) are counted by their kind.
package struct TrackioRows {
    private let name: String
    private let sink: any RunSink
    private var systemRows: Int64 = 0
    /// What the sink threw, which isn't the source's fault.
    package private(set) var failure: VarveError?

    package init(_ name: String, _ sink: any RunSink) {
        self.name = name
        self.sink = sink
    }

    /// A row of `metrics`.
    package mutating func metrics(
        _ row: Int64?, step: Int64?, time: String?, _ json: [UInt8]
    ) throws(VarveError) {
        guard let object = object(json, row) else { return }
        let time = stamp(time)
        try walk(object, "", depth: 0) { [sink] key, value, type throws(VarveError) in
            try sink.point(key, step: step ?? 0, time: time, value: value, type: type)
        }
    }

    /// A row of `system_metrics`, which has no step.
    package mutating func system(_ row: Int64?, time: String?, _ json: [UInt8]) throws(VarveError) {
        defer { systemRows += 1 }
        guard let object = object(json, row) else { return }
        let (step, time) = (systemRows, stamp(time))
        try walk(object, "", depth: 0) { [sink] key, value, _ throws(VarveError) in
            let metric = MetricKey(key, context: ["system": "host"])
            try sink.point(of: metric, step: step, time: time, value: value)
        }
    }

    mutating func alert(_ text: String, step: Int64?, time: String?) throws(VarveError) {
        do throws(VarveError) {
            try sink.text(text, name: "alerts", step: step ?? 0, time: stamp(time))
        } catch {
            failure = error
            throw error
        }
    }

    private func stamp(_ text: String?) -> Int64 {
        text.flatMap { ForeignTime.nanoseconds($0) } ?? WallTime.none
    }

    private func object(_ json: [UInt8], _ row: Int64?) -> JSONObject? {
        do throws(FormatError) {
            if let object = try JSONValue(parsing: json).objectValue { return object }
            sink.problem(
                ImportProblem(file: name, offset: 0, line: line(row), message: "a row that is no object, skipped"))
        } catch {
            let what = "a row that is no JSON (expected \(error.expected), found \(error.found)), skipped"
            sink.problem(ImportProblem(file: name, offset: error.offset, line: line(row), message: what))
        }
        return nil
    }

    private func line(_ row: Int64?) -> Int? { row.flatMap { Int(exactly: $0) } }

    private mutating func walk(
        _ object: JSONObject, _ prefix: String, depth: Int,
        _ point: (String, Double, ValueType) throws(VarveError) -> Void
    ) throws(VarveError) {
        for member in object.members {
            let key = prefix + member.key
            var found: (value: Double, type: ValueType)?
            switch member.value {
            case .null: break
            case .bool(let flag): found = (flag ? 1 : 0, .integer)
            case .int(let number):
                if Int64(exactly: Double(number)) != number { sink.rounded() }
                found = (Double(number), .double)
            case .double(let number): found = (number, .double)
            case .string(let text):
                if case .number(let number, nil) = CellValue(text), !number.isFinite {
                    found = (number, .double)
                } else {
                    sink.skipped("texts under the key \(key)")
                }
            case .array: sink.skipped("arrays under the key \(key)")
            case .object(let nested):
                if let type = nested["_type"]?.stringValue {
                    sink.skipped("values of the type \(type)")
                } else {
                    try walk(nested, key + ".", depth: depth + 1, point)
                }
            }
            guard let found else { continue }
            do throws(VarveError) { try point(key, found.value, found.type) } catch {
                failure = error
                throw error
            }
        }
    }
}
