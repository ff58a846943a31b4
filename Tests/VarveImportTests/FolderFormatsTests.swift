import Testing
import Varve
import VarveFiles

@testable import VarveImport

/// Proves what becomes of folders that DVCLive, sacred and SwanLab before 0.8 leave, each written here as those tools write them:
/// every value, which run, its params, its end; again without anything twice, and with what grew.
struct FolderFormatsTests {
    private func properties(_ place: Place, _ name: String) throws -> Properties {
        let info = try #require(try place.repository.snapshot().runs.first { $0.name == name })
        return info.properties
    }

    @Test func dvclive() throws {
        try Place.with { place in
            let folder = "exp/dvclive"
            try place.write("\(folder)/plots/metrics/train/loss.tsv", "step\tloss\n0\t1.5\n1\tnan\n")
            try place.write("\(folder)/plots/metrics/lr.tsv", "timestamp\tstep\tlr\n1700000000000\t0\t0.1\n")
            try place.write("\(folder)/plots/images/a.png", "x")
            try place.write("\(folder)/metrics.json", "{\"train\": {\"loss\": 0.5}, \"step\": 1}")
            try place.write("\(folder)/params.yaml", "lr: 0.1\n")
            let search = try ImportSearch(place.logs)
            #expect(search.parts.map(\.format.name) == ["dvclive"] && search.notes.isEmpty)
            #expect(try place.load(nil) { $0.audits = true }.audit?.isEqual == true)
            #expect(try place.shown() == ["exp loss {subset=train}: 0=1.5 1=nan", "exp lr: 0=0.1"])
            let found = try properties(place, "exp")
            #expect(found["params.lr"] == 0.1 && found["values.train.loss"] == 0.5)
            let grown = "timestamp\tstep\tlr\n1700000000000\t0\t0.1\n1700000001000\t1\t0.2\n"
            try place.append("\(folder)/plots/metrics/lr.tsv", Array(grown.utf8))
            let again = try place.load(nil)
            #expect(again.pointsStored == 1 && again.artifactsStored == 0 && again.newRuns == 0)
        }
    }

    @Test func sacred() throws {
        try Place.with { place in
            let run = """
                {"experiment": {"name": "digits"}, "command": "main", "status": "FAILED", "heartbeat": "2024-01-01T00:00:09",
                 "start_time": "2024-01-01T00:00:00.5", "stop_time": "2024-01-01T00:00:10", "result": 0.75,
                 "host": {"hostname": "h1"}, "meta": {"comment": "try"}, "fail_trace": ["a\\n", "b\\n"]}
                """
            try place.write("my_runs/1/run.json", run)
            try place.write("my_runs/1/config.json", "{\"lr\": 0.1, \"net\": {\"depth\": 3}, \"seed\": 7}")
            let metrics = """
                {"train.loss": {"steps": [0, 1, 1], "values": [1.5, NaN, {"dtype": "float64", "value": 0.25}],
                  "timestamps": ["2024-01-01T00:00:01", "2024-01-01T00:00:02", "2024-01-01T00:00:03"]},
                 "odd": {"steps": [0]}}
                """
            try place.write("my_runs/1/metrics.json", metrics)
            try place.write("my_runs/1/info.json", "{\"best\": 3}")
            try place.write("my_runs/1/cout.txt", "hello\nworld\n")
            try place.write("my_runs/1/model.bin", "x")
            let report = try place.load(nil)
            #expect(report.problems.map(\.message) == ["a metric without steps, times and values, odd, skipped"])
            #expect(report.textsStored == 2 && report.artifactsStored == 1)
            #expect(try place.shown() == ["my_runs/1 loss {subset=train}: 0=1.5 1=nan 1=0.25"])
            let info = try #require(try place.repository.snapshot().runs.first)
            #expect(info.status == .failed)
            let found = info.properties
            #expect(found["params.net.depth"] == 3 && found["values.result"] == 0.75 && found["experiment"] == "digits")
            #expect(found["host"] == "h1" && found["note"] == "try" && found["sacred.info.best"] == 3)
            #expect(found["sacred.fail_trace"] == "a\nb\n")
            let again = try place.load(nil) { $0.audits = true }
            #expect(again.pointsStored == 0 && again.textsStored == 0 && again.artifactsStored == 0)
        }
    }

    @Test func swanlabFolders() throws {
        try Place.with { place in
            let database = try TestDatabase(Paths.join(place.logs, "runs.swanlab"))
            try database.run(
                """
                CREATE TABLE project (id INTEGER PRIMARY KEY, name VARCHAR(100));
                CREATE TABLE experiment (id INTEGER PRIMARY KEY, project_id INTEGER, run_id TEXT, name VARCHAR(100),
                    description VARCHAR(255), status INTEGER, version VARCHAR(30), create_time VARCHAR(30),
                    finish_time VARCHAR(30));
                CREATE TABLE tag (id INTEGER PRIMARY KEY, experiment_id INTEGER, name VARCHAR(255), folder VARCHAR(255),
                    type VARCHAR(10), system INTEGER);
                INSERT INTO project VALUES (1, 'p');
                INSERT INTO experiment VALUES (1, 1, 'run-1-a', 'first', 'note', 1, '0.6.0',
                    '2026-01-01T00:00:00+00:00', '2026-01-01T00:00:09+00:00'), (2, 1, 'run-2-b', 'second', '', 0, '0.6.0',
                    '2026-01-01T00:00:00+00:00', NULL);
                INSERT INTO tag VALUES (1, 1, 'val/acc', '0', 'line', 0), (2, 1, 'img', '1', 'image', 0),
                    (3, 1, '__swanlab__.cpu', '2', 'line', 1), (4, 1, 'gone', '3', 'line', 0);
                """)
            func line(_ step: Int, _ data: String) -> String {
                "{\"index\": \(step), \"data\": \(data), \"create_time\": \"2026-01-01T00:00:01+00:00\"}\n"
            }
            try place.write("run-1-a/logs/0/1000.log", line(0, "0.5") + line(1, "\"NaN\"") + line(2, "\"-INF\""))
            try place.write("run-1-a/logs/0/2000.log", line(1000, "3.0") + "rubbish\n")
            try place.write("run-1-a/logs/1/1000.log", line(4, "[\"a.png\"]"))
            try place.write("run-1-a/logs/2/1000.log", line(0, "12.5"))
            try place.write("run-1-a/media/1/a.png", "x")
            try place.write("run-1-a/files/config.yaml", "lr: {desc: '', sort: 0, value: 0.1}\n")
            let report = try place.load(nil)
            #expect(report.newRuns == 2 && report.artifactsStored == 1 && report.problemCount == 2)
            #expect(
                try place.shown() == [
                    "first __swanlab__.cpu {system=host}: 0=12.5",
                    "first acc {subset=val}: 0=0.5 1=nan 2=-inf 1000=3.0",
                ])
            let found = try properties(place, "first")
            #expect(found["params.lr"] == 0.1 && found["note"] == "note" && found["swanlab.project"] == "p")
            let statuses = try place.repository.snapshot().runs.map(\.status)
            #expect(Set(statuses) == [.finished, .silent])
            try place.append("run-1-a/logs/2/1000.log", Array((line(0, "12.5") + line(1, "13")).utf8))
            let again = try place.load(nil)
            #expect(again.pointsStored == 1 && again.artifactsStored == 0 && again.newRuns == 0)
        }
    }
}
