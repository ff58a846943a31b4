import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// Records come back as they were logged, in order, once, from logs, seals, packs and copies; what a rewind takes back is gone;
/// what is no matrix or histogram never gets in.
@Suite struct RecordTests {
    private static func world(
        capacity: Int? = nil
    ) throws -> (SimulatedFileSystem, SimulatedMachine, Repository) {
        let machine = SimulatedMachine(seed: 3)
        let fileSystem = SimulatedFileSystem(seed: 3, capacity: capacity)
        let environment = Environment(fileSystem: fileSystem, host: SimulatedHost(machine), hasThreads: false)
        return (fileSystem, machine, try Repository.create(at: "/repo", name: "", environment))
    }

    private static var options: RunOptions {
        var options = RunOptions()
        options.compaction = .never
        options.journalBytes = 64 << 10
        return options
    }

    static func matrix(_ seed: Int = 0) throws(VarveError) -> ConfusionMatrix {
        try ConfusionMatrix(labels: ["a", "b", "c"], counts: [[seed + 5, 1, 0], [0, 3, 2], [1, 0, 4]])
    }

    @Test func everyKindComesBack() throws {
        let (_, _, repository) = try Self.world()
        var options = Self.options
        options.rank = 2
        let run = try repository.startRun(options: options)
        let matrix = try Self.matrix()
        let histogram = try Histogram(edges: [-.infinity, -1, 0, 0, .infinity], counts: [0, 2.5, 1, 7])
        let report = try ClassReport(classes: [.init(label: "x", precision: 1, recall: 0.5, f1: .nan, support: 3)])
        try run.log(confusionMatrix: matrix, step: 7, context: ["subset": "test"], time: 11)
        try run.log(histogram: histogram, name: "weights/layer1", time: .min)
        try run.log(classReport: report, step: .min, time: 13)
        let found = try repository.snapshot().records(of: run.id)
        try #require(found.count == 3)
        #expect(found[0].metric == MetricKey("confusion", context: ["subset": "test", "rank": "2"]))
        #expect(found.map(\.step) == [7, nil, .min])
        #expect(found.map(\.time) == [11, .min, 13])
        #expect(found[0].content == .confusionMatrix(matrix))
        #expect(found[1].content == .histogram(histogram))
        guard case .classReport(let again) = found[2].content else { throw Unmet(description: "no report") }
        #expect(again.classes[0].f1.isNaN && again.classes[0].recall == 0.5 && again.support == 3)
        let histograms = try repository.snapshot().records(of: run.id, kinds: [.histogram])
        #expect(histograms == [found[1]])
        // One that isn't asked for isn't decoded.
        var asked: [String] = []
        try repository.snapshot().forEachRecord(of: run.id) { metric, _ in
            asked.append(metric.name)
            return false
        } _: { _ in
            Issue.record("nobody wanted it")
        }
        #expect(asked == ["confusion", "weights/layer1", "report"])
    }

    @Test func rewindTakesRecordsBack() throws {
        let (_, _, repository) = try Self.world()
        let run = try repository.startRun(options: Self.options)
        for step in 0..<5 { try run.log(confusionMatrix: Self.matrix(step), step: step) }
        try run.log(histogram: Histogram(of: [1, 2]), name: "without a step")
        try run.finish()
        let again = try repository.resumeRun(run.id, from: 3, options: Self.options)
        try again.log(confusionMatrix: Self.matrix(30), step: 3)
        try again.finish()
        for _ in 0..<2 {
            let found = try repository.snapshot().records(of: run.id)
            #expect(found.map(\.step) == [0, 1, 2, nil, 3])
            #expect(found.last?.content == .confusionMatrix(try Self.matrix(30)))
            _ = try repository.compact()
        }
    }

    /// A sync that fails makes the writer seal its own file, in which records are repeated.
    @Test func failedSyncDoublesNoRecord() throws {
        let (fileSystem, machine, repository) = try Self.world()
        let run = try repository.startRun(options: Self.options)
        let loss = try run.series("loss")
        try run.log(confusionMatrix: Self.matrix(1), step: 1)
        fileSystem.fail(.io, times: 1) { $0.kind == .sync }
        for step in 0..<1500 { loss.log(1, step: step) }
        machine.advance(2_000_000_000)
        run.tick()
        run.tick()
        try run.log(confusionMatrix: Self.matrix(2), step: 2)
        try run.finish()
        #expect(try fileSystem.list("/repo/logs").contains { $0.hasSuffix(".1s.vlog") })
        let found = try repository.snapshot().records(of: run.id)
        #expect(found.map(\.content) == [.confusionMatrix(try Self.matrix(1)), .confusionMatrix(try Self.matrix(2))])
    }

    @Test func fullDiskIsSaidAndCostsNoOtherRecord() throws {
        let (fileSystem, _, repository) = try Self.world()
        let run = try repository.startRun(options: Self.options)
        try run.log(confusionMatrix: Self.matrix(1), step: 1)
        fileSystem.fail(.noSpace, times: 1) { $0.kind == .write }
        do throws(VarveError) {
            try run.log(confusionMatrix: Self.matrix(2), step: 2)
            Issue.record("it was said to be logged")
        } catch {
            #expect(error.code == .noRoom)
        }
        try run.log(confusionMatrix: Self.matrix(3), step: 3)
        try run.finish()
        #expect(try repository.snapshot().records(of: run.id).map(\.step) == [1, 3])
        #expect(try repository.verify(deep: true).problems.isEmpty)
    }

    /// Cuts a log everywhere, and flips a bit of every byte: what is whole is read, nothing else.
    @Test func damageCostsOneRecord() throws {
        let (fileSystem, _, repository) = try Self.world()
        let run = try repository.startRun(options: Self.options)
        for step in 0..<3 { try run.log(confusionMatrix: Self.matrix(step), step: step) }
        try run.finish()
        let path = repository.paths.log(.log(run: run.id.id, n: 1))
        let whole = try #require(fileSystem.content(path))
        let truth = try repository.snapshot().records(of: run.id)
        let frames = try FrameList(whole)
        withEvery("byte", in: 0..<whole.count) { byte in
            var bytes = whole
            bytes[byte] ^= 1 << UInt8(byte % 8)
            _ = fileSystem.replace(path, with: bytes)
            let found = try repository.snapshot().records(of: run.id)
            let frame = try #require(frames.index(at: byte))
            let isRecord = frames.frames[frame].header.kind == FrameKind.records.rawValue
            try require(found.count >= (isRecord ? 2 : 3), "\(found.count) records are left")
            try require(found.allSatisfy(truth.contains), "a record that was not logged")
            _ = fileSystem.replace(path, with: Array(whole[..<byte]))
            guard let cut = try? repository.snapshot().records(of: run.id) else { return }
            try require(cut == Array(truth.prefix(cut.count)), "cut off: \(cut)")
        }
        _ = fileSystem.replace(path, with: whole)
        #expect(try repository.snapshot().records(of: run.id) == truth)
    }

    @Test func impossibleRecordsAreRefused() throws {
        func refused(_ code: VarveError.Code, _ body: () throws(VarveError) -> Void) {
            do throws(VarveError) {
                try body()
                Issue.record("taken")
            } catch {
                #expect(error.code == code, "\(error)")
            }
        }
        refused(.invalid) { () throws(VarveError) in _ = try ConfusionMatrix(labels: ["a"], counts: [[1, 2]]) }
        refused(.invalid) { () throws(VarveError) in _ = try ConfusionMatrix(labels: ["a", "b"], counts: [[1, 2]]) }
        refused(.invalid) { () throws(VarveError) in _ = try ConfusionMatrix(labels: ["a"], counts: [[-1.0]]) }
        refused(.invalid) { () throws(VarveError) in _ = try ConfusionMatrix(labels: ["a"], counts: [[Double.nan]]) }
        refused(.invalid) { () throws(VarveError) in
            _ = try ConfusionMatrix(labels: ["a", "a"], counts: [[1, 1], [1, 1]])
        }
        refused(.invalid) { () throws(VarveError) in
            _ = try ConfusionMatrix(labels: ["a"], truth: [0, 1], predicted: [0, 0])
        }
        refused(.limit) { () throws(VarveError) in
            _ = try ConfusionMatrix(labels: [String(repeating: "x", count: 1025)], counts: [[1]])
        }
        refused(.limit) { () throws(VarveError) in
            _ = try ConfusionMatrix(labels: (0...65_536).map { "\($0)" }, cells: [])
        }
        refused(.invalid) { () throws(VarveError) in _ = try Histogram(edges: [1], counts: []) }
        refused(.invalid) { () throws(VarveError) in _ = try Histogram(edges: [0, 2, 1], counts: [1, 1]) }
        refused(.invalid) { () throws(VarveError) in _ = try Histogram(edges: [0, .nan], counts: [1]) }
        refused(.invalid) { () throws(VarveError) in
            _ = try Histogram(edges: [0, .infinity, .infinity], counts: [1, 1])
        }
        refused(.invalid) { () throws(VarveError) in _ = try Histogram(edges: [0, 1], counts: [.infinity]) }
        refused(.invalid) { () throws(VarveError) in _ = try Histogram(of: [.nan, .infinity]) }
        refused(.limit) { () throws(VarveError) in _ = try Histogram(of: [1], bins: 65_537) }
        let (_, _, repository) = try Self.world()
        let run = try repository.startRun(options: Self.options)
        refused(.limit) { () throws(VarveError) in
            try run.log(histogram: Histogram(of: [1]), name: String(repeating: "x", count: 1025))
        }
        // Each class is within its cap; together they would be a frame larger than readers take.
        let labels = (0..<65_536).map { String(repeating: "x", count: 1019) + "\(10_000 + $0)" }
        refused(.limit) { () throws(VarveError) in
            try run.log(confusionMatrix: ConfusionMatrix(labels: labels, cells: []))
        }
        #expect(try repository.snapshot().records(of: run.id).isEmpty)
    }
}

/// Text is read entry by entry, with the rank that said it, and followed without a gap or a double.
@Suite struct TextTailTests {
    @Test func nothingIsMissedOrDoubled() throws {
        try withTemporaryDirectory { directory in
            let repository = try Repository.create(at: Paths.join(directory, "r"))
            var options = RunOptions()
            options.rank = 3
            let run = try repository.startRun(options: options)
            try run.text("before", channel: "a", step: 1, time: 5)
            try run.text([
                TextLine(channel: "b", time: 6, text: "two"), TextLine(channel: "b", time: 7, text: "three"),
            ])
            var said: [TextLine] = []
            let tail = try TextTail(repository, run: run.id) { said.append($0) }
            #expect(said.map(\.text) == ["before", "two", "three"] && said.allSatisfy { $0.rank == 3 })
            #expect(try tail.isAlive())
            try tail.poll { said.append($0) }
            #expect(said.count == 3)
            for i in 0..<50 {
                try run.text("line \(i)")
                if i % 3 == 0 { try tail.poll { said.append($0) } }
            }
            // Another process joins the run, and writes to a file of its own.
            options.id = run.id
            options.attempt = run.attempt
            let other = try repository.startRun(options: options)
            try other.text("other")
            try other.finish()
            try run.finish()
            while try !tail.isAlive(), said.count < 54 { try tail.poll { said.append($0) } }
            try tail.poll { said.append($0) }
            #expect(said.filter { $0.text.hasPrefix("line") }.map(\.text) == (0..<50).map { "line \($0)" })
            #expect(said.filter { $0.text == "other" }.count == 1 && said.count == 54)
            #expect(try repository.snapshot().text(of: run.id).map(\.text).sorted() == said.map(\.text).sorted())
            #expect(throws: VarveError.self) { try TextSearch("(") }
            #expect(try TextSearch("l.*e 4\\d$").isFound(in: "line 42"))
        }
    }
}
