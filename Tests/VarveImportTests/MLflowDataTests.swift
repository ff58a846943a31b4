import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarveImport

/// Proves that a real MLflow store comes in whole: each series as `expected.json` describes it, and the same trainings as their
/// TensorBoard and CSV logs, which the same loggers wrote at the same time.
@Suite(.enabled(if: DataSet.areHere, PackagePaths.skipMessage))
struct MLflowDataTests {
    /// What the reader finds, by experiment and run.
    private func read(_ set: DataSet) throws -> [String: CollectingSink] {
        let place = ImportPlace(root: set.path)
        let format = MLflowFormat()
        let plan = format.plan(try SourceTree(set.path, in: RealFileSystem()), place)
        let reader = format.open(place)
        var sinks: [String: CollectingSink] = [:]
        for run in plan.runs {
            let sink = CollectingSink()
            for source in run.sources {
                try reader.read(source, into: sink)
                sinks[String(source.file.directory.dropFirst("mlruns/".count))] = sink
            }
        }
        return sinks
    }

    @Test func findsEveryValue() throws {
        let set = try #require(try DataSet("multi-tracker-vit"))
        let sinks = try read(set)
        let runs = try #require(set.expected["mlflow_runs"]?.arrayValue)
        #expect(sinks.count == runs.count && runs.count == 11)
        #expect(sinks.values.reduce(0) { $0 + $1.pointCount } == 852)
        for run in runs {
            let name = try #require(run["run"]?.stringValue)
            let sink = try #require(sinks[name])
            let series = try #require(run["series"]?.arrayValue)
            #expect(sink.problems.isEmpty && sink.skips.isEmpty && sink.points.count == series.count)
            for json in series {
                let metric = try #require(json["metric"]?.stringValue)
                ExpectedSeries(name: metric, json: json).check(sink.points[MetricKey(metric)] ?? [], name)
            }
            for member in try #require(run["params"]?.objectValue).members {
                let text = try #require(member.value.stringValue)
                #expect(sink.properties["params." + member.key] == MLflowRun.typed(text), "\(name) \(member.key)")
            }
            #expect(sink.properties.keys.count { $0.hasPrefix("params.") } == run["params"]?.objectValue?.members.count)
            #expect(sink.properties["name"] == run["run_name"]?.stringValue.map { .string($0) })
            #expect(
                sink.properties["mlflow.source.name"]
                    == run["tags"]?["mlflow.source.name"]?.stringValue.map { .string($0) })
            #expect(sink.end == .finished)
        }
    }

    /// Three logs of each training, imported: the same steps and values of every metric that MLflow has.
    @Test func agreesWithTheOtherTrackers() throws {
        let set = try #require(try DataSet("multi-tracker-vit"))
        try Place.with { place in
            let report = try place.repository.importLogs(ImportSearch(set.path))
            #expect(report.newRuns == 33 && report.problemCount == 0 && report.pointsStored == 874 + 852 + 852)
            let snapshot = try place.repository.snapshot()
            var points: [String: [MetricKey: [String]]] = [:]
            var owner: [RunID: String] = [:]
            for run in snapshot.runs {
                guard case .json(let files)? = run.properties["import.files"],
                    case .string(let format)? = run.properties["import.format"],
                    let path = try JSONValue(parsing: files).arrayValue?.first?["path"]?.stringValue
                else { continue }
                owner[run.id] = format + " " + Paths.parent(path)
            }
            let reader = try snapshot.series(Query())
            while let chunk = try reader.next() {
                let name = try #require(owner[chunk.run])
                for index in 0..<chunk.count {
                    points[name, default: [:]][chunk.metric, default: []].append(
                        "\(chunk.steps[index])=\(chunk.values[index])")
                }
            }
            var compared = 0
            for run in try #require(set.expected["tensorboard_and_csv_runs"]?.arrayValue) {
                let events = "tensorboard " + (try #require(run["run"]?.stringValue))
                let table = "csv " + Paths.parent(try #require(run["csv"]?["file"]?.stringValue))
                let folder = "mlflow mlruns/" + (try #require(run["same_training_as_mlflow_run"]?.stringValue))
                let expected = try #require(points[folder])
                for (metric, values) in expected {
                    #expect(points[events]?[metric]?.sorted() == values.sorted(), "\(events) \(metric)")
                    #expect(points[table]?[metric]?.sorted() == values.sorted(), "\(table) \(metric)")
                    compared += values.count
                }
            }
            #expect(compared == 852)
        }
    }
}
