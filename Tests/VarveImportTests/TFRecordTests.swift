import Testing
import Varve
import VarveFiles

@testable import VarveImport

/// Proves that damage in an event file costs what is damaged and nothing else, is named by place, and never a crash, a hang
/// or memory: by cutting a small file at every byte, flipping every bit, and stating every sort of length.
@Suite struct TFRecordTests {
    private let records: [[UInt8]] = (0..<5).map { EventFile.scalar("loss", Float($0) + 0.5, step: Int64($0)) }
    private var file: [UInt8] { EventFile.version + records.flatMap { $0 } }

    private func read(_ bytes: [UInt8]) throws -> (sink: CollectingSink, end: Int) {
        let sink = CollectingSink()
        var reader = EventFileReader(file: "f", into: sink)
        try reader.read(MemorySource(bytes))
        return (sink, reader.end)
    }

    @Test func everyTruncationKeepsTheWholeRecords() throws {
        var edges = [0, EventFile.version.count]
        for record in records { edges.append((edges.last ?? 0) + record.count) }
        for count in 0...file.count {
            let (sink, end) = try read(Array(file[..<count]))
            let whole = edges.lastIndex { $0 <= count } ?? 0
            #expect(sink.values("loss").count == max(0, whole - 1), "cut at \(count)")
            #expect(end == edges[whole])
            #expect(sink.problems.map(\.offset) == (edges.contains(count) ? [] : [edges[whole]]), "cut at \(count)")
        }
    }

    /// A flip in the data or its checksum costs that record; a flip in a length costs that record, too, since the next one is
    /// found by its checksums. Nothing wrong comes out.
    @Test func everyFlippedBitCostsOneRecord() throws {
        let all = try read(file).sink.values("loss")
        for bit in 0..<file.count * 8 {
            var damaged = file
            damaged[bit / 8] ^= 1 << (bit % 8)
            let (sink, _) = try read(damaged)
            let found = sink.values("loss")
            #expect(found.count >= all.count - 1 && found.allSatisfy(all.contains), "bit \(bit)")
            #expect(sink.problems.count == 1, "bit \(bit)")
        }
    }

    /// A length with a good checksum that goes beyond the file is a cut off record up to a point, and damage beyond; either
    /// way nothing is allocated for it.
    @Test func hostileLengthsAllocateNothing() throws {
        for length in [UInt64(1000), 1 << 20, 1 << 39, 1 << 40, 1 << 62, 1 << 63, .max] {
            let bytes = Message.littleEndian(length)
            let hostile = bytes + Message.littleEndian(EventFile.masked(bytes)) + records[1]
            let (sink, _) = try read(records[0] + hostile)
            #expect(sink.problems.map(\.offset) == [records[0].count])
            #expect(sink.values("loss").count == (length < 1 << 40 ? 1 : 2))
        }
    }

    /// Zeros, as a full disk leaves them, hold no record; neither do random bytes, whatever they are.
    @Test func rubbishEndsAnywhere() throws {
        let (sink, end) = try read(records[0] + [UInt8](repeating: 0, count: 5000) + records[1])
        #expect(sink.values("loss") == [0.5, 1.5])
        #expect(end == records[0].count + 5000 + records[1].count)
        #expect(sink.problems.map(\.offset) == [records[0].count])
        for seed in 0..<200 as Range<UInt64> {
            var random = SplitMix64(seed: seed)
            let bytes = (0..<Int.random(in: 0...300, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            let (sink, _) = try read(bytes)
            #expect(sink.points.isEmpty, "seed \(seed)")
            // The same bytes with good checksums around them: the message itself must be survived.
            _ = try read(EventFile.record(bytes) + EventFile.event(Message(bytes: bytes)))
        }
    }

    /// A record with lengths that look right and data that don't, over and over: the search gives up and says so.
    @Test func searchesForARecordOnlySoLong() throws {
        let length = Message.littleEndian(UInt64(8))
        let decoy = length + Message.littleEndian(EventFile.masked(length)) + [1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0]
        let decoys = [UInt8](repeating: 7, count: 12) + (0..<100).flatMap { _ in decoy }
        let (sink, _) = try read(records[0] + decoys + records[1])
        #expect(sink.values("loss") == [0.5])
        #expect(sink.problems.count == 1)
    }

    /// Records larger than the window, and larger than the limit: the latter are passed over and named.
    @Test func largeRecordsPass() throws {
        let content = [UInt8](repeating: 9, count: 300_000)
        let image = EventFile.event(Message().text(1, "i").message(4, Message().bytes(4, content)))
        let (sink, end) = try read(records[0] + image + records[1])
        #expect(sink.values("loss") == [0.5, 1.5] && sink.contents == ["i@0": content])
        #expect(end == records[0].count + image.count + records[1].count)
    }

    /// Reads of the source that return a few bytes at a time, as of a slow file, make no difference.
    @Test func readsInPieces() throws {
        let sink = CollectingSink()
        var reader = EventFileReader(file: "f", into: sink)
        try reader.read(PiecewiseSource(file))
        #expect(sink.values("loss").count == 5 && sink.problems.isEmpty)
    }
}

/// Gives out seven bytes at a time.
private final class PiecewiseSource: ByteSource {
    let name = "pieces"
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func size() -> Int { bytes.count }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(VarveError) -> Int {
        let end = min(bytes.count, offset + min(7, buffer.count))
        guard offset < end else { return 0 }
        for at in offset..<end { buffer[at - offset] = bytes[at] }
        return end - offset
    }
}
