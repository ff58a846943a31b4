import Testing
import Varve
import VarveFiles

@testable import VarveImport

/// Proves that damage in a log of blocks costs the records it touches and nothing else, is named by place, and never a crash,
/// a hang or memory: by cutting a file at every byte, flipping every bit, and stating every sort of length.
@Suite struct BlockLogTests {
    private struct Found {
        var records: [[UInt8]] = []
        var damage: [Range<Int>] = []
        var cutOff: Int?
    }

    private func read(_ bytes: [UInt8]) throws -> Found {
        var found = Found()
        var reader = try BlockLogReader(MemorySource(bytes))
        var last = min(bytes.count, 7)
        while true {
            switch try reader.next() {
            case .end: return found
            case .record: found.records.append(reader.data)
            case .damaged(let range, let what):
                #expect(!range.isEmpty && !what.isEmpty)
                found.damage.append(range)
            case .cutOff(let offset):
                found.cutOff = offset
                return found
            }
            #expect(reader.offset > last && reader.offset <= bytes.count)
            last = reader.offset
        }
    }

    private func record(_ number: Int, _ count: Int) -> [UInt8] {
        var random = SplitMix64(seed: UInt64(number))
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    /// Records of every size around a block's, so that chunks end at, before and behind its edges.
    @Test func everyEdgeOfABlock() throws {
        for size in [0, 1, 7, 8, 32_747 - 7, 32_748 - 7, 32_753, 32_754, 32_755, 32_761, 32_768, 65_536, 100_000] {
            for lead in 0..<9 {
                var log = BlockLog()
                let records = [record(1, 13 + lead), record(2, size), record(3, 5)]
                for record in records { log.append(record) }
                let found = try read(log.bytes)
                #expect(found.records == records && found.damage.isEmpty && found.cutOff == nil, "\(size) + \(lead)")
            }
        }
        // The left-over bytes of a block: 0 to 6.
        for left in 0..<7 {
            var log = BlockLog()
            let records = [record(1, 32_768 - 7 - 7 - left), record(2, 20)]
            for record in records { log.append(record) }
            #expect(try read(log.bytes).records == records, "\(left) bytes left over")
        }
    }

    @Test func everyTruncationKeepsTheWholeRecords() throws {
        var log = BlockLog()
        let records = (0..<6).map { record($0, 10 + $0) } + [record(9, 40_000)]
        for record in records { log.append(record) }
        let edges = [7] + log.ends
        for count in 0...log.bytes.count where count < 300 || count % 977 == 0 || count > log.bytes.count - 20 {
            let found = try read(Array(log.bytes[..<count]))
            let whole = edges.lastIndex { $0 <= count } ?? 0
            #expect(found.records == Array(records[..<whole]), "cut at \(count)")
            #expect(found.damage.isEmpty, "cut at \(count)")
            #expect(found.cutOff == (count < 7 || edges.contains(count) ? nil : edges[whole]), "cut at \(count)")
        }
    }

    /// A flip costs the record it hits. (In the header it is for the format's reader to say.)
    @Test func everyFlippedBitCostsOneRecord() throws {
        var log = BlockLog()
        let records = (0..<8).map { record($0, 20) }
        for record in records { log.append(record) }
        for bit in 7 * 8..<log.bytes.count * 8 {
            var damaged = log.bytes
            damaged[bit / 8] ^= 1 << (bit % 8)
            let found = try read(damaged)
            let hit = (log.ends.firstIndex { $0 > bit / 8 }) ?? 0
            var expected = records
            expected.remove(at: hit)
            #expect(found.records == expected, "bit \(bit)")
            #expect(found.damage.count + (found.cutOff == nil ? 0 : 1) == 1, "bit \(bit)")
        }
    }

    /// A record of several chunks is lost by a flip in any of them, the records around it are not.
    @Test func damageInsideALongRecordCostsThatRecord() throws {
        var log = BlockLog()
        let records = [record(0, 50), record(1, 100_000), record(2, 50), record(3, 40_000), record(4, 50)]
        for record in records { log.append(record) }
        for at in stride(from: 70, to: 100_000, by: 1_999) + [32_768, 32_774, 65_536, 65_542, 98_304, 98_310] {
            var damaged = log.bytes
            damaged[at] ^= 0x10
            let found = try read(damaged)
            #expect(found.records == [records[0], records[2], records[3], records[4]], "at \(at)")
            #expect(found.damage == [log.ends[0]..<log.ends[1]], "at \(at)")
        }
    }

    @Test func orphansAndMissingEndsAreDamage() throws {
        let head = BlockLog().bytes
        let whole = BlockLog.chunk(1, [1])
        let found = try read(head + BlockLog.chunk(3, [9]) + BlockLog.chunk(4, [9]) + whole)
        #expect(found.records == [[1]] && found.damage == [7..<23])
        let open = try read(head + BlockLog.chunk(2, [5]) + whole)
        #expect(open.records == [[1]] && open.damage == [7..<15])
        let cut = try read(head + whole + BlockLog.chunk(2, [5]))
        #expect(cut.records == [[1]] && cut.cutOff == 15)
    }

    /// Zeros, as a full disk leaves them, hold no record, however many blocks they fill; neither do random bytes.
    @Test func rubbishEndsAnywhere() throws {
        var log = BlockLog()
        log.append(record(1, 20))
        let found = try read(log.bytes + [UInt8](repeating: 0, count: 100_000))
        #expect(found.records.count == 1 && found.damage == [log.bytes.count..<log.bytes.count + 100_000])
        for seed in 0..<100 {
            let found = try read(BlockLog().bytes + record(seed, seed * 700))
            #expect(found.records.isEmpty, "seed \(seed)")
        }
        // Headers that each promise a whole block: the search for a chunk ends.
        let decoys = (0..<40_000).flatMap { _ in [0xFF, 0xFF, 0x00, 0x7F, 0x01, 0x02, 0x03] as [UInt8] }
        #expect(try read(BlockLog().bytes + decoys).records.isEmpty)
    }
}
