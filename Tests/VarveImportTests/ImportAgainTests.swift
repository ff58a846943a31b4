import Testing
import Varve
import VarveExport
import VarveFiles
import VarveTestSupport

@testable import VarveImport

/// Proves that importing again adds what is new and nothing twice, whatever became of the files: grown by a record, cut off
/// at any byte and completed later, joined by more files, moved, replaced; and what becomes of the rest of a run.
@Suite struct ImportAgainTests {
    private let event = "events.out.tfevents.1.h"
    private func records(_ steps: Range<Int>) -> [UInt8] {
        steps.flatMap { EventFile.scalar("loss", Float($0) / 2, step: Int64($0)) }
    }

    @Test func addsWhatGrew() throws {
        try Place.with { place in
            try place.write("a/\(event)", EventFile.version + records(0..<2))
            #expect(try place.load(.tensorboard).pointsStored == 2)
            try place.write("a/\(event)", EventFile.version + records(0..<4))
            try place.write("a/events.out.tfevents.2.h", records(1..<3))
            try place.write("a/train/\(event)", records(7..<8))
            let report = try place.load(.tensorboard)
            #expect(report.pointsStored == 5 && report.grownRuns == 1 && report.newRuns == 0)
            #expect(
                try place.shown() == ["a loss {subset=train}: 7=3.5", "a loss: 0=0.0 1=0.5 2=1.0 3=1.5 1=0.5 2=1.0"])
            #expect(try place.load(.tensorboard).unchangedRuns == 1)
            let info = try #require(try place.repository.snapshot().runs.first)
            #expect(info.status == .finished && info.points == 7)
        }
    }

    /// A file is imported as it stands at every length; in the end every point is there once.
    @Test(arguments: [ImportFormat.tensorboard, .csv, .jsonl])
    func growsByteByByte(_ format: ImportFormat) throws {
        let files: [ImportFormat: (String, [UInt8])] = [
            .tensorboard: ("a/\(event)", records(0..<3)),
            .csv: ("a/m.csv", Array("step,loss\r\n0,0.0\r\n1,0.5\r\n2,1.0\r\n".utf8)),
            .jsonl: (
                "a/m.jsonl", Array("{\"step\":0,\"loss\":0.0}\n{\"step\":1,\"loss\":0.5}\n{\"step\":2,\"loss\":1}".utf8)
            ),
        ]
        let (path, bytes) = try #require(files[format])
        try Place.with { place in
            // Steps of five bytes cut everywhere within a few rows, and a last row may turn out to be longer than it was.
            for count in stride(from: 0, to: bytes.count, by: 5) {
                try place.write(path, Array(bytes[..<count]))
                _ = try place.load(format)
            }
            try place.write(path, bytes)
            _ = try place.load(format)
            #expect(try place.shown() == ["a loss: 0=0.0 1=0.5 2=1.0"])
            #expect(try place.load(format).pointsStored == 0)
        }
    }

    @Test func refusesWhatWasReplaced() throws {
        try Place.with { place in
            try place.write("a/m.csv", "step,loss\n1,2\n")
            try place.write("b/m.csv", "step,loss\n1,3\n")
            #expect(try place.load(.csv).newRuns == 2)
            try place.write("a/m.csv", "step,loss\n1,4\n2,5\n")
            let report = try place.load(.csv)
            #expect(report.refused == ["a: a/m.csv"] && report.pointsStored == 0)
            #expect(try place.shown() == ["a loss: 1=2.0", "b loss: 1=3.0"])
            let forced = try place.load(.csv) { $0.replaceChanged = true }
            #expect(forced.refused.isEmpty && forced.newRuns == 1 && forced.unchangedRuns == 1)
            #expect(try place.shown() == ["a loss: 1=4.0 2=5.0", "b loss: 1=3.0"])
        }
    }

    /// An import that was killed, or lost points when the power failed, is made good: the run is read again from the
    /// beginning. Where one of its files is gone, it is left and named instead.
    @Test(arguments: ["import.complete", "import.points"])
    func makesGoodWhatWasCutShort(_ key: String) throws {
        let state: [String: PropertyValue] = key == "import.complete" ? [key: false] : [key: 99]
        try Place.with { place in
            try place.write("a/\(event)", records(0..<3))
            try place.write("a/events.out.tfevents.2.h", records(7..<9))
            #expect(try place.load(.tensorboard).newRuns == 1)
            let run = try #require(try place.repository.snapshot().runs.first)
            let half = try place.repository.resumeRun(run.id)
            try half.series("loss").log(1, step: 99, time: 0)
            try half.finish()
            try place.repository.set(state, of: [run.id])
            let report = try place.load(.tensorboard)
            #expect(report.newRuns == 1 && report.pointsStored == 5)
            #expect(try place.shown() == ["a loss: 0=0.0 1=0.5 2=1.0 7=3.5 8=4.0"])

            let again = try #require(try place.repository.snapshot().runs.first)
            try place.repository.set(state, of: [again.id])
            try RealFileSystem().unlink(Paths.join(place.logs, "a/events.out.tfevents.2.h"))
            #expect(try place.load(.tensorboard).refused.count == 1)
            #expect(try place.shown() == ["a loss: 0=0.0 1=0.5 2=1.0 7=3.5 8=4.0"])
        }
    }

    /// A directory that was moved is the same campaign; a copy of it is another, even if it holds the same bytes.
    @Test func followsAMove() throws {
        try Place.with { place in
            try place.write("x/a/m.csv", "step,loss\n1,2\n")
            let (old, new) = (Paths.join(place.logs, "x"), Paths.join(place.logs, "y"))
            #expect(try place.load(.csv, old).newRuns == 1)
            try RealFileSystem().rename(old, new)
            #expect(try place.load(.csv, new + "/.").unchangedRuns == 1)
            try place.write("x/a/m.csv", "step,loss\n1,2\n")
            try place.write("z/a/m.csv", "step,loss\n1,2\n")
            #expect(try place.load(.csv, Paths.join(place.logs, "z")).newRuns == 1)
        }
    }

    /// A file beside the first gives a run a longer name; the run that is there stays the one it is.
    @Test func knowsARunByItsFile() throws {
        try Place.with { place in
            try place.write("a/m.csv", "step,loss\n1,2\n")
            #expect(try place.load(.csv).newRuns == 1)
            try place.write("a/m.csv", "step,loss\n1,2\n2,3\n")
            try place.write("a/n.csv", "step,acc\n1,0\n")
            let report = try place.load(.csv)
            #expect(report.newRuns == 1 && report.grownRuns == 1 && report.pointsStored == 2)
            #expect(try place.shown() == ["a loss: 1=2.0 2=3.0", "a/n acc: 1=0.0"])
        }
    }

    /// Other rules the second time take nothing back, and store nothing twice.
    @Test func changesItsMindWithoutHarm() throws {
        try Place.with { place in
            try place.write("a/train/\(event)", records(0..<2))
            try place.write("a/val/\(event)", records(0..<2))
            #expect(try place.load(.tensorboard) { $0.keepNames = true }.newRuns == 2)
            try place.write("a/val/\(event)", records(0..<3))
            #expect(try place.load(.tensorboard).pointsStored == 1)
            #expect(try place.load(.tensorboard).pointsStored == 0)
        }
    }

    /// One table of several runs, which come in any order, come back, and grow; also more of them than are written at once, and than
    /// memory has room for. Each import makes one file a run at most.
    @Test(arguments: [(64, 1 << 18), (3, 20), (1, 1)])
    func splitsATableByRun(_ maxOpen: Int, _ maxWaiting: Int) throws {
        try Place.with { place in
            let rows = (0..<40).map { "s\($0 % 10),\($0 / 10),\($0)\n" }.joined()
            try place.write("m.csv", "seed,step,loss\n" + rows)
            func change(_ options: inout ImportOptions) {
                options.run = "seed"
                options.maxOpenRuns = maxOpen
                options.maxWaitingPoints = maxWaiting
            }
            let report = try place.load(.csv, nil, change)
            #expect(report.newRuns == 10 && report.pointsStored == 40 && report.emptyRuns == 0)
            #expect(try place.files().count == 10)
            try place.write("m.csv", "seed,step,loss\n" + rows + "s7,9,1\ns10,0,2\n")
            let again = try place.load(.csv, nil, change)
            #expect(again.newRuns == 1 && again.pointsStored == 2)
            // One for each new mark, too: the table has grown for all of its runs.
            #expect(try place.files().count == 21)
            let shown = try place.shown()
            #expect(shown.count == 11)
            #expect(shown.contains("s7 loss: 0=7.0 1=17.0 2=27.0 3=37.0 9=1.0") && shown.contains("s10 loss: 0=2.0"))
        }
    }

    /// Records don't wait: they open their run. The points that wait already come before those that are logged then.
    @Test func recordsOfManyRunsKeepTheOrderOfPoints() throws {
        try Place.with { place in
            let histogram = #""histogram": {"edges": [0, 1], "counts": [2]}"#
            var lines = ""
            for step in 0..<3 {
                for run in ["a", "b", "c"] {
                    func line(_ metric: String, _ content: String) -> String {
                        #"{"run": "\#(run)", "metric": "\#(metric)", "context": {}, "step": \#(step), "time": null, \#(content)}"#
                            + "\n"
                    }
                    lines += line("loss", "\"value\": \(step)")
                    if step == 1 { lines += line("h", histogram) }
                }
            }
            try place.write("m.jsonl", lines)
            let report = try place.load(.jsonl) { options in
                options.maxOpenRuns = 1
                options.maxWaitingPoints = 2
                options.audits = true
            }
            #expect(report.newRuns == 3 && report.pointsStored == 9 && report.recordsStored == 3)
            #expect(report.audit?.isEqual == true)
            #expect(try place.shown() == ["a", "b", "c"].map { "\($0) loss: 0=0.0 1=1.0 2=2.0" })
        }
    }

    /// Names that look the same and are not: each column is a metric, each name in a column of runs a run.
    @Test func tellsLookalikesApart() throws {
        try Place.with { place in
            let (whole, parted) = ("\u{E9}", "e\u{301}")
            try place.write("m.csv", "run,step,\(whole),\(parted)\n\(whole),1,2,3\n\(parted),1,4,5\n")
            let report = try place.load(.csv) { $0.run = "run" }
            #expect(report.newRuns == 2 && report.series == 4 && report.pointsStored == 4)
            #expect(try place.repository.snapshot().runs.allSatisfy { $0.points == 2 })
        }
    }

    @Test func keepsParamsTextsAndEnds() throws {
        try Place.with { place in
            func plugin(_ name: String, _ content: Message) -> Message {
                Message().message(1, Message().text(1, name).bytes(2, content.bytes))
            }
            let params = Message().message(1, Message().text(1, "lr").message(2, Message().double(2, 0.5)))
            let start = EventFile.event(
                Message().text(1, "h").message(9, plugin("hparams", Message().message(3, params))))
            let ended = Message().message(4, Message().varint(1, 2))
            let end = EventFile.event(Message().text(1, "h").message(9, plugin("hparams", ended)))
            let note = Message().varint(1, 7).bytes(8, Array("hello".utf8))
            let text = EventFile.event(
                Message().text(1, "note").message(9, plugin("text", Message())).message(8, note), step: 3)
            try place.write("a/\(event)", start + text + records(0..<1) + end)
            try place.write("a/hparams.yaml", "lr: 0.1\nseed: 3\n")
            try place.write("b/\(event)", EventFile.version)
            try place.write("c/\(event)", [])
            let report = try place.load(.tensorboard)
            #expect(report.newRuns == 1 && report.emptyRuns == 2 && report.textsStored == 1)
            let snapshot = try place.repository.snapshot()
            let run = try #require(snapshot.runs.first)
            #expect(run.params == ["lr": 0.5, "seed": 3] && run.status == .failed && snapshot.runs.count == 1)
            let lines = try snapshot.text(of: run.id)
            #expect(lines.map(\.text) == ["hello"] && lines.map(\.channel) == ["note"] && lines.map(\.step) == [3])
            #expect(lines.first?.time == 1_700_000_000_000_000_000)
            #expect(try place.load(.tensorboard).textsStored == 0)
        }
    }

    /// Names that the format can't hold cost their points, which are counted; the rest of the file is there.
    @Test func countsWhatCannotBeNamed() throws {
        try Place.with { place in
            let long = String(repeating: "x", count: 2_000)
            try place.write("a/m.jsonl", "{\"step\":1,\"\(long)\":1,\"\":2,\"loss\":3}\n")
            let report = try place.load(.jsonl)
            #expect(report.pointsRead == 3 && report.pointsStored == 1 && report.problemCount == 2)
            #expect(report.skipped == ["points of metrics whose name can't be used": 2])
        }
    }

    /// What JSON Lines carry beside the points: name, params of every type, how the run ended.
    @Test func exportsWhatTheRunIs() throws {
        try Place.with { place in
            let run = try place.repository.startRun(name: "r, \"1\"", params: ["a.b": 1, "c": "x", "d": .null])
            try run.set(["params.l": .json("[1,2]"), "params.f": .double(.nan), "note": "ü"])
            let series = try run.series("m;=", context: ["k=": ";v,\n"])
            for (step, value) in [0.1, -0.0, .nan, .infinity, -.infinity, .leastNonzeroMagnitude].enumerated() {
                series.log(value, step: step - 2, time: step == 0 ? .min : Int64(step) * 1_001_001_001)
            }
            try run.fail()
            for format in ExportFormat.lines {
                var bytes: [UInt8] = []
                let count = try place.repository.snapshot().export(Query(), as: format) { bytes += $0 }
                #expect(count == 6)
                try place.write("e.\(format.rawValue)", bytes)
                let copy = try Repository.create(at: Paths.join(place.directory, format.rawValue))
                let path = Paths.join(place.logs, "e.\(format.rawValue)")
                _ = try copy.importLogs(format == .csv ? .csv : .jsonl, from: path)
                let (old, new) = (try place.repository.snapshot(), try copy.snapshot())
                let info = try #require(new.runs.first)
                #expect(new.runs.count == 1 && info.name == "r, \"1\"")
                if format == .jsonl {
                    #expect(info.params.count == 5 && info.params["a.b"] == 1 && info.params["l"] == .json("[1,2]"))
                    #expect(info.status == .failed && info.properties["note"] == "ü")
                    #expect(info.properties["import.id"] == .string(run.id.description))
                }
                let (a, b) = (
                    try #require(try old.series(Query()).next()), try #require(try new.series(Query()).next())
                )
                #expect(a.metric == b.metric && a.count == b.count)
                for index in 0..<a.count {
                    #expect(a.steps[index] == b.steps[index] && a.times[index] == b.times[index])
                    #expect(a.values[index].description == b.values[index].description)
                }
            }
        }
    }
}
