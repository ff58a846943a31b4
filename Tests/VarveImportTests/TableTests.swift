import Testing
import Varve
import VarveFiles

@testable import VarveImport

/// Proves what becomes of tables: cells and rows by RFC 4180, columns that are step and time, keys of nested objects, and
/// that damage costs a line and is named by line and offset.
@Suite struct TableTests {
    private func csv(_ text: String, _ options: TableOptions = TableOptions(), file: String = "f.csv") throws
        -> CollectingSink
    {
        try csv(Array(text.utf8), options, file: file)
    }

    private func csv(_ bytes: [UInt8], _ options: TableOptions = TableOptions(), file: String = "f.csv") throws
        -> CollectingSink
    {
        let sink = CollectingSink()
        var reader = try CSVImport(file: file, options: options) { _ in sink }
        try reader.read(MemorySource(bytes))
        return sink
    }

    private func jsonl(_ text: String, _ options: TableOptions = TableOptions()) throws -> CollectingSink {
        let sink = CollectingSink()
        var reader = try JSONLinesImport(file: "f", options: options) { _ in sink }
        try reader.read(MemorySource(Array(text.utf8)))
        return sink
    }

    // MARK: CSV

    @Test func readsQuotedCellsAndAnyLineEnd() throws {
        let sink = try csv(
            "\u{FEFF}step,\"a \"\"b\"\", c\",x\r\n1,\" 2\", 3 \r\n\r\n4,\"5\",\n\n6,7,\"text,\nof two lines\"")
        #expect(sink.values("a \"b\", c") == [2, 5, 7])
        #expect(sink.steps("a \"b\", c") == [1, 4, 6])
        #expect(sink.values("x") == [3])
        #expect(sink.skips == ["texts in the column x": 1])
        #expect(sink.problems.isEmpty)
    }

    @Test func readsNumbersInEverySpelling() throws {
        let cells = [
            "1", "-0.0", "+1e3", ".5", "5.", "NaN", "nan", "-inf", "Infinity", "1e400", "", "None", "0x10", "1_0",
        ]
        let sink = try csv("v,w\n" + cells.map { "\($0),1\n" }.joined())
        let expected: [Double] = [1, -0.0, 1000, 0.5, 5, .nan, .nan, -.infinity, .infinity, .infinity]
        #expect(sink.values("v").map(\.description) == expected.map(\.description))
        #expect(sink.skips == ["texts in the column v": 2])
        #expect(sink.steps("w") == Array(0..<14))
    }

    /// The order of preference, its limits (whole numbers only, filled in half of the rows), and the override.
    @Test func findsTheStep() throws {
        #expect(try csv("epoch,global_step,l\n1,10,0\n1,20,0\n").steps("l") == [10, 20])
        #expect(try csv("epoch,l\n3,0\n3,0\n").steps("l") == [3, 3])
        #expect(try csv("epoch,l\n0.5,0\n1.0,0\n").steps("l") == [0, 1])
        #expect(try csv("_step,trainer/global_step,l\n0,9,0\n1,19,0\n").steps("l") == [9, 19])
        #expect(try csv("_step,trainer/global_step,l\n0,,0\n1,,0\n2,19,0\n").steps("l") == [0, 1, 2])
        #expect(try csv("Step,l\n1e1,0\n,0\nx,0\n").steps("l") == [0, 1, 2])
        let named = try csv("step,n,l\n1,7,0\n2,,0\n3,8.5,0\n4,9,0\n", TableOptions(step: "n"))
        #expect(named.steps("l") == [7, 7, 7, 9] && named.values("step") == [1, 2, 3, 4])
        #expect(named.problems.map(\.line) == [4])
        #expect(throws: VarveError.self) { try csv("a,b\n1,2\n", TableOptions(step: "c")) }
    }

    /// A time is a time only if it is one; seconds since the start stay a metric.
    @Test func findsTheTime() throws {
        let sink = try csv("step,timestamp,l\n1,1700000000.123456789,0\n2,,0\n3,1700000001,0\n")
        #expect(
            sink.points[MetricKey("l")]?.map(\.time) == [
                1_700_000_000_123_456_789, WallTime.none, 1_700_000_001_000_000_000,
            ])
        #expect(sink.points[MetricKey("timestamp")] == nil)
        #expect(try csv("step,time,l\n1,0.5,0\n2,1.5,0\n").values("time") == [0.5, 1.5])
        let dated = try csv("step,date,l\n1,2026-11-23 10:00:00+01:00,0\n")
        #expect(dated.points[MetricKey("l")]?.map(\.time) == [1_795_424_400_000_000_000])
        for (text, time) in [
            ("1700000000123", 1_700_000_000_123_000_000), ("1700000000123456", 1_700_000_000_123_456_000),
        ] {
            #expect(ForeignTime.nanoseconds(text) == Int64(time))
        }
        #expect(ForeignTime.nanoseconds("99999999999999999999") == nil)
        // Microseconds that 64 bits of nanoseconds do not hold, as a number of JSON may give them.
        for number in [9.2e15, 1e16, 9.9e16] { #expect(ForeignTime.nanoseconds(number) == nil) }
    }

    @Test func reportsRowsOfAnotherLength() throws {
        let sink = try csv("step,a,b\n1,2\n3,4,5,6\n7,8,9\n")
        #expect(sink.values("a") == [2, 4, 8] && sink.values("b") == [5, 9])
        #expect(sink.problems.map(\.line) == [2, 3] && sink.problems.map(\.offset) == [9, 13])
        let twice = try csv("step,a,a,\n1,2,3,4\n")
        #expect(twice.values("a #2") == [3] && twice.values("column 4") == [4] && twice.problems.count == 1)
    }

    /// A quote that nobody closes costs its line, not the rest of the file.
    @Test func survivesAnOpenQuote() throws {
        let sink = try csv("step,a\n1,2\n2,\"3\n3,4\n4,5\n")
        #expect(sink.values("a") == [2, 4, 5])
        #expect(sink.problems.map(\.line) == [3] && sink.problems.map(\.offset) == [11])
        #expect(try csv("step,a\n1,x\"y\"\"z\n2,\"a\"b\n3,4\n").values("a") == [4])
    }

    @Test func separatesByTabs() throws {
        #expect(try csv("step\ta\n1\t2\n", file: "f.tsv").values("a") == [2])
        #expect(try csv("step;a\n1;2\n", TableOptions(separator: UInt8(ascii: ";"))).values("a") == [2])
    }

    /// Rows go to the runs that a column names.
    @Test func splitsByRun() throws {
        var sinks: [String: CollectingSink] = [:]
        var reader = try CSVImport(file: "f", options: TableOptions(run: "seed")) { name in
            let sink = sinks[name ?? "-"] ?? CollectingSink()
            sinks[name ?? "-"] = sink
            return sink
        }
        try reader.read(MemorySource(Array("seed,step,a\ns1,1,2\ns1,2,3\ns2,1,4\n".utf8)))
        #expect(sinks["s1"]?.values("a") == [2, 3] && sinks["s2"]?.values("a") == [4])
        #expect(sinks["-"]?.pointCount == 0)
    }

    /// Cut anywhere, the rows before the cut are there, with the values they had, but for a last cell that was cut.
    @Test func everyTruncationKeepsTheWholeRows() throws {
        let text = "step,a,b\n1,\"20\",30\n2,\"21\",31\r\n3,22,32\n"
        for count in 0...text.utf8.count {
            let bytes = Array(Array(text.utf8)[..<count])
            let sink = try csv(bytes)
            let whole = bytes.count { $0 == 0x0A } - 1
            #expect(sink.values("a").starts(with: [20, 21, 22].prefix(max(0, whole))), "cut at \(count)")
            #expect(sink.values("a").count <= max(0, whole) + 1)
        }
    }

    // MARK: JSON Lines

    @Test func flattensObjects() throws {
        let sink = try jsonl(
            #"{"step": 5, "train": {"loss": 1, "acc": {"top1": 0.5}}, "x": null, "s": "text", "n": "NaN", "a": [1], "b": true}"#
                + "\n")
        #expect(sink.values("train.loss") == [1] && sink.values("train.acc.top1") == [0.5] && sink.values("b") == [1])
        #expect(sink.values("n").count == 1 && sink.steps("n") == [5])
        #expect(sink.skips == ["texts under the key s": 1, "arrays under the key a": 1])
    }

    @Test func namesDamagedLines() throws {
        let sink = try jsonl(
            "{\"step\":1,\"a\":1}\n\nnope\n[1]\n{\"step\":2,\"a\":2}\n{\"step\":3,\"a\":3e}\n{\"step\":4,\"a\"")
        #expect(sink.values("a") == [1, 2] && sink.steps("a") == [1, 2])
        #expect(sink.problems.map(\.line) == [3, 4, 6, 7])
        #expect(sink.problems.map(\.offset) == [19, 23, 60, 62])
        #expect(sink.skips == ["blank lines": 1])
        #expect(try jsonl("{\"a\":1}\n{\"a\":2}").values("a") == [1, 2])
    }

    /// What the same documents hold is found again whatever their line ends, and each cut keeps the whole lines.
    @Test func everyTruncationKeepsTheWholeLines() throws {
        let text = "{\"step\":1,\"a\":0.5}\r\n{\"step\":2,\"a\":1.5}\n{\"step\":3,\"a\":NaN}\n"
        for count in 0...text.utf8.count {
            let sink = try jsonl(String(decoding: Array(text.utf8)[..<count], as: UTF8.self))
            let whole = text.utf8.prefix(count).count { $0 == UInt8(ascii: "}") }
            #expect(
                sink.values("a").count == whole && sink.steps("a") == Array([1, 2, 3].prefix(whole)), "cut at \(count)")
        }
    }

    /// Random bytes from the alphabet of each format: no crash, and every problem inside the file.
    @Test func survivesSoup() throws {
        let alphabet = Array("step,a\"\r\n\t1.5e-NaN{}:[]\\\u{E9}".utf8) + [0, 0xFF]
        for seed in 0..<500 as Range<UInt64> {
            var random = SplitMix64(seed: seed)
            let bytes = (0..<Int.random(in: 0..<80, using: &random)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
            }
            let table = try csv(bytes)
            let lines = CollectingSink()
            var reader = try JSONLinesImport(file: "f") { _ in lines }
            try reader.read(MemorySource(bytes))
            for problem in table.problems + lines.problems {
                #expect((0...bytes.count).contains(problem.offset), "seed \(seed)")
            }
        }
    }

    /// Random tables, written with quotes at random, against the cells they were made of.
    @Test func agreesWithANaiveTable() throws {
        for seed in 0..<200 as Range<UInt64> {
            var random = SplitMix64(seed: seed)
            let pieces = ["a", "1", "2.5", ",", "\"", "\n", "\r\n", " ", "é", ""]
            let rows = (0..<Int.random(in: 1..<6, using: &random)).map { _ in
                (0..<3).map { _ in (0..<2).map { _ in pieces.randomElement(using: &random) ?? "" }.joined() }
            }
            let text = rows.map { row in
                row.map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }.joined(separator: ",") + "\n"
            }.joined()
            var reader = CSVReader(MemorySource(Array(text.utf8)))
            var found: [[String]] = []
            while case .row = try reader.next() { found.append((0..<reader.count).map { reader.text($0) }) }
            #expect(found == rows, "seed \(seed)")
        }
    }
}
