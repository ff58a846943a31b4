import Testing
import Varve

@testable import VarveImport

/// Proves that histograms of event files come in as they are, in both of TensorFlow's forms, and that images and audio clips become
/// artifacts at their step. Messages are built field by field.
struct EventMediaTests {
    private func read(_ bytes: [UInt8]) throws -> CollectingSink {
        let sink = CollectingSink()
        var reader = EventFileReader(file: "f", into: sink)
        try reader.read(MemorySource(EventFile.version + bytes))
        return sink
    }

    private func packed(_ numbers: [Double]) -> [UInt8] { numbers.flatMap { Message.littleEndian($0.bitPattern) } }

    private func proto(_ low: Double, _ high: Double, _ limits: [Double], _ counts: [Double]) -> [UInt8] {
        let histogram = Message().double(1, low).double(2, high).bytes(6, packed(limits)).bytes(7, packed(counts))
        return EventFile.event(Message().text(1, "h").message(5, histogram), step: 7)
    }

    private func tensor(_ plugin: String, _ tensor: Message, step: Int64 = 7) -> [UInt8] {
        let data = Message().message(1, Message().text(1, plugin))
        return EventFile.event(Message().text(1, "h").message(9, data).message(8, tensor), step: step)
    }

    private func shape(_ sizes: [Int64]) -> Message {
        sizes.reduce(Message()) { $0.message(2, Message().varint(1, $1)) }
    }

    /// Edges lie where the values are: empty bins beyond them, and limits without a number behind, aren't bins.
    @Test(arguments: [
        ([-1.0, 0.5, 3], [2.0, 0, 5], -4.0, 2.0, [-4.0, -1, 0.5, 2], [2.0, 0, 5]),
        ([-5, -1, 0.5, 1.797e308], [0, 2, 5, 0], -4, 0.25, [-4, -1, 0.25], [2, 5]),
        ([1, 1.797e308], [0, 3], 1.5, 1.5, [1.5, 1.5], [3]),
    ])
    func statesLimits(
        _ limits: [Double], _ counts: [Double], _ low: Double, _ high: Double, _ edges: [Double], _ found: [Double]
    ) throws {
        let sink = try read(proto(low, high, limits, counts))
        let kept = try #require(sink.kept.first)
        #expect(kept.metric == MetricKey("h") && kept.step == 7 && sink.skips.isEmpty)
        #expect(kept.content == .histogram(try Histogram(edges: edges, counts: found)))
    }

    @Test(arguments: [([], []), ([1], [0]), ([1, 2], [1]), ([2, 1], [1, 1]), ([1], [-1])] as [([Double], [Double])])
    func othersAreCounted(_ limits: [Double], _ counts: [Double]) throws {
        let sink = try read(proto(0, 5, limits, counts))
        #expect(sink.kept.isEmpty && sink.skips == ["histograms without values": 1])
    }

    @Test func rowsOfATensorAreBins() throws {
        let rows = Message().varint(1, 2).message(2, shape([2, 3])).bytes(4, packed([0, 1, 4, 1, 3, 5]))
        let listed = Message().varint(1, 2).message(2, shape([2, 3])).bytes(6, packed([0, 1, 4, 1, 3, 5]))
        for message in [rows, listed] {
            let kept = try #require(try read(tensor("histograms", message)).kept.first)
            #expect(kept.content == .histogram(try Histogram(edges: [0, 1, 3], counts: [4, 5])))
        }
        let gap = Message().varint(1, 2).message(2, shape([2, 3])).bytes(4, packed([0, 1, 4, 2, 3, 5]))
        let cut = Message().varint(1, 2).message(2, shape([2, 3])).bytes(4, packed([0, 1, 4]))
        for message in [gap, cut] {
            let sink = try read(tensor("histograms", message))
            #expect(sink.kept.isEmpty && sink.skips == ["histograms without values": 1])
        }
    }

    private let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 1, 2, 3]

    @Test func imagesAreArtifacts() throws {
        let image = Message().varint(1, 4).varint(2, 4).bytes(4, png)
        let old = try read(EventFile.event(Message().text(1, "a/img").message(4, image), step: 3))
        #expect(old.contents == ["a/img.png@3": png] && old.skips.isEmpty)
        let strings = Message().varint(1, 7).text(8, "4").text(8, "4").bytes(8, png)
        #expect(try read(tensor("images", strings)).contents == ["h.png@7": png])
        let sound = Array("RIFF....WAVE".utf8)
        let clip = Message().double(1, 8_000).bytes(4, sound)
        #expect(try read(EventFile.event(Message().text(1, "s").message(6, clip))).contents == ["s.wav@0": sound])
    }

    /// Six rows with a column a threshold become a table with a row a threshold.
    @Test func curvesAreTables() throws {
        let numbers: [Double] = [4, 1, 3, 0, 2, 5, 0, 3, 0.5, 1, 1, 0.25]
        let curve = Message().varint(1, 2).message(2, shape([6, 2])).bytes(4, packed(numbers))
        let sink = try read(tensor("pr_curves", curve))
        let expected = """
            threshold,true_positives,false_positives,true_negatives,false_negatives,precision,recall
            0.0,4.0,3.0,2.0,0.0,0.5,1.0
            1.0,1.0,0.0,5.0,3.0,1.0,0.25

            """
        #expect(sink.contents == ["h.pr_curve.csv@7": Array(expected.utf8)] && sink.skips.isEmpty)
        let cut = Message().varint(1, 2).message(2, shape([5, 1])).bytes(4, packed([1, 2, 3, 4, 5]))
        let none = try read(tensor("pr_curves", cut))
        #expect(none.contents.isEmpty && none.skips == ["PR curves": 1])
    }

    /// Through the whole import: records and versions of an artifact with their steps, once, however often they are imported.
    @Test func comesInOnce() throws {
        try Place.with { place in
            let image = { (byte: UInt8) in Message().bytes(4, self.png + [byte]) }
            var bytes = EventFile.version + proto(0, 2, [1, 2], [3, 4])
            for step in 1...2 {
                bytes += EventFile.event(Message().text(1, "i").message(4, image(UInt8(step))), step: Int64(step))
            }
            try place.write("val/events.out.tfevents.1.h", bytes)
            let report = try place.load(nil, nil) { $0.audits = true }
            #expect(report.recordsStored == 1 && report.artifactsStored == 2 && report.skipped.isEmpty)
            try place.append("val/events.out.tfevents.1.h", bytes + EventFile.scalar("x", 1, step: 9))
            let again = try place.load(nil)
            #expect(again.recordsStored == 0 && again.artifactsStored == 0 && again.pointsStored == 1)
            let snapshot = try place.repository.snapshot()
            let run = try #require(snapshot.runs.first?.id)
            #expect(try snapshot.artifacts(of: run).map { "\($0.name) \($0.step ?? -1)" } == ["i.png 1", "i.png 2"])
            var found: [String] = []
            try snapshot.forEachRecord(of: run) { found.append("\($0.metric) \($0.step ?? -1)") }
            #expect(found == ["h {subset=val} 7"])
            let without = try Place.with { other in
                try other.write("a/events.out.tfevents.1.h", bytes)
                return try other.load(nil) { $0.artifacts = false }.skipped
            }
            #expect(without == ["artifacts": 2])
        }
    }
}
