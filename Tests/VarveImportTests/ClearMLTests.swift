import Testing
import Varve
import VarveTestSupport

@testable import VarveImport

/// Proves that what ClearML leaves of an offline run comes in. The lines stand here as clearml 2.1.12 wrote them, shortened.
@Suite struct ClearMLTests {
    private static let task = """
        {"execution": {"artifacts": [], "parameters": {}}, "hyperparams": {"Args": {"batch": {"description": "", "name": "batch",
        "section": "Args", "type": "int", "value": "32"}}, "General": {"opt/lr": {"name": "opt/lr", "type": "float", "value": "0.5"}},
        "hp": {"name": {"name": "name", "type": "str", "value": "7"}}}, "id": "offline-d1a9", "name": "t1",
        "offline_folder": "/x/offline-d1a9", "project_name": "p/q", "script": {"repository": "", "version_num": "abc"},
        "tags": ["b", "a"], "type": "training"}
        """

    private static func event(_ title: String, _ series: String, _ step: Int64, _ value: String) -> String {
        "{\"timestamp\": 1795719693272, \"type\": \"training_stats_scalar\", \"task\": \"offline-d1a9\", \"iter\": \(step), \"metric\": \"\(title)\", \"variant\": \"\(series)\", \"value\": \(value), \"method\": \"get\"}"
    }

    private static let metrics =
        "[\(event("loss", "train", 0, "0.5")), \(event("loss", "val", 0, "0.75"))]\n"
        + "[\(event("loss", "train", 1, "NaN")), \(event("acc", "top5", 1, "0.25")), \(event("lr", "lr", 1, "0.1")), "
        + "\(event("Summary", "best", -2_147_483_648, "0.9")), \(event(":monitor:machine", "cpu", 3, "12.5")), "
        + "{\"type\": \"plot\", \"iter\": 1, \"metric\": \"h\", \"variant\": \"s\", \"plot_str\": \"{}\"}]\n"

    @Test func offlineSession() throws {
        try Place.with { place in
            try place.write("s/offline-d1a9/task.json", Self.task)
            try place.write("s/offline-d1a9/metrics.jsonl", Self.metrics)
            try place.write(
                "s/offline-d1a9/log.jsonl",
                "[{\"timestamp\": 1795719693325, \"type\": \"log\", \"msg\": \"hello\\nworld\"}]\n")
            try place.write("s/offline-d1a9/data/model.bin", "m")
            try place.write("s/offline-d1a9.zip", "PK")
            try place.write("s/offline-gone.zip", "PK")
            let report = try place.load(nil) { $0.audits = true }
            #expect(report.problems.isEmpty && report.audit?.isEqual == true)
            #expect(report.skipped.isEmpty)
            #expect(report.textsStored == 2 && report.artifactsStored == 2)
            #expect(report.notes.count == 1)
            #expect(report.notes.contains { $0.contains("packed aren't read (s/offline-gone.zip)") })
            #expect(
                try place.shown() == [
                    "t1 acc/top5: 1=0.25", "t1 cpu {system=host}: 3=12.5", "t1 loss {subset=train}: 0=0.5 1=nan",
                    "t1 loss {subset=val}: 0=0.75", "t1 lr: 1=0.1",
                ])
            let run = try #require(try place.repository.snapshot().runs.first)
            #expect(run.params == ["batch": 32, "opt.lr": 0.5, "hp.name": "7"])
            let figure = try place.repository.snapshot().artifacts(of: run.id).first { $0.step != nil }
            #expect(figure?.name == "h/s.plotly.json" && figure?.step == 1 && figure?.size == 2)
            #expect(run.properties["values.best"] == 0.9 && run.properties["experiment"] == "p/q")
            #expect(run.properties["tags.a"] == true && run.properties["git.commit"] == "abc")
            // It grew: a line more, and half a line.
            try place.append(
                "s/offline-d1a9/metrics.jsonl",
                Array((Self.metrics + "[\(Self.event("loss", "val", 1, "0.5"))]\n[{").utf8))
            let again = try place.load(nil)
            #expect(again.pointsStored == 1 && again.newRuns == 0 && again.problemCount == 1)
        }
    }
}
