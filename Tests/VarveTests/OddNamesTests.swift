import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// Names that look the same and are not, names of control characters, separators and signs beyond the first plane, and as long
/// as may be, as metrics, contexts, params, tags and keys: each is kept byte for byte and apart from all others, from the
/// writer through log, seal and index to readers and filters. What is too long is refused.
@Suite struct OddNamesTests {
    static let names: [String] = [
        // The two ways to spell é; two accents in either order, and one of them in the letter.
        "caf\u{E9}", "cafe\u{301}", "a\u{323}\u{307}", "a\u{307}\u{323}", "\u{1EA1}\u{307}",
        // Kelvin and K, ohm and omega, a syllable and its letters; accents that join what stands before the name.
        "K", "\u{212A}", "\u{3A9}", "\u{2126}", "\u{AC00}", "\u{1100}\u{1161}", "\u{301}x", "\u{301}", "x\u{301}",
        "a\0b", "\0", "a\u{1}", "\u{1B}[2J", "line\nbreak", "tab\ttab", "\u{7F}", "\u{9B}31m", "/etc/passwd",
        "../../up",
        "a//b", "C:\\x", ".", "..", "-rf", "a b", " ", "=", "{}", "\"", "'", "\\", "\u{1F600}",
        "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}", "\u{1F1E9}\u{1F1EA}", "\u{202E}gnp.exe", "\u{FEFF}x", "x",
        "\u{10FFFF}", String(repeating: "n", count: 1_000), String(repeating: "\u{1F600}", count: 250),
    ]

    private struct World {
        let fileSystem = SimulatedFileSystem(seed: 1)
        let machine = SimulatedMachine(seed: 1)
        let repository: Repository
        let host: SimulatedHost

        init() throws {
            host = SimulatedHost(machine)
            let environment = Environment(fileSystem: fileSystem, host: host, hasThreads: false)
            repository = try Repository.create(at: "/repo", name: "", environment)
        }

        var options: RunOptions {
            var options = RunOptions()
            options.journalBytes = 64 << 10
            options.compaction = .never
            return options
        }
    }

    private static func bytes(_ texts: some Sequence<String>) -> [[UInt8]] {
        texts.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
    }

    private static func log(_ run: Run, from first: Int) throws {
        for (number, name) in names.enumerated() {
            try run.series(name).log(Double(number), step: first)
            try run.series("contexts", context: [name: name]).log(Double(number), step: first)
            try run.text("\(number)", channel: name)
            try run.set(["params.\(name)": .int(Int64(number)), name: .string(name)])
            try run.set(["values.\(name)": .int(Int64(number))])
            try run.addTag(name)
        }
    }

    /// Holds everything that a snapshot says against what was logged in so many rounds.
    private func check(_ snapshot: Snapshot, _ run: RunID, rounds: Int, _ label: String) throws {
        let info = try #require(snapshot.runs.first { $0.id == run }, "\(label)")
        #expect(Self.bytes(info.tags) == Self.bytes(Self.names), "\(label)")
        for group in [info.params, info.values] {
            #expect(Self.bytes(group.keys) == Self.bytes(Self.names), "\(label)")
        }
        for (number, name) in Self.names.enumerated() {
            #expect(info.params[name] == .int(Int64(number)), "\(label): \(name)")
            #expect(info.values[name] == .int(Int64(number)), "\(label): \(name)")
            guard case .string(let value)? = info.properties[name] else {
                Issue.record("\(label): no property \(name)")
                continue
            }
            #expect(Array(value.utf8) == Array(name.utf8), "\(label): \(name)")
        }
        let metrics = try snapshot.metrics(of: run).map(\.metric)
        #expect(Self.bytes(metrics.filter { $0.context.isEmpty }.map(\.name)) == Self.bytes(Self.names), "\(label)")
        #expect(Self.bytes(metrics.flatMap { $0.context.map(\.key) }) == Self.bytes(Self.names), "\(label)")
        let channels = try snapshot.text(of: run).map(\.channel)
        #expect(
            channels.prefix(Self.names.count).elementsEqual(Self.names) { $0.utf8.elementsEqual($1.utf8) }, "\(label)")
        for (number, name) in Self.names.enumerated() {
            for query in [
                Query(metric: name, runs: [run]), Query(metric: "contexts", context: [name: name], runs: [run]),
            ] {
                let reader = try snapshot.series(query)
                var values: [Double] = []
                while let chunk = try reader.next() { for i in 0..<chunk.count { values.append(chunk.values[i]) } }
                #expect(values == Array(repeating: Double(number), count: rounds), "\(label): \(name)")
            }
        }
    }

    /// Each of them finds itself, and nothing that only looks like it.
    private func filter(_ snapshot: Snapshot, _ run: RunID, _ label: String) throws {
        for (number, name) in Self.names.enumerated() {
            let quoted = name.unicodeScalars.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined()
            let expression =
                "params[\"\(quoted)\"] == \(number) and properties[\"\(quoted)\"] != 0 or \"\(quoted)\" not in tags"
            let found = try snapshot.runs(where: Filter(parsing: "params[\"\(quoted)\"] == \(number)")).map(\.id)
            #expect(found == [run], "\(label): \(expression)")
            let tagged = try snapshot.runs(where: Filter(parsing: "\"\(quoted)\" in tags")).map(\.id)
            #expect(tagged == [run], "\(label): \(expression)")
        }
        let other = try Filter(parsing: "params[\"cafe\u{301}\"] == 0 or params[\"caf\u{E9}\"] == 1")
        #expect(try snapshot.runs(where: other).isEmpty, "\(label)")
        let absent = try Filter(parsing: "params[\"\u{212B}\"] == 1")
        #expect(absent.unknownKeys(in: snapshot.runs).map(\.key) == ["params.\u{212B}"], "\(label)")
    }

    @Test func areKeptApart() throws {
        let world = try World()
        let run = try world.repository.startRun(options: world.options)
        try Self.log(run, from: 0)
        try check(world.repository.snapshot(), run.id, rounds: 1, "in the journal")
        try run.flush()
        try Self.log(run, from: 1)
        try check(world.repository.snapshot(), run.id, rounds: 2, "in the log and the journal")
        _ = try world.repository.compact()
        try check(world.repository.snapshot(), run.id, rounds: 2, "partly in the index")
        try Self.log(run, from: 2)
        try run.finish()
        try check(world.repository.snapshot(), run.id, rounds: 3, "in the log")
        try filter(world.repository.snapshot(), run.id, "in the log")
        var options = CompactionOptions()
        options.mergeWidth = 2
        for round in 0..<3 {
            _ = try world.repository.compact(options)
            try check(world.repository.snapshot(), run.id, rounds: 3, "in the index, \(round)")
            try filter(world.repository.snapshot(), run.id, "in the index, \(round)")
            // Another one whose properties stand in the same columns; merged with the first.
            let other = try world.repository.startRun(options: world.options)
            for name in Self.names { try other.set("params.\(name)", .string("other")) }
            try other.finish()
        }
        #expect(try world.repository.verify(deep: true).problems == [])
        // Newer ones, beside the index: of all runs, by one file, and of one.
        let changed = Properties(Self.names.prefix(5).enumerated().map { ("params.\($1)", .int(Int64($0))) })
        try world.repository.set(changed, of: world.repository.snapshot().runs.map(\.id))
        try check(world.repository.snapshot(), run.id, rounds: 3, "edited")
        try world.repository.set(["params.caf\u{E9}": .absent], of: [run.id])
        _ = try world.repository.compact(options)
        let params = try #require(try world.repository.snapshot().runs.first).params
        #expect(params["caf\u{E9}"] == nil && params["cafe\u{301}"] == 1 && params.count == Self.names.count - 1)
    }

    /// A writer that dies leaves them to a seal.
    @Test func areSealedAndRepaired() throws {
        let world = try World()
        let run = try world.repository.startRun(
            params: Properties([("caf\u{E9}", 1), ("cafe\u{301}", 2)]), options: world.options)
        try Self.log(run, from: 0)
        world.host.die()
        let environment = Environment(
            fileSystem: world.fileSystem, host: SimulatedHost(world.machine), hasThreads: false)
        let repository = try Repository.open("/repo", environment)
        _ = try repository.compact()
        try check(repository.snapshot(), run.id, rounds: 1, "sealed")
    }

    @Test func startsWithBoth() throws {
        let world = try World()
        let run = try world.repository.startRun(
            params: Properties([("caf\u{E9}", 1), ("cafe\u{301}", 2)]), options: world.options)
        try run.setParams(JSONValue(parsing: "{\"\u{E9}\": 1, \"e\u{301}\": {\"\u{3A9}\": 2, \"\u{2126}\": 3}}"))
        let params = try #require(try world.repository.snapshot().runs.first).params
        let expected: [(String, PropertyValue)] = [
            ("caf\u{E9}", 1), ("cafe\u{301}", 2), ("\u{E9}", 1), ("e\u{301}.\u{3A9}", 2), ("e\u{301}.\u{2126}", 3),
        ]
        #expect(params == Properties(expected))
        try run.finish()
    }

    @Test func whatIsTooLongIsRefused() throws {
        let world = try World()
        let run = try world.repository.startRun(options: world.options)
        let most = String(repeating: "x", count: 1_024)
        try run.series(most, context: [most: most]).log(1, step: 0)
        try run.set(most, .string(String(repeating: "v", count: 1 << 20)))
        for name in [
            "", most + "x", String(repeating: "x", count: 64 << 10), String(repeating: "\u{1F600}", count: 257),
        ] {
            func refuses(_ label: String, _ body: () throws -> Void) {
                do {
                    try body()
                    Issue.record("\(label) of \(name.utf8.count) bytes was taken")
                } catch let error as VarveError {
                    #expect(error.code == .limit, "\(label): \(error)")
                    #expect(
                        error.expected?.contains("1024") == true || error.expected?.contains("1,024") == true,
                        "\(error)")
                } catch { Issue.record("\(label): \(error)") }
            }
            refuses("a metric") { _ = try run.series(name) }
            refuses("a context's key") { _ = try run.series("m", context: [name: "v"]) }
            refuses("a property") { try run.set(name, 1) }
            refuses("an edit") { try world.repository.set([name: 1], of: [run.id]) }
            if !name.isEmpty {
                refuses("a context's value") { _ = try run.series("m", context: ["k": name]) }
                refuses("a param") { _ = try world.repository.startRun(params: [name: 1], options: world.options) }
                refuses("a tag") { _ = try world.repository.startRun(tags: [name], options: world.options) }
            }
        }
        #expect(throws: VarveError.self) { try run.set("k", .string(String(repeating: "v", count: 1 << 20 + 1))) }
        // However long what a run says in the end, and of whatever letters: its end is read.
        try run.fail("a" + String(repeating: "\u{301}", count: 1 << 20))
        let snapshot = try world.repository.snapshot()
        #expect(snapshot.problems == [])
        #expect(snapshot.runs.map(\.status) == [.failed])
        let message = try #require(try snapshot.endMessage(of: run.id)).utf8
        #expect(message.first == UInt8(ascii: "a") && message.count == 39_999)
    }
}
