import Varve
import VarveImport

/// The JSON in rows of Trackio's databases: any bytes give points or a problem.
struct TrackioTexts: FuzzTarget {
    static var words: [String] {
        ["{\"loss\":", "\"NaN\"", "\"-Infinity\"", "\"_type\":\"trackio.table\"", "}", "true", "null"]
    }

    static func seeds() -> [[UInt8]] {
        [
            "{\"train/loss\":1.0,\"nested\":{\"a\":2.0},\"word\":\"w\",\"flag\":true}",
            "{\"x\":\"NaN\",\"y\":\"-Infinity\"}",
            "{\"t\":{\"_type\":\"trackio.table\",\"_value\":[{\"a\":1}]},\"big\":9007199254740993}",
        ].map { Array($0.utf8) }
    }

    init() {}

    func feed(_ input: [UInt8]) throws {
        let sink = CountingSink(size: input.count)
        var rows = TrackioRows("project.db", sink)
        try rows.metrics(1, step: 1, time: "2026-11-26T11:33:44+00:00", input)
        try rows.system(1, time: nil, input)
        try sink.finish(end: input.count)
        try demand(sink.points <= 2 * input.count, "\(sink.points) points in \(input.count) bytes")
    }
}
