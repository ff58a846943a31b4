import Foundation
import Testing
import Varve
import VarveTestSupport

/// What a person does with the logs of real trainings: import them, list, compare and draw them.
@Suite(.enabled(if: PackagePaths.dataSet("csv-lightning-mnist") != nil, PackagePaths.skipMessage))
struct RealSetTests {
    /// The set, and a metric of it.
    @Test(arguments: [
        ("multi-tracker-vit/mlruns", "loss"), ("multi-tracker-vit/multiruns", "loss"), ("csv-lightning-mnist", "acc"),
        ("jsonl-dreamer", "return"), ("tensorboard-keras-mixed", "epoch_loss"), ("tensorboard-lightning-rbm", "loss"),
        ("algoperf-baseline", "loss"),
    ])
    func everyVerbTakesThem(_ set: String, _ metric: String) throws {
        let shell = try Shell()
        let imported = try shell.run("varve import '\(PackagePaths.sharedData)/\(set)' --audit audit.json")
        #expect(imported.code == 0, "\(imported.errors)")
        #expect(imported.output.contains("each there, once, bit for bit"), "\(imported.output)")
        let runs = try shell.run("varve runs --format tsv").lines.dropFirst().map { String($0.prefix(36)) }
        #expect(!runs.isEmpty)
        let metrics = try shell.run("varve metrics --format tsv").output
        let name =
            metrics.contains("\(metric)\t") ? metric : String(metrics.split(separator: "\n")[1].prefix { $0 != "\t" })
        for command in [
            "compact", "verify --deep", "properties", "report", "report --metrics '\(name)' --at best",
            "diff \(runs[0]) \(runs[runs.count - 1])", "show \(runs[0])", "series '\(name)' --run \(runs[0])",
            "plot '\(name)'", "plot '\(name)' --output curve.svg", "export csv --metric '\(name)'",
            "export parquet --output points.parquet", "runs --where 'points > 0' --curve '\(name)'",
            "campaign status", "du --runs",
        ] {
            let result = try shell.run("varve \(command)")
            // A run may lack the metric, and there is no plan: that is told, and nothing else goes wrong.
            let mayBeNothing = command.hasPrefix("series") || command.hasPrefix("campaign")
            #expect(result.code == 0 || mayBeNothing && result.code == 1, "\(command): \(result.errors)")
            #expect(!result.output.isEmpty || result.code == 1 || command.contains("--output"), "\(command)")
        }
    }

    /// A report's mean is that of the last values that other tools' readers found.
    @Test func theReportIsRight() throws {
        let shell = try Shell()
        let set = PackagePaths.sharedData + "/csv-lightning-mnist"
        try shell.run("varve import csv '\(set)'")
        let text = try String(contentsOfFile: set + "/expected.json", encoding: .utf8)
        let expected = try JSONValue(parsing: text)
        var last: [Double] = []
        for run in try #require(expected["runs"]?.arrayValue) {
            for series in run["series"]?.arrayValue ?? [] where series["column"]?.stringValue == "val_loss" {
                last.append(try #require(series["last"]?.stringValue.flatMap(Double.init)))
            }
        }
        // All runs at once: none of the params makes groups.
        let report = try shell.run(
            "varve report --metrics loss --contexts val --unfinished --groupby status --format json")
        let row = try #require(try JSONValue(parsing: report.output).arrayValue?.first)
        let mean = try #require(row["mean"]?.doubleValue)
        #expect(row["n"]?.intValue == Int64(last.count))
        #expect(abs(mean - last.reduce(0, +) / Double(last.count)) < 1e-12 * abs(mean), "\(report.output)")
        #expect(row["max"]?.doubleValue == last.max() && row["min"]?.doubleValue == last.min())
    }
}
