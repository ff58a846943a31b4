import Testing
import Varve
import VarveFiles
import VarveTestSupport

/// A repository with everything in it that an export could get wrong: every kind of value, step, time and name, runs of the same
/// name and without points, steps that were logged twice, series of one point and of more than a batch.
struct HardRepository {
    let repository: Repository
    let snapshot: Snapshot
    /// The run that has all of it, but for a long series.
    let first: RunID

    /// Values whose bits all matter.
    static let values: [Double] = [
        0, -0.0, 1, -1.5, 0.1, .nan, Double(nan: 0xBEEF, signaling: false), -Double(nan: 1, signaling: false),
        .infinity,
        -.infinity, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude,
        -.greatestFiniteMagnitude, 0x1p53, 0x1p53 + 2, .pi, Double(Float.pi), 1e-7, 123_456_789.123,
    ]
    static let steps: [Int] = [0, 1, -1, .max, .min, .max - 1, .min + 1, 1 << 53 + 1, 7, 7, 6]
    static let times: [Int64] = [
        .min, 0, -1, 1, .max, .min + 1, 1_795_428_000_000_001_000, 1_795_428_000_123_456_789, .min,
    ]
    static let names = [
        "plain", "größe \u{1F9EA}", "gro\u{308}ße", "line\nbreak", "tab\tand \"quotes\", commas", "a/b/c", "../up",
        "dot.",
        "step", "Loss", "loss", "LOSS", "x{y=1}", "back\\slash", " ", "\u{7F}\u{1B}[31m", "a=b;c", "100%", "a", "a/b",
    ]

    init(at path: String? = nil, longSeries: Int) throws {
        let files: any FileSystem
        if let path {
            repository = try Repository.create(at: path, name: "hard")
            files = RealFileSystem()
        } else {
            files = SimulatedFileSystem(seed: 1)
            let environment = Environment(
                fileSystem: files, host: SimulatedHost(SimulatedMachine(seed: 1)), hasThreads: false)
            repository = try Repository.create(at: "/repo", name: "hard", environment)
        }
        var options = RunOptions()
        options.compaction = .never
        let first = try repository.startRun(
            name: "run \"1\"/größe\n\u{1F9EA}", params: ["lr": 0.1, "n": 3, "s": "tëxt\n", "t": true], options: options)
        try first.set([
            "params.big": .int(.max), "params.nan": .double(.nan), "params.l": .json("[1,{\"a\":null}]"),
            "params.none": .null, "tags.good": .bool(true), "note": "two\nlines", "values.best": .double(0.25),
        ])
        var number = 0
        for (i, name) in Self.names.enumerated() {
            let context = i % 3 == 0 ? [:] : i % 3 == 1 ? ["subset": "val"] : ["k=": ";v,\n\"", "subset": "tr/ain"]
            let series = try first.series(name, context: context)
            for value in Self.values {
                series.log(
                    value, step: Self.steps[number % Self.steps.count], time: Self.times[number % Self.times.count])
                number += 1
            }
        }
        self.first = first.id
        try HardRecords.add(to: first, in: path.map(Paths.parent) ?? "", files)
        try first.fail("once")
        try repository.resumeRun(first.id, options: options).finish()
        // Two runs of the same name, one that failed; what they share are steps.
        for part in 0..<2 {
            let run = try repository.startRun(name: "twin", params: ["part": .int(Int64(part))], options: options)
            for (name, every) in [("loss", 1), ("acc", 2), ("rare", 10)] {
                for subset in ["train", "val"] {
                    let series = try run.series(name, context: ["subset": subset])
                    for step in stride(from: 0, to: 40, by: every) {
                        let value = Float(step) / 7 + Float(part)
                        series.log(value, step: step, time: 1_795_428_000_000_000_000 + Int64(step) * 1_000_000)
                    }
                }
            }
            if part == 0 { try run.finish() } else { try run.fail("no reason") }
        }
        let long = try repository.startRun(name: "long", options: options)
        let series = try long.series("loss")
        var random = SplitMix64(seed: 5)
        for step in 0..<longSeries {
            let time = step % 1_000 == 999 ? Int64.min : 1_795_428_000_000_000_000 + Int64(step) * 1_234_567
            series.log(Double(random.next() >> 12) / 1e9, step: step, time: time)
        }
        try long.finish()
        try repository.startRun(name: "", options: options).finish()
        snapshot = try repository.snapshot()
    }
}

/// What a snapshot holds, in the words of the readers in `Readers`: one JSON array a point, values by their bits.
enum ExpectedPoints {
    static func hex(_ value: Double) -> String {
        let digits = String(value.bitPattern, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    static func row(_ cells: JSONValue...) -> String { JSONValue.array(cells).text }

    static func context(_ metric: MetricKey) -> String {
        var object = JSONObject()
        for pair in metric.context { object[pair.key] = .string(pair.value) }
        return JSONValue.object(object).text
    }

    static func time(_ time: Int64) -> JSONValue { time == .min ? .null : .int(time) }

    /// Of a table in the long form: run, name, metric, context, step, time, value.
    static func long(_ snapshot: Snapshot, _ query: Query = Query()) throws -> [String] {
        var rows: [String] = []
        let names = Dictionary(uniqueKeysWithValues: snapshot.runs.map { ($0.id, $0.name) })
        let reader = try snapshot.series(query)
        while let chunk = try reader.next() {
            for i in 0..<chunk.count {
                rows.append(
                    row(
                        .string(chunk.run.description), .string(names[chunk.run] ?? ""), .string(chunk.metric.name),
                        .string(context(chunk.metric)), .int(Int64(chunk.steps[i])), time(chunk.times[i]),
                        .string(hex(chunk.values[i]))))
            }
        }
        return rows
    }

    /// Of a table in the wide form: run, name, context, step, time, and a value or null for each of `metrics`.
    static func wide(_ snapshot: Snapshot, _ metrics: [String], _ query: Query = Query()) throws -> [String] {
        struct Row { var time = Int64.min; var values: [Int: Double] = [:] }
        struct Place: Hashable { var run: RunID; var context: [MetricKey.ContextPair] }
        var places: [Place: [Int: Row]] = [:]
        let reader = try snapshot.series(query)
        while let chunk = try reader.next() {
            let column = try #require(metrics.firstIndex { $0.utf8.elementsEqual(chunk.metric.name.utf8) })
            var last: [Int: (time: Int64, value: Double)] = [:]
            for i in 0..<chunk.count { last[chunk.steps[i]] = (chunk.times[i], chunk.values[i]) }
            let place = Place(run: chunk.run, context: chunk.metric.context)
            for (step, point) in last {
                var row = places[place, default: [:]][step] ?? Row()
                row.time = max(row.time, point.time)
                row.values[column] = point.value
                places[place, default: [:]][step] = row
            }
        }
        var rows: [String] = []
        let names = Dictionary(uniqueKeysWithValues: snapshot.runs.map { ($0.id, $0.name) })
        let order = places.keys.sorted { a, b in
            if a.run != b.run { return a.run < b.run }
            return MetricKey("", context: Dictionary(uniqueKeysWithValues: a.context.map { ($0.key, $0.value) }))
                < MetricKey("", context: Dictionary(uniqueKeysWithValues: b.context.map { ($0.key, $0.value) }))
        }
        for place in order {
            let metric = MetricKey(
                "", context: Dictionary(uniqueKeysWithValues: place.context.map { ($0.key, $0.value) }))
            for (step, found) in (places[place] ?? [:]).sorted(by: { $0.key < $1.key }) {
                var cells: [JSONValue] = [
                    .string(place.run.description), .string(names[place.run] ?? ""), .string(context(metric)),
                    .int(Int64(step)), time(found.time),
                ]
                for column in metrics.indices { cells.append(found.values[column].map { .string(hex($0)) } ?? .null) }
                rows.append(JSONValue.array(cells).text)
            }
        }
        return rows
    }
}
