import Testing
import Varve

@testable import VarveImport

/// Shows what each record of a W&B run file becomes, from files built byte by byte.
@Suite struct WandBTests {
    private func read(_ records: [[UInt8]], step: String? = nil) throws -> CollectingSink {
        var log = BlockLog()
        for record in records { log.append(record) }
        return try read(log.bytes, step: step)
    }

    private func read(_ bytes: [UInt8], step: String? = nil) throws -> CollectingSink {
        let sink = CollectingSink()
        var reader = WandBFileReader(file: "run.wandb", step: step, into: sink)
        try reader.read(MemorySource(bytes))
        return sink
    }

    @Test func aRowIsPointsAtItsStepAndTime() throws {
        let sink = try read([
            WandBRecords.row(
                3, [("loss", "0.5"), ("n", "7"), ("ok", "true"), ("_runtime", "1.25")], time: 1_700_000_000.5),
            WandBRecords.row(9, [("loss", "0.25")]),
        ])
        #expect(sink.values("loss") == [0.5, 0.25] && sink.steps("loss") == [3, 9])
        #expect(sink.values("n") == [7] && sink.values("ok") == [1] && sink.values("_runtime") == [1.25])
        #expect(sink.points[MetricKey("loss")]?.first?.time == 1_700_000_000_500_000_000)
        #expect(sink.points.count == 4 && sink.problems.isEmpty && sink.skips.isEmpty)
        #expect(sink.types[MetricKey("ok")] == .integer)
    }

    /// Nested dictionaries come whole, as paths, or both, and are the same metrics.
    @Test func nestedValuesHaveDottedNames() throws {
        let path = Message().text(2, "val").text(2, "deep").text(2, "x").text(16, "2")
        let whole = Message().text(1, "val").text(16, #"{"acc": 0.5, "deep": {"x": 1}, "empty": {}}"#)
        let sink = try read([
            Message().message(2, Message().message(1, whole)).bytes,
            Message().message(2, Message().message(1, path).message(2, Message().varint(1, 4))).bytes,
        ])
        #expect(sink.values("val.deep.x") == [1, 2] && sink.steps("val.deep.x") == [0, 4])
        #expect(sink.values("val.acc") == [0.5])
        #expect(sink.skips == ["empty dictionaries": 1])
        #expect(sink.points[MetricKey("val.acc")]?.first?.time == WallTime.none)
    }

    /// Whatever JSON holds, and what Python puts beside it.
    @Test func everyKindOfValue() throws {
        let sink = try read([
            WandBRecords.row(
                0,
                [
                    ("nan", "NaN"), ("inf", "Infinity"), ("ninf", "-Infinity"), ("word", "\"NaN\""),
                    ("big", "9007199254740993"), ("text", "\"a word\""), ("none", "null"), ("list", "[1,2]"),
                    ("zero", "-0"), ("tiny", "5e-324"), ("float32", "0.10000000149011612"), ("broken", "{\"a\":"),
                    ("h", #"{"_type": "histogram", "values": [1, 2], "bins": [0, 1, 3]}"#),
                    ("p.q", #"{"_type": "histogram", "values": [4], "packedBins": {"min": -1, "size": 2}}"#),
                    ("e", #"{"_type": "histogram", "values": [1], "bins": [0]}"#),
                    ("i", #"{"_type": "image-file", "path": "a.png", "width": 3}"#),
                    ("t", #"{"_type": "odd"}"#),
                ])
        ])
        #expect(sink.values("nan")[0].isNaN && sink.values("word")[0].isNaN)
        #expect(sink.values("inf") == [.infinity] && sink.values("ninf") == [-.infinity])
        #expect(sink.values("big") == [9_007_199_254_740_992] && sink.roundings == 1)
        #expect(sink.values("tiny") == [Double.leastNonzeroMagnitude])
        #expect(sink.values("float32") == [0.10000000149011612])
        #expect(sink.texts == ["text@0: a word"])
        #expect(
            sink.skips == [
                "values that are null": 1, "lists under the key list": 1, "histograms": 1, "images": 1,
                "media of the type odd": 1,
            ])
        #expect(sink.problems.count == 1 && sink.problems[0].message.contains("broken"))
        #expect(sink.pointCount == 8)
        let histograms = Set(sink.kept.map { "\($0.metric) \($0.content)" })
        let expected = [
            ("h", try Histogram(edges: [0, 1, 3], counts: [1, 2])),
            ("p.q", try Histogram(edges: [-1, 1], counts: [4])),
        ]
        #expect(histograms == Set(expected.map { "\($0.0) \(Record.Content.histogram($0.1))" }))
    }

    /// W&B 0.27 and later may write values with types.
    @Test func typedValues() throws {
        func item(_ key: String, _ value: (Message) -> Message) -> Message { value(Message().text(1, key)) }
        let history = Message()
            .message(1, item("none") { $0.varint(3, 0) }).message(1, item("flag") { $0.varint(4, 1) })
            .message(1, item("int") { $0.varint(5, 13) }).message(1, item("number") { $0.double(6, 0.1) })
            .message(1, item("text") { $0.text(7, "hello") }).message(1, item("json") { $0.text(8, #"{"a":2}"#) })
            .message(1, item("_step") { $0.varint(5, 16) })
        let sink = try read([Message().message(2, history).bytes])
        // sint64 is written in zigzag: 13 is −7, 16 is 8.
        #expect(sink.values("int") == [-7] && sink.steps("int") == [8])
        #expect(sink.values("flag") == [1] && sink.values("number") == [0.1] && sink.values("json.a") == [2])
        #expect(sink.texts == ["text@8: hello"] && sink.skips == ["values that are null": 1])
    }

    /// Another key as the step: then `_step` is a metric, and a row without the key has the step of the row before it.
    @Test func anotherKeyIsTheStep() throws {
        let sink = try read(
            [
                WandBRecords.row(0, [("loss", "1"), ("trainer/global_step", "50")]),
                WandBRecords.row(1, [("acc", "2")]),
                WandBRecords.row(2, [("loss", "3"), ("trainer/global_step", "100.0")]),
                WandBRecords.row(3, [("loss", "4"), ("trainer/global_step", "\"x\"")]),
            ], step: "trainer/global_step")
        #expect(sink.steps("loss") == [50, 100, 100] && sink.steps("acc") == [50])
        #expect(sink.values("_step") == [0, 1, 2, 3] && sink.points[MetricKey("trainer/global_step")] == nil)
        #expect(sink.problems.count == 1)
    }

    @Test func configAndSummaryAreProperties() throws {
        let summary = Message().message(
            3,
            Message().message(1, Message().text(1, "best").text(16, "0.99"))
                .message(1, Message().text(2, "acc").text(2, "max").text(16, "0.5"))
                .message(1, Message().text(1, "img").text(16, #"{"_type":"image-file","path":"x"}"#))
                .message(1, Message().text(2, "_wandb").text(2, "runtime").text(16, "3")))
        let removal = Message().message(5, Message().message(2, Message().text(1, "gone")))
        let sink = try read([
            WandBRecords.config([
                ("lr", "0.1"), ("opt", #"{"name": "adam", "betas": [0.9, 0.99]}"#), ("gone", "1"), ("_wandb", "{}"),
                ("none", "null"),
            ]),
            WandBRecords.config([("lr", "0.2"), ("opt", #"{"name": "sgd"}"#)]), removal.bytes, summary.bytes,
        ])
        #expect(
            sink.properties == [
                "params.lr": .double(0.2), "params.opt.name": .string("sgd"), "params.none": .null,
                "values.best": .double(0.99), "values.acc.max": .double(0.5),
            ])
    }

    @Test func theRunsOwnRecord() throws {
        let run = Message().text(1, "abc").text(2, "me").text(3, "proj").text(6, "g1").text(7, "train")
            .text(8, "my name").text(9, "some notes").text(10, "a").text(10, "b").text(12, "sw").text(13, "node1")
            .message(4, Message().message(1, Message().text(1, "lr").text(16, "0.5")))
            .message(21, Message().text(1, "https://x/y.git").text(2, "0abc"))
        let environment = Message().text(1, "Linux").text(5, "--a").text(5, "1").text(6, "train.py").varint(19, 2)
        let sink = try read([
            Message().message(17, run).bytes, Message().message(26, environment).bytes, WandBRecords.exit(0),
        ])
        #expect(
            sink.properties == [
                "name": "my name", "note": "some notes", "group": "g1", "host": "node1", "tags.a": true, "tags.b": true,
                "wandb.id": "abc", "wandb.entity": "me", "wandb.project": "proj", "wandb.job_type": "train",
                "wandb.sweep": "sw", "git.remote": "https://x/y.git", "git.commit": "0abc", "params.lr": .double(0.5),
                "wandb.os": "Linux", "wandb.args": .json(#"["--a","1"]"#), "wandb.program": "train.py",
                "wandb.gpu_count": .int(2),
            ])
        #expect(sink.end == .finished)
    }

    @Test func theExitRecordSaysHowItEnded() throws {
        #expect(try read([WandBRecords.exit(0)]).end == .finished)
        #expect(try read([WandBRecords.exit(255)]).end == .failed)
        #expect(try read([WandBRecords.row(0, [("a", "1")])]).end == .killed)
    }

    /// Console output comes in pieces; lines are put together, and what carriage returns overwrote is gone.
    @Test func consoleOutputIsLines() throws {
        let pieces = ["hel", "lo\nwor", "ld\n", "10%\r20%\r30%\n", "\n", "open"]
        let records = pieces.map { WandBRecords.output($0) } + [WandBRecords.output("oh\n", channel: 0)]
        let sink = try read([WandBRecords.row(5, [("a", "1")])] + records + [WandBRecords.exit(0)])
        #expect(
            sink.texts == ["stdout@5: hello", "stdout@5: world", "stdout@5: 30%", "stderr@5: oh", "stdout@5: open"])
        // While the run may go on, the last line waits for its end.
        let live = try read([WandBRecords.row(5, [("a", "1")])] + records)
        #expect(live.texts.count == 4 && live.skips == ["console lines without an end": 1])
    }

    @Test func systemMetricsHaveAContext() throws {
        func stats(_ seconds: Int64, _ value: String) -> [UInt8] {
            let item = Message().text(1, "gpu.0.temp").text(16, value)
            return Message().message(7, Message().message(2, Message().varint(1, seconds)).message(3, item)).bytes
        }
        let sink = try read([stats(1_700_000_000, "31.5"), stats(1_700_000_010, "32"), stats(1_700_000_020, "[]")])
        let points = sink.points[MetricKey("gpu.0.temp", context: ["system": "host"])] ?? []
        #expect(points.map(\.step) == [0, 1])
        #expect(points.map(\.time) == [1_700_000_000_000_000_000, 1_700_000_010_000_000_000])
        #expect(sink.problems.count == 1)
        // As version 0.12 told of the network.
        let nested = try read([stats(1_700_000_000, #"{"sent": 1, "recv": 2}"#)])
        #expect(
            nested.problems.isEmpty && Set(nested.points.keys.map(\.name)) == ["gpu.0.temp.sent", "gpu.0.temp.recv"])
    }

    @Test func otherRecordsAreCountedOrPassed() throws {
        let alert = Message().message(10, Message().text(1, "title").text(2, "body").text(3, "WARN")).bytes
        let sink = try read([
            alert, Message().message(8, Message().text(1, "x")).bytes, Message().message(9, Message()).bytes,
            Message().message(11, Message()).bytes, Message().message(999, Message()).bytes, [],
        ])
        #expect(sink.texts == ["alerts@0: WARN: title: body"])
        #expect(sink.skips == ["artifact records": 1, "references to TensorBoard files": 1])
        #expect(sink.problems.isEmpty && sink.records.count == 6)
    }

    /// A record with a good checksum whose content is no message costs that record.
    @Test func contentThatIsNoMessage() throws {
        let sink = try read([
            WandBRecords.row(0, [("a", "1")]), [0x12, 0xFF, 0xFF, 0xFF], [0xFF], WandBRecords.row(1, [("a", "2")]),
        ])
        #expect(sink.values("a") == [1, 2] && sink.problems.count == 2)
    }

    @Test func anotherFilesHeaderIsNamed() throws {
        for bytes in [BlockLog(ident: ":SWL", magic: 0xE1D6, version: 2).bytes, BlockLog(version: 9).bytes] {
            #expect(try read(bytes).problems.map(\.offset) == [0])
        }
        #expect(try read(Array(":W&".utf8)).problems.map(\.offset) == [0])
        #expect(try read([UInt8]()).problems.isEmpty)
    }

    /// A file that was cut anywhere gives what is whole, and the rest once it is there: nothing twice.
    @Test func everyTruncationAndThenTheRest() throws {
        var log = BlockLog()
        for step in 0..<6 as Range<Int64> { log.append(WandBRecords.row(step, [("loss", "\(step).5")])) }
        for count in 0...log.bytes.count {
            let sink = CollectingSink()
            var reader = WandBFileReader(file: "f", into: sink)
            try reader.read(MemorySource(Array(log.bytes[..<count])))
            let whole = log.ends.count { $0 <= count }
            #expect(sink.values("loss") == (0..<whole).map { Double($0) + 0.5 }, "cut at \(count)")
            #expect(reader.end == (whole > 0 ? log.ends[whole - 1] : count < 7 ? 0 : 7), "cut at \(count)")
            let edges = [0, 7] + log.ends
            #expect(sink.problems.count == (edges.contains(count) ? 0 : 1), "cut at \(count)")
        }
    }
}
