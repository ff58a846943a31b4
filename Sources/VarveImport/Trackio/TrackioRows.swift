import Varve

/// Turns the rows of a Trackio run into points: numbers and truth values are, nested ones under names joined by points; texts are
/// texts, histograms records, images and other files artifacts; lists, tables and the like are counted by their kind.
package struct TrackioRows {
    private let name: String
    /// The folder that files of media lie in.
    private let media: String?
    private let sink: any RunSink
    private var systemRows: Int64 = 0
    /// What the sink threw, which isn't the source's fault.
    package private(set) var failure: VarveError?

    package init(_ name: String, media: String? = nil, _ sink: any RunSink) {
        self.name = name
        self.media = media
        self.sink = sink
    }

    /// A row of `metrics`.
    package mutating func metrics(
        _ row: Int64?, step: Int64?, time: String?, _ json: [UInt8]
    ) throws(VarveError) {
        guard let object = object(json, row) else { return }
        let (step, time) = (step ?? 0, stamp(time))
        try walk(object, "") { [sink, media] key, value throws(VarveError) in
            if let medium = value.objectValue {
                try Self.take(medium, key, step: step, time: time, media: media, sink)
            } else if let text = value.stringValue, !CellValue.isInfinite(text) {
                try sink.text(text, name: key, step: step, time: time)
            } else {
                try sink.value(value, under: key, step: step, time: time)
            }
        }
    }

    /// A row of `system_metrics`, which has no step.
    package mutating func system(_ row: Int64?, time: String?, _ json: [UInt8]) throws(VarveError) {
        defer { systemRows += 1 }
        guard let object = object(json, row) else { return }
        let (step, time) = (systemRows, stamp(time))
        try walk(object, "") { [sink] key, value throws(VarveError) in
            guard let number = value.doubleValue ?? value.boolValue.map({ $0 ? 1 : 0 }) else {
                if value != .null { sink.skipped("system metrics that are no number") }
                return
            }
            let metric = MetricKey(key, context: ["system": "host"])
            try sink.point(of: metric, step: step, time: time, value: number)
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
        _ object: JSONObject, _ prefix: String, _ take: (String, JSONValue) throws(VarveError) -> Void
    ) throws(VarveError) {
        for member in object.members {
            let key = prefix + member.key
            if case .object(let nested) = member.value, nested["_type"] == nil {
                try walk(nested, key + ".", take)
                continue
            }
            do throws(VarveError) { try take(key, member.value) } catch {
                failure = error
                throw error
            }
        }
    }

    /// What Trackio calls by a `_type`: histograms become records, files artifacts.
    private static func take(
        _ medium: JSONObject, _ key: String, step: Int64, time: Int64, media: String?, _ sink: any RunSink
    ) throws(VarveError) {
        let type = medium["_type"]?.stringValue ?? ""
        if type == "trackio.histogram", let edges = medium["bins"]?.numbers, let counts = medium["values"]?.numbers,
            let histogram = try? Histogram(edges: edges, counts: counts)
        {
            return try sink.record(.histogram(histogram), name: key, step: step, time: time)
        }
        if let file = medium["file_path"]?.stringValue, let media,
            file.split(separator: "/", omittingEmptySubsequences: false).allSatisfy({ !["", ".", ".."].contains($0) })
        {
            let name = key + "/" + (file.split(separator: "/").last ?? "")
            return try sink.artifact(media + "/" + file, name: name, step: step)
        }
        sink.skipped("values of the type \(type)")
    }
}
