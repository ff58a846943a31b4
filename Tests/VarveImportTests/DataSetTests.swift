import Testing
import Varve
import VarveTestSupport

@testable import VarveImport

/// Proves that the parsers find every point of real logs: counts, first, last, extremes, exactly rounded sums, steps and
/// wall times of each series of each file equal what other tools' readers found (`expected.json` beside the logs).
@Suite(.enabled(if: DataSet.areHere, PackagePaths.skipMessage))
struct DataSetTests {
    @Test(arguments: [
        ("tensorboard-keras-mixed", "runs"), ("tensorboard-lightning-rbm", "runs"), ("algoperf-baseline", "runs"),
        ("jsonl-dreamer", "tensorboard_runs"), ("multi-tracker-vit", "tensorboard_and_csv_runs"),
    ])
    func findsEveryScalarOfEventFiles(_ name: String, _ runsKey: String) throws {
        let set = try #require(try DataSet(name))
        var total = 0
        for run in try #require(set.expected[runsKey]?.arrayValue) {
            let directory = try #require(run["run"]?.stringValue)
            for file in try #require(run["event_files"]?.arrayValue) {
                let path = directory + "/" + (try #require(file["file"]?.stringValue))
                let sink = CollectingSink()
                var reader = EventFileReader(file: path, into: sink)
                try reader.read(set.source(path))
                #expect(sink.problems.isEmpty)
                #expect(sink.records.count == file["events"]?.intValue.map(Int.init))
                #expect(reader.end == file["bytes"]?.intValue.map(Int.init))
                let series = try #require(file["series"]?.arrayValue)
                #expect(sink.points.count == series.count, "\(path)")
                for json in series {
                    let tag = try #require(json["tag"]?.stringValue)
                    ExpectedSeries(name: tag, json: json).check(sink.points[MetricKey(tag)] ?? [], path)
                }
                total += sink.pointCount
                try compareKinds(sink, file, path)
                try compareParams(sink, file, path)
            }
        }
        let totals = try #require(set.expected["totals"])
        #expect(Int64(total) == (totals["scalar_points"] ?? totals["tensorboard"]?["scalar_points"])?.intValue)
    }

    /// What isn't a scalar is kept or counted by kind, and nothing is lost between the kinds.
    private func compareKinds(_ sink: CollectingSink, _ file: JSONValue, _ path: String) throws {
        let names = [
            "graph_def": "graphs", "tensor:graph_keras_model": "graphs",
            "tensor:graph_run_metadata_graph": "run metadata", "tensor:graph_run_metadata": "run metadata",
            "histo:": "histograms", "tensor:histograms": "histograms",
            "image:": "images",
        ]
        var expected: [String: Int] = [:]
        for member in try #require(file["kinds"]?.objectValue).members {
            if let name = names[member.key] { expected[name, default: 0] += Int(member.value.intValue ?? 0) }
        }
        let kept = ["histograms": sink.kept.count, "images": sink.contents.count].filter { $0.value > 0 }
        #expect(sink.skips.merging(kept) { $0 + $1 } == expected, "\(path)")
    }

    private func compareParams(_ sink: CollectingSink, _ file: JSONValue, _ path: String) throws {
        let expected = file["hparams"]?.objectValue?.members ?? []
        #expect(sink.properties.count == expected.count, "\(path)")
        for member in expected {
            let text: String? =
                switch sink.properties["params." + member.key] {
                case .double(let number): "\(number)"
                case .string(let text): text
                case .bool(let flag): flag ? "True" : "False"
                default: nil
                }
            #expect(text == member.value.stringValue, "\(path) \(member.key)")
        }
    }

    @Test func findsEveryValueOfCSVFiles() throws {
        var files: [(set: DataSet, path: String, json: JSONValue)] = []
        let lightning = try #require(try DataSet("csv-lightning-mnist"))
        for run in try #require(lightning.expected["runs"]?.arrayValue) {
            files.append((lightning, try #require(run["file"]?.stringValue), run))
        }
        let algoperf = try #require(try DataSet("algoperf-baseline"))
        for run in try #require(algoperf.expected["runs"]?.arrayValue) {
            for file in try #require(run["csv_files"]?.arrayValue) {
                let name = try #require(file["file"]?.stringValue)
                files.append((algoperf, try #require(run["run"]?.stringValue) + "/" + name, file))
            }
        }
        let vit = try #require(try DataSet("multi-tracker-vit"))
        for run in try #require(vit.expected["tensorboard_and_csv_runs"]?.arrayValue) {
            let csv = try #require(run["csv"])
            files.append((vit, try #require(csv["file"]?.stringValue), csv))
        }
        #expect(files.count == 22 + 22 + 11)
        for (set, path, json) in files {
            let sink = CollectingSink()
            var reader = try CSVImport(file: path) { _ in sink }
            try reader.read(set.source(path))
            #expect(sink.problems.isEmpty && sink.skips.isEmpty, "\(path)")
            #expect(sink.records.count == json["rows"]?.intValue.map(Int.init), "\(path)")
            try compareTable(sink, json["series"]?.arrayValue, "column", path)
        }
    }

    @Test func findsEveryValueOfJSONLines() throws {
        let set = try #require(try DataSet("jsonl-dreamer"))
        for run in try #require(set.expected["jsonl_runs"]?.arrayValue) {
            let path = try #require(run["file"]?.stringValue)
            let sink = CollectingSink()
            var reader = try JSONLinesImport(file: path) { _ in sink }
            try reader.read(set.source(path))
            #expect(sink.problems.isEmpty && sink.skips.isEmpty, "\(path)")
            #expect(sink.records.count == run["rows"]?.intValue.map(Int.init), "\(path)")
            try compareTable(sink, run["series"]?.arrayValue, "key", path)
        }
    }

    /// The column that is the step is no metric, so its description is held against the steps of the rows.
    private func compareTable(
        _ sink: CollectingSink, _ series: [JSONValue]?, _ nameKey: String, _ path: String
    ) throws {
        let series = try #require(series)
        try #require(sink.recordSteps.count == sink.records.count)
        for json in series {
            let name = try #require(json[nameKey]?.stringValue)
            var points = sink.points[MetricKey(name)] ?? []
            if name == "step" || name == "global_step" {
                #expect(points.isEmpty)
                points = sink.recordSteps.map { .init(step: $0, time: WallTime.none, value: Double($0).bitPattern) }
            }
            ExpectedSeries(name: name, json: json).check(points, path)
        }
        #expect(sink.points.count == series.count - 1, "\(path)")
    }

    /// The same training through two formats: JSON Lines and TensorBoard of one logger hold the same steps and values.
    @Test func twoFormatsOfOneTrainingAgree() throws {
        let set = try #require(try DataSet("jsonl-dreamer"))
        let lines = CollectingSink()
        var jsonl = try JSONLinesImport(file: "a") { _ in lines }
        try jsonl.read(set.source("fetch-reach-v1/dreamer/1/metrics.jsonl"))
        let events = CollectingSink()
        var tensorboard = EventFileReader(file: "b", into: events)
        let path = "fetch-reach-v1/dreamer/1/events.out.tfevents.1621811557.host1.105583.13.v2"
        try tensorboard.read(set.source(path))
        #expect(lines.points.count == 3)
        for name in ["episodes", "train/length", "train/return"] {
            #expect(lines.steps(name) == events.steps("sim/" + name))
            #expect(lines.values(name).map { Float($0) } == events.values("sim/" + name).map { Float($0) })
        }
    }
}
