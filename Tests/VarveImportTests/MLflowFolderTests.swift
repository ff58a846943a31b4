import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarveImport

/// Proves what the importer makes of MLflow's folders: names, numbers and times in all spellings of twelve years, params, tags,
/// ends, artifacts; that damage costs its line; and that what grows is added once.
@Suite struct MLflowFolderTests {
    private func meta(_ run: String, _ more: String = "status: 3\nlifecycle_stage: active\n") -> String {
        "artifact_uri: file:///nowhere/artifacts\nexperiment_id: '1'\nrun_id: \(run)\nrun_name: name of \(run)\n"
            + "start_time: 1700000000000\nend_time: 1700000009500\nuser_id: me\n\(more)"
    }

    private func points(_ text: String) throws -> (sink: CollectingSink, values: [String]) {
        let sink = CollectingSink()
        try MLflowMetricLines(file: "f", metric: "m", into: sink).read(MemorySource(Array(text.utf8)))
        let values = (sink.points[MetricKey("m")] ?? []).map { point in
            "\(point.step)@\(point.time == .min ? "-" : String(point.time / 1_000_000))=\(Double(bitPattern: point.value))"
        }
        return (sink, values)
    }

    @Test func readsLines() throws {
        let (sink, values) = try points(
            "1700000000001 0.5 7\n1700000000 nan 7\n1700000000002 inf -3\r\n1700000000003 -Infinity 2\n"
                + "1700000000004 1.7976931348623157e+308 3\n1700000000004 -1.7976931348623157e+308 3\n"
                + "1700000000004 1e-3 4 data 0abc\n1700000000005 9007199254740993 5\n")
        #expect(
            values == [
                "7@1700000000001=0.5", "7@1700000000000=nan", "-3@1700000000002=inf", "2@1700000000003=-inf",
                "3@1700000000004=inf", "3@1700000000004=-inf", "4@1700000000004=0.001",
                "5@1700000000005=9007199254740992.0",
            ])
        #expect(sink.skips == ["links of points to data sets and models": 1] && sink.roundings == 1)
        #expect(sink.problems.isEmpty)
    }

    /// Lines from before MLflow had steps are counted.
    @Test func countsLinesWithoutSteps() throws {
        #expect(
            try points("1530000000 0.5\n1530000001 0.25\n\n1530000002 0.125\n").values
                == ["0@1530000000000=0.5", "1@1530000001000=0.25", "2@1530000002000=0.125"])
    }

    @Test func namesWhatIsNoPoint() throws {
        let (sink, values) = try points("x\n1 2 x\n1700000000000 word 1\n1700000000001 1 1\n1700000000001 1 2")
        #expect(values == ["1@1700000000001=1.0"])
        #expect(sink.problems.map(\.line) == [1, 2, 3, 5] && sink.problems.map(\.offset) == [0, 2, 8, 47])
        #expect(try points("5 1 1\n").values == ["1@-=1.0"])
    }

    /// Cut off anywhere, all whole lines come in and what is left is named; no flipped bit does more than harm to its line.
    @Test func damageCostsItsLine() throws {
        let text = "1700000000000 0.5 1\n1700000000001 0.25 2\n1700000000002 0.125 3\n"
        let bytes = Array(text.utf8)
        let ends = bytes.indices.filter { bytes[$0] == 0x0A }.map { $0 + 1 }
        for count in 0...bytes.count {
            let (sink, values) = try points(String(text.prefix(count)))
            #expect(values.count == ends.count { $0 <= count })
            #expect(sink.problems.isEmpty == (count == 0 || ends.contains(count)), "\(count) bytes")
        }
        for index in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[index] ^= 1 << bit
                let sink = CollectingSink()
                try MLflowMetricLines(file: "f", metric: "m", into: sink).read(MemorySource(damaged))
                #expect(sink.pointCount >= 1 && sink.pointCount <= 4, "bit \(bit) of \(index)")
            }
        }
    }

    @Test func importsARun() throws {
        try Place.with { place in
            try place.write("mlruns/1/meta.yaml", "experiment_id: '1'\nlifecycle_stage: active\nname: my exp\n")
            let run = "mlruns/1/u1/"
            try place.write(run + "meta.yaml", meta("u1"))
            try place.write(run + "metrics/val/loss", "1700000001000 0.5 1\n")
            try place.write(run + "metrics/a/b/c d", "1700000002000 3 1\n")
            for (key, text) in [
                ("lr", "0.1"), ("opt/name", "adam"), ("n", "3"), ("on", "True"), ("none", "None"), ("id", "+7"),
            ] {
                try place.write(run + "params/" + key, text)
            }
            try place.write(run + "tags/mlflow.note.content", "a note")
            try place.write(run + "tags/mlflow.source.git.commit", "abc")
            try place.write(run + "tags/team", "blue")
            try place.write(run + "artifacts/model/data.csv", "step,loss\n1,2\n")
            try place.write(run + "inputs/x/meta.yaml", "a: b\n")
            let report = try place.load(nil) { $0.audits = true }
            #expect(report.newRuns == 1 && report.pointsStored == 2 && report.artifactsStored == 1, "\(report)")
            #expect(report.skipped == ["data sets of runs": 1] && report.problemCount == 0)
            #expect(report.audit?.isEqual == true)
            let snapshot = try place.repository.snapshot()
            let info = try #require(snapshot.runs.first)
            #expect(info.name == "name of u1" && info.status == .finished)
            #expect(info.created == 1_700_000_000_000_000_000 && info.ended == 1_700_000_009_500_000_000)
            #expect(info.params == ["lr": 0.1, "opt/name": "adam", "n": 3, "on": true, "none": .null, "id": "+7"])
            #expect(info.tags == ["team"] && info.properties["note"] == "a note")
            #expect(info.properties["experiment"] == "my exp" && info.properties["mlflow.source.git.commit"] == "abc")
            #expect(try place.shown() == ["name of u1 a/b/c d: 1=3.0", "name of u1 loss {subset=val}: 1=0.5"])
            let artifact = try #require(try snapshot.artifacts(of: info.id).first)
            #expect(artifact.name == "model/data.csv" && artifact.size == 14)
            #expect(try place.load(nil).unchangedRuns == 1)
        }
    }

    @Test(arguments: [
        ("1", RunStatus.silent), ("2", .silent), ("3", .finished), ("4", .failed), ("5", .killed), ("RUNNING", .silent),
        ("FAILED", .failed),
    ])
    func keepsEnds(_ status: String, _ expected: RunStatus) throws {
        try Place.with { place in
            try place.write("r/meta.yaml", meta("u", "status: \(status)\n"))
            try place.write("r/metrics/x", "1700000001000 0.5 1\n")
            _ = try place.load(nil)
            #expect(try place.repository.snapshot().runs.map(\.status) == [expected])
        }
    }

    /// A live run grows, ends, is deleted, moves: each is what it was, once.
    @Test func goesOn() throws {
        try Place.with { place in
            try place.write("m/1/u/meta.yaml", meta("u", "status: 1\n"))
            try place.write("m/1/u/metrics/x", "1700000001000 0.5 1\n")
            try place.write("m/1/d/meta.yaml", meta("d", "lifecycle_stage: deleted\n"))
            try place.write("m/1/d/metrics/table.csv", "step,a\n1,2\n")
            #expect(try place.load(nil).newRuns == 1)
            try place.write("m/1/u/metrics/x", "1700000001000 0.5 1\n1700000002000 1 2\n1700000003000 ")
            try place.write("m/1/u/metrics/a", "1700000002000 7 2\n")
            let grown = try place.load(nil)
            #expect(grown.pointsStored == 2 && grown.grownRuns == 1 && grown.problemCount == 1)
            try RealFileSystem().rename(Paths.join(place.logs, "m"), Paths.join(place.logs, "elsewhere"))
            try place.write("elsewhere/1/u/metrics/x", "1700000001000 0.5 1\n1700000002000 1 2\n1700000003000 2 3\n")
            try place.write("elsewhere/1/u/meta.yaml", meta("u", "status: 3\n"))
            #expect(try place.load(nil).pointsStored == 1)
            #expect(try place.shown() == ["name of u a: 2=7.0", "name of u x: 1=0.5 2=1.0 3=2.0"])
            #expect(try place.repository.snapshot().runs.map(\.status) == [.finished])
        }
    }

    /// Artifacts are left where they are if somebody says so.
    @Test func leavesArtifacts() throws {
        try Place.with { place in
            try place.write("u/meta.yaml", meta("u"))
            try place.write("u/artifacts/a", "x")
            try place.write("u/metrics/x", "1700000001000 0.5 1\n")
            let report = try place.load(nil) { $0.artifacts = false }
            #expect(report.artifactsStored == 0 && report.skipped == ["artifacts": 1])
            #expect(try place.load(nil).artifactsStored == 1)
            #expect(try place.load(nil).artifactsStored == 0)
        }
    }

    @Test func namesDamagedMetaFiles() throws {
        try Place.with { place in
            try place.write("a/meta.yaml", "experiment_id: [\nrun_id: u\n")
            try place.write("b/meta.yaml", meta("u"))
            try place.write("b/metrics/x", "1700000001000 0.5 1\n")
            try place.write("c/meta.yaml", "name: not of MLflow\n")
            let report = try place.load(nil)
            #expect(report.newRuns == 1 && report.problems.map(\.file) == ["a/meta.yaml"], "\(report.problems)")
        }
    }
}
