import Testing
import Varve
import VarveTestSupport

@testable import VarveImport

/// Proves that the reader of W&B files finds every point of real ones: counts, first, last, extremes, exactly rounded sums,
/// steps and wall times of each of the 96 series equal what W&B's own reader found (`expected.json` beside the logs).
@Suite(.enabled(if: DataSet.areHere, PackagePaths.skipMessage))
struct WandBDataTests {
    @Test func findsEveryValueOfEveryRow() throws {
        let set = try #require(try DataSet("wandb-geom3d"))
        let runs = try #require(set.expected["runs"]?.arrayValue)
        var (series, points) = (0, 0)
        for run in runs {
            let path = try #require(run["file"]?.stringValue)
            let sink = CollectingSink()
            var reader = WandBFileReader(file: path, into: sink)
            try reader.read(set.source(path))
            #expect(sink.problems.isEmpty && sink.roundings == 0, "\(path)")
            #expect(reader.end == run["bytes"]?.intValue.map(Int.init))
            let records = try #require(run["records"]?.objectValue).members.map { $0.value.intValue ?? 0 }.reduce(0, +)
            #expect(Int64(sink.records.count) == records, "\(path)")
            // What ended the run, and what it was called.
            let code = run["exit_code"]?.intValue
            #expect(sink.end == (code.map { $0 == 0 ? .finished : .failed } ?? .killed), "\(path)")
            #expect(reader.hasEnded == (run["exit_code"]?.intValue != nil))
            #expect((sink.properties["name"]?.text ?? "") == run["run_record"]?["display_name"]?.stringValue)
            #expect((sink.properties["wandb.project"]?.text ?? "") == run["run_record"]?["project"]?.stringValue)
            for key in try #require(run["config_keys"]?.arrayValue).compactMap(\.stringValue) {
                let isThere = sink.properties.keys.contains { $0 == "params." + key || $0.hasPrefix("params.\(key).") }
                #expect(isThere, "\(path): params.\(key)")
            }
            for key in try #require(run["summary_keys"]?.arrayValue).compactMap(\.stringValue) where key != "_wandb" {
                #expect(sink.properties["values." + key] != nil, "\(path): values.\(key)")
            }
            // `_step` and `_timestamp` stand with each point: the row's `_runtime` brings them back.
            let rows = sink.points[MetricKey("_runtime")] ?? []
            #expect(Int64(rows.count) == run["history_rows"]?.intValue)
            for json in try #require(run["series"]?.arrayValue) {
                let key = try #require(json["key"]?.stringValue)
                var found = sink.points[MetricKey(key)] ?? []
                if key == "_step" { found = rows.map { $0.with(Double($0.step)) } }
                if key == "_timestamp" { found = rows.map { $0.with(WallTime.seconds($0.time)) } }
                ExpectedSeries(name: key, json: json).check(found, path)
                series += 1
                points += found.count
            }
            let metrics = sink.points.keys.filter { $0.context.isEmpty }.count
            #expect(metrics == max(0, (run["series"]?.arrayValue?.count ?? 0) - 2), "\(path)")
        }
        #expect(Int64(series) == set.expected["totals"]?["series"]?.intValue)
        #expect(Int64(points) == set.expected["totals"]?["points"]?.intValue)
        #expect(runs.count == 14)
    }
}

extension CollectingSink.Point {
    fileprivate func with(_ value: Double) -> Self { Self(step: step, time: time, value: value.bitPattern) }
}

extension PropertyValue {
    fileprivate var text: String? { if case .string(let text) = self { text } else { nil } }
}
