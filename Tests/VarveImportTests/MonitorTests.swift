import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarveImport

/// Proves what the importer makes of Stable-Baselines3's monitor files, whole, cut off anywhere, and growing.
@Suite struct MonitorTests {
    private let text =
        "#{\"t_start\": 1700000000.25, \"env_id\": \"CartPole-v1\"}\nr,l,t\n10.0,10,0.5\n7.0,7,1.25\n-1.5,20,2.0\n"

    private func read(_ text: String) throws -> CollectingSink {
        let sink = CollectingSink()
        var reader = MonitorReader(file: "f", into: sink)
        try reader.read(MemorySource(Array(text.utf8)))
        return sink
    }

    @Test func readsEpisodes() throws {
        let sink = try read(text)
        #expect(
            sink.values("r") == [10, 7, -1.5] && sink.steps("r") == [10, 17, 37] && sink.values("l") == [10, 7, 20])
        #expect(
            sink.points[MetricKey("t")]?.map(\.time) == [
                1_700_000_000_750_000_000, 1_700_000_001_500_000_000, 1_700_000_002_250_000_000,
            ])
        #expect(sink.properties == ["params.env_id": "CartPole-v1"] && sink.problems.isEmpty)
    }

    /// Columns that the training names may hold truth values; other texts are counted.
    @Test func takesTruthValues() throws {
        let rows = "r,l,t,is_success,why\n1.5,10,0.5,True,fell\n2.5,12,0.9,False,\n"
        let sink = try read("# {\"t_start\": 1700000000.5}\n" + rows)
        #expect(sink.values("is_success") == [1, 0] && sink.steps("is_success") == [10, 22])
        #expect(sink.skips == ["texts in the column why": 1])
    }

    /// A file that grows byte by byte, read on and on by one reader, gives what it gives at once.
    @Test func readsOn() throws {
        let sink = CollectingSink()
        var reader = MonitorReader(file: "f", into: sink)
        let source = MemorySource([])
        let bytes = Array(text.utf8)
        for end in text.utf8.indices.filter({ text.utf8[$0] == 0x0A }) {
            source.bytes = Array(bytes[...text.utf8.distance(from: text.utf8.startIndex, to: end)])
            try reader.read(source)
        }
        #expect(sink.points == (try read(text)).points)
        for count in 0...bytes.count {
            let whole = bytes[..<count].count { $0 == 0x0A }
            let rows = try read(String(decoding: bytes[..<count], as: UTF8.self)).values("l").count
            #expect(rows >= max(0, whole - 2) && rows <= max(0, whole - 1), "\(count) bytes")
        }
    }

    @Test func importsWhatIsNew() throws {
        try Place.with { place in
            try place.write("a/0.monitor.csv", text)
            let search = try ImportSearch(place.logs)
            #expect(search.parts.map(\.format.name) == ["monitor"])
            #expect(try place.load(nil).pointsStored == 9)
            try place.write("a/0.monitor.csv", text + "1,1,3\n")
            let report = try place.load(nil) { $0.audits = true }
            #expect(report.pointsStored == 3 && report.audit?.isEqual == true)
        }
    }

    @Test func namesDamage() throws {
        let sink = try read("#{\n" + "r,l,t\n1,x,2\n1,2\n3,4,5\n")
        #expect(sink.problems.map(\.line) == [1, 3, 4] && sink.steps("r") == [0, 4])
    }
}
