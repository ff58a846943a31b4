import Testing
import VarveFiles
import VarveTestSupport

@testable import Varve

/// What is logged is read back, from log, journal and seal, by way of the public interface on a real file system.
@Suite struct RoundTripTests {
    /// All points of a query, in a form that can be compared.
    static func points(_ repository: Repository, _ query: Query = Query()) throws -> [String] {
        let reader = try repository.snapshot().series(query)
        var lines: [String] = []
        while let chunk = try reader.next() {
            for i in 0..<chunk.count {
                lines.append("\(chunk.metric) \(chunk.steps[i]) \(chunk.times[i]) \(chunk.values[i].bitPattern)")
            }
        }
        return lines
    }

    @Test func finishedRunIsReadFromItsLog() throws {
        try withTemporaryDirectory { directory in
            let repository = try Repository.create(at: Paths.join(directory, "r"))
            let run = try repository.startRun(name: "first", params: ["lr": 0.1, "layers": 3], tags: ["baseline"])
            let loss = try run.series("loss", context: ["subset": "train"])
            for step in 0..<100_000 { loss.log(1 / Double(step + 1), step: step, time: Int64(step) * 1000) }
            #expect(run.health.logged == 100_000)
            #expect(run.health.dropped == 0)
            try run.text("hello", step: 3)
            try run.finish()
            let snapshot = try repository.snapshot()
            #expect(snapshot.problems == [])
            #expect(snapshot.runs.count == 1)
            #expect(snapshot.runs[0].status == .finished)
            #expect(snapshot.runs[0].name == "first")
            #expect(snapshot.runs[0].params == ["lr": 0.1, "layers": 3])
            #expect(snapshot.runs[0].tags == ["baseline"])
            #expect(snapshot.runs[0].points == 100_000)
            #expect(try snapshot.text(of: run.id).map(\.text) == ["hello"])
            let lines = try Self.points(repository)
            #expect(lines.count == 100_000)
            #expect(
                lines
                    == (0..<100_000).map {
                        "loss {subset=train} \($0) \($0 * 1000) \((1 / Double($0 + 1)).bitPattern)"
                    })
        }
    }

    @Test func openRunIsReadFromItsJournal() throws {
        try withTemporaryDirectory { directory in
            let repository = try Repository.create(at: Paths.join(directory, "r"))
            let run = try repository.startRun()
            let loss = try run.series("loss")
            for step in 0..<10 { loss.log(Double(step), step: step, time: 5) }
            #expect(try Self.points(repository).count == 10)
            #expect(try repository.snapshot().runs[0].status == .running)
            loss.log(10, step: 10, time: 5)
            #expect(try Self.points(repository).last == "loss 10 5 \(Double(10).bitPattern)")
            try run.finish()
            #expect(try Self.points(repository).count == 11)
        }
    }

    @Test func rewindHidesWhatItTakesBack() throws {
        try withTemporaryDirectory { directory in
            let repository = try Repository.create(at: Paths.join(directory, "r"))
            let first = try repository.startRun()
            let a = try first.series("loss")
            for step in 0..<10 { a.log(1, step: step, time: 0) }
            try first.finish()
            let second = try repository.resumeRun(first.id, from: 5)
            #expect(second.attempt == 1)
            let b = try second.series("loss")
            for step in 5..<8 { b.log(2, step: step, time: 0) }
            try second.finish()
            func values(_ view: Query.View) throws -> [String] { try Self.points(repository, Query(view: view)) }
            #expect(try values(.standard).count == 8)
            #expect(try values(.all).count == 13)
            #expect(try values(.lastPerStep).count == 8)
        }
    }

    @Test func automaticStepsGoOnAfterAResume() throws {
        try withTemporaryDirectory { directory in
            let repository = try Repository.create(at: Paths.join(directory, "r"))
            let first = try repository.startRun()
            let a = try first.series("reward")
            for _ in 0..<10 { a.log(1.5) }
            try first.finish()
            let second = try repository.resumeRun(first.id, from: 0)
            try second.series("reward").log(2.5)
            try second.finish()
            let steps = try repository.snapshot().steps()
            #expect(steps == Array(0...10))
        }
    }

    @Test func rowsAndBatchesKeepTheirOrder() throws {
        try withTemporaryDirectory { directory in
            let repository = try Repository.create(at: Paths.join(directory, "r"))
            var options = RunOptions()
            options.journalBytes = 64 << 10
            let run = try repository.startRun(options: options)
            let names = (0..<16).map { "m\($0 < 10 ? "0" : "")\($0)" }
            let series = try names.map { try run.series($0) }
            for step in 0..<2000 { run.log(step: step, series.map { ($0, Double(step)) }) }
            let big = try run.series("z")
            let values = (0..<50_000).map(Double.init)
            big.log(contentsOf: values.span, firstStep: 7)
            try run.finish()
            #expect(run.health.dropped == 0)
            let lines = try Self.points(repository)
            #expect(lines.count == 16 * 2000 + 50_000)
            let reader = try repository.snapshot().series(Query(metric: "z"))
            var next = 0
            while let chunk = try reader.next() {
                for i in 0..<chunk.count {
                    #expect(chunk.values[i] == Double(next) && chunk.steps[i] == next + 7)
                    next += 1
                }
            }
            #expect(next == 50_000)
        }
    }

    /// A process that writes one run after the other keeps nothing of those that are over, whoever still holds a
    /// handle.
    @Test func aClosedRunLetsGoOfItsBuffers() throws {
        try withTemporaryDirectory { directory in
            let repository = try Repository.create(at: Paths.join(directory, "r"))
            weak var file: WriterFile?
            weak var writer: RunWriter?
            var options = RunOptions()
            options.sync = .none
            options.compaction = .never
            func write() throws -> Series {
                let run = try repository.startRun(options: options)
                let series = try run.series("loss")
                series.log(1, step: 1)
                writer = run.writer as? RunWriter
                file = writer?.openFile
                #expect(file != nil)
                try run.finish()
                #expect(run.health.logged == 1 && run.health.durability == .mapped)
                return series
            }
            var kept: Series? = try write()
            #expect(file == nil)
            kept?.log(2, step: 2)
            kept = nil
            #expect(writer == nil)
            #expect(try Self.points(repository).count == 1)
        }
    }

    /// Nested params become dotted keys with their types; lists stay JSON.
    @Test func nestedParamsAreDotted() throws {
        try withTemporaryDirectory { directory in
            let repository = try Repository.create(at: Paths.join(directory, "r"))
            let run = try repository.startRun()
            try run.setParams(["optimizer": ["lr": 0.1, "betas": [0.9, 0.99]], "layers": 3, "pretrained": nil])
            try run.finish()
            #expect(
                try repository.snapshot().runs.first?.params == [
                    "optimizer.lr": 0.1, "optimizer.betas": .json("[0.9,0.99]"), "layers": 3, "pretrained": .null,
                ])
        }
    }
}
