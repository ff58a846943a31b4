import Testing
import Varve
import VarveFiles
import VarvePlot
import VarveTestSupport

@testable import VarveCLI

/// Shows what `varve top` makes of runs, points and keys, without a terminal.
struct TopModelTests {
    private static let names = ["beta", "alpha", "gamma \u{1B}[2J", "日本語のとても長い名前の実験", ""]

    /// Five finished runs of a repository, as if they were running.
    private func model(_ body: ([RunInfo], [RunID: TopFeed.Entry]) throws -> Void) throws {
        try model { runs, entries, _ in try body(runs, entries) }
    }

    private func model(_ body: ([RunInfo], [RunID: TopFeed.Entry], Snapshot) throws -> Void) throws {
        try withTemporaryDirectory { directory in
            let repository = try Repository.create(at: "\(directory)/r")
            for (number, name) in Self.names.enumerated() {
                let run = try repository.startRun(name: name, params: ["lr": .double(Double(number) / 10)])
                let loss = try run.series("loss", context: ["subset": "val"])
                loss.log(
                    number == 2 ? Double.nan : Double(10 - number), step: number, time: Int64(number) * 1_000_000_000)
                if number == 0 { try run.series("only").log(5, step: 0, time: 0) }
                try run.finish()
            }
            let snapshot = try repository.snapshot()
            let feed = TopFeed()
            feed.take(try snapshot.curves(Query(), pixels: 1, includingTimes: true))
            var runs = snapshot.runs
            for index in runs.indices { runs[index].status = .running }
            try body(runs, feed.entries, snapshot)
        }
    }

    private func names(_ model: TopModel) -> [String] { model.rows.map(\.run.name) }

    @Test func sortsFiltersAndScrolls() throws {
        try model { runs, entries, snapshot in
            var model = TopModel()
            model.update(runs, entries, now: 0)
            #expect(names(model) == [4, 1, 0, 2, 3].map { Self.names[$0] })
            #expect(model.metrics.map(\.name) == ["loss", "only"])
            // By status, step, rate, age, then the first metric; what isn't a number is last either way.
            for _ in 0..<5 { model.press(.right, page: 3) }
            #expect(model.order == .metric(MetricKey("loss", context: ["subset": "val"])))
            #expect(names(model) == [4, 3, 1, 0, 2].map { Self.names[$0] })
            model.press(.character("r"), page: 3)
            #expect(names(model) == [0, 1, 3, 4, 2].map { Self.names[$0] })
            model.press(.end, page: 3)
            #expect(model.offset == 2)
            model.press(.down, page: 3)
            #expect(model.offset == 2)
            model.press(.home, page: 3)
            #expect(model.offset == 0)

            for key in TopKey.keys(Array("/params.lr > 0.25\r".utf8)) { model.press(key, page: 3) }
            model.update(runs, entries, TopChoice(model.filter, in: snapshot), now: 1)
            #expect(Set(names(model)) == [Self.names[3], Self.names[4]])
            for key in TopKey.keys(Array("/".utf8)) + Array(repeating: .backspace, count: 30)
                + TopKey.keys(Array("ALPHA\r".utf8))
            {
                model.press(key, page: 3)
            }
            model.update(runs, entries, TopChoice(model.filter, in: snapshot), now: 2)
            #expect(names(model) == ["alpha"])
            #expect(!model.wantsToQuit)
            model.press(.escape, page: 3)
            #expect(model.wantsToQuit)
        }
    }

    /// What is typed means what `--where` means, metrics too; what can't be read is a part of a name, or an error that is shown.
    @Test(arguments: [
        ("metric.last >= 9 and metric.name == \"loss\"", [0, 1]), ("metrics[\"only\"].last == 5", [0]),
        ("params.lr < 0.25 order by params.lr desc limit 2", [2, 1]), ("AMM", [2]), ("metric.lst > 1", []),
        ("params.lr > 0 group by name", []), ("", [0, 1, 2, 3, 4]),
    ])
    func choosesByTheQueryLanguage(_ text: String, _ expected: [Int]) throws {
        try model { runs, entries, snapshot in
            var model = TopModel()
            let choice = TopChoice(text, in: snapshot)
            model.narrow(to: text)
            model.update(runs, entries, choice, now: 0)
            #expect(Set(names(model)) == Set(expected.map { Self.names[$0] }))
            let screen = TopScreen(model, title: "r", width: 160, height: 12, hasColour: false, now: 0).lines
            #expect((choice.note != nil) == screen.contains { $0.contains("can't look for") })
            #expect((choice.note != nil) == (expected.isEmpty))
        }
    }

    @Test func ratesAreThoseOfTheLastSeconds() throws {
        try model { runs, entries in
            var model = TopModel()
            var entries = entries
            for second in 0..<40 {
                for id in entries.keys { entries[id]?.points = second < 20 ? second * 100 : 2000 }
                model.update(runs, entries, now: Int64(second) * 1_000_000_000)
                if second == 15 { #expect(model.rows.allSatisfy { ($0.rate - 100).magnitude < 1e-9 }) }
            }
            #expect(model.rows.allSatisfy { $0.rate == 0 })
        }
    }

    /// Runs that end while one looks stay; those that had ended before are there when all are asked for.
    @Test func endedRunsStay() throws {
        try model { runs, entries in
            var model = TopModel()
            var runs = runs
            for index in 1..<5 { runs[index].status = .finished }
            model.update(runs, entries, now: 0)
            #expect(names(model) == ["beta"])
            runs[0].status = .killed
            model.update(runs, entries, now: 1)
            #expect(names(model) == ["beta"] && model.counts == [.finished: 4, .killed: 1])
            model.press(.character("a"), page: 9)
            model.update(runs, [:], now: 2)
            #expect(model.rows.count == 5 && model.unknown(page: 3).count == 3)
        }
    }

    @Test func everyScreenFits() throws {
        try model { runs, entries in
            withSeeds(0..<300) { seed, random in
                var model = TopModel()
                model.update(runs, entries, now: 0)
                let (width, height) = (Int.random(in: 1...120, using: &random), Int.random(in: 1...20, using: &random))
                for _ in 0..<Int.random(in: 0...12, using: &random) {
                    let bytes = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                        UInt8.random(in: 0...255, using: &random)
                    }
                    let some = ["/", "a", "r", ">", "<", "?", "\u{1B}[A", "\u{1B}[6~", "\r"]
                    let known = Array(some[Int.random(in: 0..<some.count, using: &random)].utf8)
                    for key in TopKey.keys(Bool.random(using: &random) ? bytes : known) {
                        model.press(key, page: height - TopScreen.frame())
                    }
                    model.update(runs, entries, now: 1)
                }
                let lines = TopScreen(
                    model, title: "r\u{1B}[2J", width: width, height: height, hasColour: false, now: 5_000_000_000
                ).lines
                try require(lines.count <= height, "\(lines.count) lines of \(height)")
                for line in lines {
                    try require(PlainText.width(line) <= width, "\(PlainText.width(line)) columns of \(width): \(line)")
                    try require(line.unicodeScalars.allSatisfy { $0.value >= 0x20 }, line.debugDescription)
                }
            }
        }
    }

    @Test func keysAreThoseOfTerminals() {
        func keys(_ text: String) -> [TopKey] { TopKey.keys(Array(text.utf8)) }
        #expect(keys("qé/") == [.character("q"), .character("é"), .character("/")])
        #expect(
            keys("\u{1B}[A\u{1B}OB\u{1B}[5~\u{1B}[6~\u{1B}[H\u{1B}[F") == [.up, .down, .pageUp, .pageDown, .home, .end])
        #expect(keys("\u{1B}") == [.escape] && keys("\r\n\u{7F}") == [.enter, .enter, .backspace])
        #expect(keys("\u{1B}[1;5X\u{1B}[").isEmpty && TopKey.keys([0xFF, 0xC3]).count <= 2)
    }
}
