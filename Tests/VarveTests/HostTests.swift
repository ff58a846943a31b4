import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// Where a run and its processes ran is known from logs, from the index, and to queries; edits and imports ran nowhere.
struct HostTests {
    /// Two ranks on each of two hosts, one run on a single one, and one that was imported.
    private func repository() throws -> (Repository, ids: [RunID]) {
        let fileSystem = SimulatedFileSystem(seed: 5)
        func environment(_ host: String) -> Environment {
            let machine = SimulatedMachine(seed: UInt64(host.utf8.last ?? 0), name: host)
            return Environment(fileSystem: fileSystem, host: SimulatedHost(machine), hasThreads: false)
        }
        _ = try Repository.create(at: "/repo", name: "", environment("laptop"))
        func repository(_ host: String) throws -> Repository { try Repository.open("/repo", environment(host)) }
        var options = RunOptions()
        options.compaction = .never
        for rank in 0..<4 {
            options.rank = rank
            options.attempt = 0
            let run = try repository(rank < 2 ? "node1" : "node2").startRun(name: "many", options: options)
            options.id = run.id
            run.log(step: 0, [(try run.series("m"), Double(rank))])
            try run.finish()
        }
        let many = try #require(options.id)
        options = RunOptions()
        options.compaction = .never
        let one = try repository("node2").startRun(name: "one", options: options)
        one.log(step: 0, [(try one.series("m"), 10)])
        try one.finish()
        options.isLocal = false
        options.useJournal = false
        let imported = try repository("laptop").startRun(name: "imported", options: options)
        imported.log(step: 0, [(try imported.series("m"), 20)])
        try imported.finish()
        let here = try repository("laptop")
        let ids = [many, one.id, imported.id]
        try here.set(["note": "edited on the laptop"], of: [one.id])
        return (here, ids)
    }

    @Test(arguments: [false, true]) func isKnown(isIndexed: Bool) throws {
        let (repository, ids) = try repository()
        if isIndexed { _ = try repository.compact() }
        let snapshot = try repository.snapshot()
        #expect(ids.map { snapshot.run($0)?.hosts } == [["node1", "node2"], ["node2"], []])
        #expect(snapshot.attempts(of: ids[0]).map(\.hosts) == [["node1", "node2"]])
        let processes = snapshot.processes(of: ids[0])
        #expect(processes.map(\.rank) == [0, 1, 2, 3])
        #expect(processes.map(\.host) == ["node1", "node1", "node2", "node2"])
        #expect(processes.allSatisfy { $0.points == 1 && $0.status == .finished && $0.attempt == 0 })
        #expect(snapshot.processes(of: ids[1]).map(\.host) == ["node2"])
        func names(_ expression: String) throws -> [String] {
            try snapshot.find(Search(parsing: expression)).runs.map(\.name)
        }
        #expect(try names("host == \"node1\"") == ["many"])
        #expect(try names("run.host == \"node2\"") == ["many", "one"])
        #expect(try names("host != \"node2\"") == ["many"])
        #expect(try names("not host == \"node2\"") == ["imported"])
        #expect(try names("host in [\"node1\", \"laptop\"]") == ["many"])
        #expect(try names("host startswith \"node\" order by host") == ["many", "one"])
        #expect(try names("order by host desc") == ["one", "many", "imported"])
        #expect(try names("metric.host == \"node2\" and metric.last == 1").isEmpty)
        let found = try snapshot.find(Search(parsing: "metric.host == \"node2\" order by metric.host"))
        let pairs = try #require(found.pairs).flatMap { metric, runs in runs.map { "\(metric["rank"] ?? "-") \($0)" } }
        #expect(Set(pairs) == ["2 \(ids[0])", "3 \(ids[0])", "- \(ids[1])"])
        #expect(snapshot.hosts(of: MetricKey("m", context: ["rank": "3"]), in: ids[0]) == ["node2"])
        let groups = RunGroup.groups(of: snapshot.runs, by: try Search(parsing: "group by host").groups)
        #expect(groups.map(\.values) == [[.string("node1, node2")], [.string("node2")], [.absent]])
    }

    /// A segment that was made before hosts were kept says of none.
    @Test func anOldSegmentKnowsNone() throws {
        let (repository, ids) = try repository()
        _ = try repository.compact()
        let snapshot = try repository.snapshot()
        #expect(snapshot.run(ids[1])?.hosts == ["node2"])
        var rows = (0..<2).map { number in
            var begin = BeginFrame()
            begin.run = ids[number].id
            begin.n = 1
            begin.host = number == 0 ? "" : "node2"
            return CoverageRow(begin: begin, sequences: 0..<1, offsets: 0..<64)
        }
        rows.sort(by: CoverageRow.precedes)
        let runs = rows.map(\.begin.run)
        let bytes = CoverageSection.bytes(rows, runs: runs, codec: ColumnCodec())
        let table = try CoverageSection.parse(bytes.span.bytes, runs: runs, repository: .zero, codec: ColumnCodec())
        #expect(table.map(\.begin.host) == rows.map(\.begin.host) && table.map(\.name) == ["", ""])
    }
}
