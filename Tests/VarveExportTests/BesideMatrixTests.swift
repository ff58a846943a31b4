import Testing
import Varve
import VarveFiles
import VarveImport
import VarveTestSupport

@testable import VarveExport

/// Shows that what runs have beside points goes out as TensorBoard, MLflow and SQLite read it, wherever they have a place for it:
/// artifacts byte for byte, records number by number, text, attempts; what they can't hold is listed here, and in Docs/Export.md.
struct BesideMatrixTests {
    private typealias Row = ExpectedPoints

    private let snapshot: Snapshot
    private let first: RunInfo

    init() throws {
        let hard = try HardRepository(longSeries: 10)
        snapshot = hard.snapshot
        first = try #require(snapshot.run(hard.first))
    }

    private func kind(_ line: String) -> String { String(line.dropFirst(2).prefix { $0 != "\"" }) }

    // MARK: MLflow

    @Test(.enabled(if: ForeignReader.has("mlflow"), ForeignReader.skipMessage("mlflow")))
    func mlflowReadsArtifacts() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/mlruns"
            let report = try snapshot.exportMLflow(Query(), to: path, experiment: "e")
            let lines = try ForeignReader.lines("read_mlflow", path)
            let id = JSONValue.string(first.id.description)
            let artifacts = try snapshot.artifacts(of: first.id)
            #expect(report.artifacts == artifacts.count && report.problems.isEmpty)
            // Each content under the name that HardRecords says, by its hash.
            for artifact in artifacts {
                let places = HardRecords.mlflowPlaces[artifact.name] ?? []
                let rows = places.map {
                    Row.row("artifact", id, .string($0), .int(Int64(artifact.size)), .string(artifact.sha256))
                }
                #expect(rows.contains(where: lines.contains), "\(artifact.name) \(artifact.version): \(rows)")
            }
            let records = try snapshot.records(of: first.id)
            #expect(report.records == records.count && records.count == 8)
            expectSame(
                try lines.filter { kind($0) == "record" }.map {
                    try JSONValue(parsing: try #require(JSONValue(parsing: $0).arrayValue?[2].stringValue)).text
                }, records.map { JSONValue.object(RecordLine.object($0)).text }, "records")
            for record in records {
                guard case .confusionMatrix(let matrix) = record.content, matrix.labels.count < 100 else { continue }
                let name = record.step.map { "step \($0)" } ?? "no step"
                let place = record.metric.context[0].key == "subset" ? "val" : "k=a/b"
                for row in matrix.rows {
                    let cells = [row.label] + row.counts.map { "\($0)" }
                    let line = JSONValue.array(
                        ["row", id, .string("varve/records/confusion/\(place)/\(name).csv")] + cells.map { .string($0) }
                    )
                    #expect(lines.contains(line.text), "\(line.text)")
                }
            }
            #expect(lines.contains(Row.row("row", id, "varve/records/wide/step -3.cells.csv", "c3", "c1000", "2")))
            for (path, text) in [
                ("stdout.txt", "first line\ntwo\nlines\n"), ("samples/val.txt", "## a step's\ntext\nanother\n"),
                ("__/note.txt", "note\n"),
            ] { #expect(lines.contains(Row.row("text", id, .string("varve/text/\(path)"), .string(text))), "\(path)") }
            #expect(report.lines == 5)
        }
    }

    /// What was copied is what was added, or isn't there and is named.
    @Test func damagedArtifactsStayBehind() throws {
        try withTemporaryDirectory { directory in
            let hard = try HardRepository(at: "\(directory)/repo", longSeries: 10)
            let snapshot = hard.snapshot
            let artifacts = try snapshot.artifacts(of: hard.first)
            let (damaged, missing) = (artifacts[0], artifacts[3])
            let system = RealFileSystem()
            let file = try system.open(try #require(damaged.path), .update)
            try file.write([9], at: 2 << 20)
            file.close()
            try system.unlink(try #require(missing.path))
            let report = try snapshot.exportMLflow(Query(), to: "\(directory)/mlruns", experiment: "e")
            #expect(
                report.problems.map(\.error.code) == [.notFound, .damaged]
                    || report.problems.map(\.error.code) == [.damaged, .notFound])
            #expect(report.artifacts == artifacts.count - 2)
            #expect(
                try snapshot.exportMLflow(Query(), to: "\(directory)/b", experiment: "e", withArtifacts: false)
                    .artifacts == 0)
        }
    }

    // MARK: TensorBoard

    @Test(.enabled(if: ForeignReader.has("tensorboard"), ForeignReader.skipMessage("tensorboard")))
    func tensorBoardShowsThem() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/events"
            let report = try snapshot.exportTensorBoard(Query(), to: path)
            let lines = try ForeignReader.lines("read_tensorboard", path)
            let folder = "run _1_/größe_\u{1F9EA}"
            // Edges that are infinite become the other one of their bin.
            let largest = Double.greatestFiniteMagnitude
            for step in [1, 2] {
                for (tag, last) in [("loss/histogram", 3.0), ("gewicht \u{1F9EA}", Double(step))] {
                    let numbers: [Double] = [-0.0, -0.0, 1, -0.0, 0.1, 0.5, 0.1, largest, 0, largest, largest, last]
                    let row = Row.row(
                        "histograms", .string("\(folder)/val"), .string(tag), .int(Int64(step)), .string(Row.hex(1e-9)),
                        [4, 3],
                        .array(numbers.map { .string(Row.hex($0)) }))
                    #expect(lines.contains(row), "\(row)")
                }
            }
            #expect(
                report.renamings.contains { $0.kind == .record && $0.name == "loss" && $0.becomes == "loss/histogram" })
            let seconds = JSONValue.string(Row.hex(1_795_428_000.5))
            for (step, text) in [(7, "## a step's\ntext"), (8, "another")] {
                let row = Row.row(
                    "text", .string(folder), "samples/val", .int(Int64(step)), seconds, [], [.string(text)])
                #expect(lines.contains(row), "\(row)")
            }
            #expect(lines.contains { kind($0) == "text" && $0.contains("\"note\",0") && $0.contains("two\\nlines") })
            // A matrix and a report are tables of texts, whose cells are Markdown.
            let table = try #require(lines.first { kind($0) == "text" && $0.contains("/val\",\"confusion\",5,") })
            #expect(
                table.contains(",[6,6],") && table.contains(#"\\*b\\*\\_<i\\>"#)
                    && table.contains("\"20.0\",\"21.0\",\"5.5\""))
            let means = try #require(lines.first { kind($0) == "text" && $0.contains("\"a/b\",1,") })
            #expect(means.contains(",[9,5],") && means.contains("\"nan\",\"0.25\",\"-0.0\",\"3.0\""))
            let picture = try #require(snapshot.artifacts(of: first.id).first { $0.name.hasSuffix("png") })
            let image = try #require(lines.first { kind($0) == "images" })
            #expect(
                image.contains("\"figures/roc.png\"") && image.hasSuffix(#",[3],["1","1","\#(picture.sha256)"]]"#),
                "\(image)")
            #expect(report.artifacts == 1 && report.records == 8 && report.lines == 3)
        }
    }

    // MARK: SQLite

    @Test(.enabled(if: ForeignReader.has("sqlite3"), ForeignReader.skipMessage("sqlite3")))
    func sqliteHasTables() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/all.sqlite"
            let report = try snapshot.exportSQLite(Query(), to: path, withText: true)
            let lines = try ForeignReader.lines("read_sqlite", path)
            func integer(_ number: Int?) -> JSONValue { number.map { .int(Int64($0)) } ?? .null }
            func double(_ number: Double) -> JSONValue { number.isNaN ? .null : .string(Row.hex(number)) }
            let id = JSONValue.string(first.id.description)
            var attempts: [String] = []
            for run in snapshot.runs {
                for one in snapshot.attempts(of: run.id) {
                    attempts.append(
                        Row.row(
                            "attempt", .string(run.id.description), integer(one.number), .string(one.status.rawValue),
                            Row.time(one.created), one.ended.map { .int($0) } ?? .null, integer(one.resumedAt), "[]",
                            .string(JSONValue.array(one.hosts.map { .string($0) }).text), integer(one.points), 0))
                }
            }
            expectSame(lines.filter { kind($0) == "attempt" }, attempts, "attempts")
            #expect(snapshot.attempts(of: first.id).map(\.status) == [.failed, .finished] && attempts.count == 6)
            let artifacts = try snapshot.artifacts(of: first.id).map { one in
                Row.row(
                    "artifact", id, .string(one.name), .string(one.version), integer(one.step), Row.time(one.time),
                    "{}",
                    .string(one.sha256), integer(one.size), .string(one.mediaType), 1)
            }
            expectSame(lines.filter { kind($0) == "artifact" }, artifacts, "artifacts")
            var records: [String] = []
            func add(_ report: ClassReport) {
                for one in report.classes {
                    records.append(
                        Row.row(
                            "classes", .string(one.label), double(one.precision), double(one.recall), double(one.f1),
                            double(one.support)))
                }
            }
            for record in try snapshot.records(of: first.id) {
                let metric = record.metric
                records.append(
                    Row.row(
                        "record", id, .string(record.content.kind.rawValue), .string(metric.name),
                        .string(Row.context(metric)), integer(record.step), Row.time(record.time)))
                switch record.content {
                case .classReport(let report): add(report)
                case .confusionMatrix(let matrix):
                    add(ClassReport(matrix))
                    for cell in matrix.cells {
                        records.append(
                            Row.row("cells", integer(cell.truth), integer(cell.predicted), double(cell.count)))
                    }
                case .histogram(let histogram):
                    for (i, count) in histogram.counts.enumerated() {
                        records.append(
                            Row.row("bins", double(histogram.edges[i]), double(histogram.edges[i + 1]), double(count)))
                    }
                }
            }
            expectSame(lines.filter { ["record", "classes", "cells", "bins"].contains(kind($0)) }, records, "records")
            let text = try snapshot.text(of: first.id).map { line in
                Row.row(
                    "text", id, .string(line.channel), integer(line.rank), integer(line.step), Row.time(line.time),
                    .string(line.text))
            }
            expectSame(lines.filter { kind($0) == "text" }, text, "texts")
            #expect(report.lines == 5 && report.records == 8 && report.artifacts == 8)
            _ = try snapshot.exportSQLite(Query(metric: "loss"), to: "\(directory)/loss.sqlite")
            let some = try ForeignReader.lines("read_sqlite", "\(directory)/loss.sqlite")
            #expect(some.count { kind($0) == "record" } == 2 && !some.contains { kind($0) == "text" })
        }
    }

    // MARK: JSON Lines

    /// Records stand behind the points, and our own importer brings them back.
    @Test func jsonLinesComeBack() throws {
        try withTemporaryDirectory { directory in
            var bytes: [UInt8] = []
            _ = try snapshot.export(Query(), as: .jsonl) { bytes += $0 }
            let file = try RealFileSystem().open("\(directory)/all.jsonl", .createNew)
            try file.write(bytes, at: 0)
            file.close()
            let copy = try Repository.create(at: "\(directory)/copy")
            _ = try copy.importLogs(.jsonl, from: "\(directory)/all.jsonl")
            let back = try copy.snapshot()
            let run = try #require(back.runs.first { $0.name == first.name })
            let (old, new) = (try snapshot.records(of: first.id), try back.records(of: run.id))
            #expect(old.count == new.count)
            for (a, b) in zip(old, new) { #expect(a.isSame(as: b), "\(a) \(b)") }
        }
    }
}

extension Record {
    /// Equal, NaN and all. What no JSON can say is the payload of a NaN; what has no time gets one when it is imported.
    fileprivate func isSame(as other: Record) -> Bool {
        var other = other
        if time == .min { other.time = time }
        return JSONValue.object(RecordLine.object(self)).text == JSONValue.object(RecordLine.object(other)).text
    }
}
