import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarveImport

/// Proves what becomes of whole W&B and SwanLab folders: which runs, from where what the log doesn't say, what grows, and that a
/// real set is audited equal.
@Suite struct WandBImportTests {
    private func log(_ records: [[UInt8]], ident: String = ":W&B") -> [UInt8] {
        var log = ident == ":W&B" ? BlockLog() : BlockLog(ident: ident, magic: 0xE1D6, version: 2)
        for record in records { log.append(record) }
        return log.bytes
    }

    private func row(_ step: Int64, _ loss: Double) -> [UInt8] { WandBRecords.row(step, [("loss", "\(loss)")]) }

    @Test func foldersAreRuns() throws {
        try Place.with { place in
            let exit = WandBRecords.exit(0)
            try place.write("wandb/run-20240101_000000-aaa/run-aaa.wandb", log([row(0, 1), WandBRecords.exit(1)]))
            try place.write("wandb/run-20240102_000000-aaa/run-aaa.wandb", log([row(1, 2), exit]))
            try place.write("wandb/offline-run-20240103_000000-bbb/run-bbb.wandb", log([row(0, 3), exit]))
            try place.write("wandb/latest-run/run-bbb.wandb", log([row(0, 3), exit]))
            try place.write("wandb/run-20240102_000000-aaa/files/events.out.tfevents.1.h", EventFile.version)
            try place.write("wandb/run-20240104_000000-ccc/run-ccc.wandb", "rubbish")
            let search = try ImportSearch(place.logs)
            #expect(search.parts.map(\.format.name) == ["wandb"])
            let report = try place.load(nil)
            #expect(report.problems.isEmpty && report.newRuns == 2)
            let shown = try place.shown()
            #expect(
                shown == [
                    "wandb/offline-run-20240103_000000-bbb loss: 0=3.0",
                    "wandb/run-20240101_000000-aaa loss: 0=1.0 1=2.0",
                ])
            #expect(try place.repository.snapshot().runs.allSatisfy { $0.status == .finished })
            #expect(try place.load(nil).unchangedRuns == 2)
        }
    }

    /// Files of media, and what the run saved, lie beside the log: they come in once, at their steps; what a log names elsewhere
    /// doesn't.
    @Test func mediaBesideTheLog() throws {
        try Place.with { place in
            let folder = "wandb/run-20240101_000000-aaa"
            let media = WandBRecords.row(
                3,
                [
                    ("img", #"{"_type": "image-file", "path": "media/images/img_3.png"}"#),
                    (
                        "more",
                        #"{"_type": "images/separated", "filenames": ["media/images/a.png", "media/images/gone.png"]}"#
                    ),
                    ("out", #"{"_type": "table-file", "path": "../../../secret.json"}"#),
                ])
            try place.write("\(folder)/run-aaa.wandb", log([media, WandBRecords.exit(0)]))
            try place.write("secret.json", "x")
            for name in [
                "media/images/img_3.png", "media/images/a.png", "config.yaml", "model/weights.bin", "output.log",
            ] {
                try place.write("\(folder)/files/\(name)", name == "config.yaml" ? "" : name)
            }
            let report = try place.load(.wandb)
            #expect(report.artifactsStored == 3)
            #expect(report.skipped == ["images whose files are gone": 1, "tables": 1])
            let snapshot = try place.repository.snapshot()
            let run = try #require(snapshot.runs.first?.id)
            let found = try snapshot.artifacts(of: run).map { "\($0.name) \($0.step ?? -1)" }.sorted()
            #expect(found == ["media/images/a.png 3", "media/images/img_3.png 3", "model/weights.bin -1"])
            #expect(try place.load(.wandb) { $0.audits = true }.artifactsStored == 0)
        }
    }

    /// A file that grows brings only what is new; its run is silent until it says how it ended.
    @Test func filesGrow() throws {
        try Place.with { place in
            let path = "run-20240101_000000-abc/run-abc.wandb"
            let lines = ["ab", "c\nde", "f\n"].map { WandBRecords.output($0) }
            let records = [row(0, 1), lines[0], row(1, 2), lines[1], lines[2], row(2, 3), WandBRecords.exit(0)]
            var points = 0
            var texts = 0
            for count in 0...records.count {
                for isCut in [true, false] where count > 0 || !isCut {
                    var bytes = log(Array(records.prefix(count)))
                    if isCut { bytes.removeLast(3) }
                    try place.write(path, bytes)
                    let report = try place.load(.wandb)
                    points += report.pointsStored
                    texts += report.textsStored
                    #expect(report.problems.count == (isCut ? 1 : 0))
                }
            }
            #expect(points == 3 && texts == 2)
            #expect(try place.shown() == ["run-20240101_000000-abc loss: 0=1.0 1=2.0 2=3.0"])
            let snapshot = try place.repository.snapshot()
            let run = try #require(snapshot.runs.first)
            #expect(run.status == .finished && snapshot.runs.count == 1)
            #expect(try snapshot.text(of: run.id).map(\.text) == ["abc", "def"])
        }
    }

    /// A run that is followed while W&B writes it: every point and line once, cut anywhere, and its end when it is told.
    @Test(arguments: [1, 7, 23]) func followsALiveRun(_ bytesEach: Int) throws {
        try Place.with { place in
            let path = "run-20240101_000000-abc/run-abc.wandb"
            let records = [
                row(0, 1), WandBRecords.output("ab"), row(1, 2), WandBRecords.output("c\nde\n"), row(2, 3),
                WandBRecords.config([("lr", "0.5")]), WandBRecords.exit(0),
            ]
            let whole = log(records)
            let follower = ImportFollower(place.repository, place.logs) { 0 }
            var (points, texts) = (0, 0)
            for count in Array(stride(from: 7, to: whole.count, by: bytesEach)) + [whole.count] {
                try place.append(path, Array(whole[..<count]))
                let report = try follower.pass()
                points += report.pointsStored
                texts += report.textsStored
            }
            try follower.end()
            #expect(points == 3 && texts == 2)
            #expect(try place.shown() == ["run-20240101_000000-abc loss: 0=1.0 1=2.0 2=3.0"])
            let snapshot = try place.repository.snapshot()
            let run = try #require(snapshot.runs.first)
            #expect(run.status == .finished)
            #expect(snapshot.runs.count == 1 && run.params["lr"] == .double(0.5))
            #expect(try snapshot.text(of: run.id).map(\.text) == ["abc", "de"])
        }
    }

    /// Whether a run without an exit was killed is a matter of how long its file has been still.
    @Test func aRunWithoutAnExit() throws {
        try Place.with { place in
            try place.write("run-20240101_000000-abc/run-abc.wandb", log([row(0, 1)]))
            _ = try place.load(.wandb)
            #expect(try place.repository.snapshot().runs.first?.status == .silent)
        }
    }

    /// The files beside the log fill in what it doesn't say, and nothing else.
    @Test func filesBesideTheLog() throws {
        try Place.with { place in
            let config = """
                wandb_version: 1

                _wandb:
                  desc: null
                  value: {cli_version: 0.16}
                lr:
                  desc: null
                  value: 0.001
                opt:
                  desc: null
                  value:
                    name: adam
                    betas: [0.9, 0.99]

                """
            func folder(_ name: String, _ records: [[UInt8]]) throws {
                try place.write("run-1-\(name)/run-\(name).wandb", log(records + [WandBRecords.exit(0)]))
                try place.write("run-1-\(name)/files/config.yaml", config)
                try place.write(
                    "run-1-\(name)/files/wandb-summary.json", "{\"best\": 0.5, \"_wandb\": {\"runtime\": 1}}")
                try place.write(
                    "run-1-\(name)/files/wandb-metadata.json",
                    "{\"host\": \"h\", \"args\": [\"--x\"], \"git\": {\"commit\": \"abc\", \"remote\": null}}")
            }
            try folder("a", [row(0, 1)])
            try folder("b", [row(0, 1), WandBRecords.config([("lr", "0.5")])])
            try place.write("run-1-a/files/notes.txt", "")
            let report = try place.load(nil)
            #expect(report.problems.isEmpty, "\(report.problems)")
            let runs = try place.repository.snapshot().runs
            let a = try #require(runs.first { $0.name == "run-1-a" })
            #expect(a.params["lr"] == .double(0.001) && a.params["opt.name"] == "adam")
            #expect(a.params["opt.betas"] == .json("[0.9,0.99]") && a.params.count == 3)
            #expect(a.values["best"] == .double(0.5) && a.properties["host"] == "h")
            #expect(a.properties["wandb.args"] == .json("[\"--x\"]") && a.properties["git.commit"] == "abc")
            let b = try #require(runs.first { $0.name == "run-1-b" })
            #expect(b.params["lr"] == .double(0.5) && b.params.count == 1)
        }
    }

    @Test func swanLabFolders() throws {
        try Place.with { place in
            let scalar = Message().text(1, "loss").varint(2, 4).message(5, Message().double(1, 0.5))
            let records = [Message().message(13, scalar).bytes, Message().message(11, Message().varint(1, 1)).bytes]
            try place.write("swanlog/run-2026-x/run-x.swanlab", log(records, ident: ":SWL"))
            try place.write(
                "swanlog/run-2026-x/files/config.yaml", "lr:\n  desc: ''\n  sort: 0\n  value: 0.1\n")
            let report = try place.load(nil)
            #expect(report.problems.isEmpty)
            #expect(try place.shown() == ["swanlog/run-2026-x loss: 4=0.5"])
            let run = try #require(try place.repository.snapshot().runs.first)
            #expect(run.params["lr"] == .double(0.1) && run.status == .finished)
        }
    }

    @Test(.enabled(if: PackagePaths.dataSet("wandb-geom3d") != nil, PackagePaths.skipMessage))
    func aRealSetIsAuditedEqual() throws {
        let set = try #require(try DataSet("wandb-geom3d"))
        try Place.with { place in
            let report = try place.load(nil, set.path) { $0.audits = true }
            let audit = try #require(report.audit)
            #expect(audit.isEqual && audit.runs.count == 14 && report.problems.isEmpty)
            let system = audit.runs.flatMap(\.series).filter { $0.metric.context.contains { $0.key == "system" } }
            // `_step` and `_timestamp` of the twelve runs with rows stand with each point.
            #expect(audit.series - system.count == 96 - 24)
            let points = audit.points - system.reduce(0) { $0 + $1.source.points }
            #expect(points == 41_898 - 2 * 6_985)
            let statuses = try place.repository.snapshot().runs.map(\.status)
            #expect(statuses.count { $0 == .killed } + statuses.count { $0 == .silent } == 5)
            #expect(statuses.count { $0 == .failed } == 1)
            #expect(try place.load(nil, set.path).unchangedRuns == 14)
        }
    }
}
