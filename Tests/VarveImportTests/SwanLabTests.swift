import Testing
import Varve

@testable import VarveImport

/// Shows what each record of SwanLab's log becomes, from files built byte by byte. (That SwanLab itself writes this form was
/// seen with 0.10.3.)
@Suite struct SwanLabTests {
    private func read(_ records: [Message], version: UInt8 = 2) throws -> CollectingSink {
        var log = BlockLog(ident: ":SWL", magic: 0xE1D6, version: version)
        for record in records { log.append(record.bytes) }
        let sink = CollectingSink()
        var reader = SwanLabFileReader(
            file: "run.swanlab", media: { $0 == "image/3-a.png" ? "/there" : nil }, into: sink)
        try reader.read(MemorySource(log.bytes))
        return sink
    }

    /// Files of media lie in a folder for each type; one that isn't there is counted.
    @Test func filesOfMedia() throws {
        let items = ["3-a.png", "3-gone.png"].reduce(Message()) { $0.message(1, Message().text(1, $1)) }
        let media = Message().text(1, "pic").varint(2, 3).varint(3, 2).message(5, items)
        let sink = try read([Message().message(14, media)])
        #expect(sink.artifacts == ["pic/3-a.png@3": "/there"] && sink.skips == ["images": 1])
    }

    private let moment = Message().varint(1, 1_700_000_000).varint(2, 5)

    private func scalar(_ key: String, _ step: Int64, _ value: Double) -> Message {
        let scalar = Message().text(1, key).varint(2, step).varint(3, 1).message(4, moment)
        return Message().varint(1, 7).message(13, scalar.message(5, Message().double(1, value)))
    }

    @Test func everyRecord() throws {
        let start = Message().text(1, "proj").text(2, "me").text(4, "exp").text(5, "about").text(6, "t1").text(6, "t2")
            .text(7, "g").text(10, "abc")
        let column = Message().varint(1, 2).varint(2, 1).text(3, "cpu")
        let media = Message().text(1, "pic").varint(2, 3).varint(3, 2)
        let lines = [Message().text(1, "hello").message(3, moment), Message().text(1, "oh").varint(2, 1)]
        let finish = Message().varint(1, 2).text(2, "Traceback")
        let sink = try read(
            [Message().message(10, start), Message().message(12, column), scalar("loss", 4, 0.5)]
                + [scalar("cpu", 0, 12.5), scalar("loss", 5, .nan), scalar("loss", 6, -0.0)]
                + lines.map { Message().message(16, $0) }
                + [Message().message(14, media), Message().message(20, Message().text(1, "config").varint(5, 1))]
                + [Message().message(20, Message().text(1, "mine.txt")), Message().message(11, finish)])
        #expect(sink.steps("loss") == [4, 5, 6] && sink.values("loss")[1].isNaN)
        #expect(sink.values("loss")[2].sign == .minus)
        #expect(sink.points[MetricKey("loss")]?.first?.time == 1_700_000_000_000_000_005)
        #expect(sink.points[MetricKey("cpu", context: ["system": "host"])]?.count == 1)
        #expect(sink.texts == ["stdout@6: hello", "stderr@6: oh"])
        #expect(sink.skips == ["images": 1, "saved files": 1])
        #expect(sink.end == .failed && sink.problems.isEmpty)
        #expect(
            sink.properties == [
                "name": "exp", "note": "about", "group": "g", "tags.t1": true, "tags.t2": true, "swanlab.id": "abc",
                "swanlab.project": "proj", "swanlab.workspace": "me", "swanlab.error": "Traceback",
            ])
    }

    /// Zero values of a message aren't written: a scalar of 0 at step 0 has neither.
    @Test func zerosAreLeftOut() throws {
        let scalar = Message().text(1, "acc").varint(3, 1).message(5, Message())
        let sink = try read([Message().message(13, scalar)])
        #expect(sink.values("acc") == [0] && sink.steps("acc") == [0] && sink.end == .killed)
        #expect(sink.points[MetricKey("acc")]?.first?.time == WallTime.none)
    }

    @Test func olderAndOtherFilesAreNamed() throws {
        for version in [0, 1] as [UInt8] {
            let sink = try read([scalar("loss", 0, 1)], version: version)
            #expect(sink.points.isEmpty && sink.problems.count == 1)
        }
        let newer = try read([scalar("loss", 0, 1)], version: 3)
        #expect(newer.values("loss") == [1] && newer.problems.count == 1)
    }
}
