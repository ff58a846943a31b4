import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// Looking at the gaps of a ring again costs no more than the ring, however much of the log a power failure took.
struct JournalGapTests {
    private final class CountingFile: ForwardingFile {
        let inner: any OpenFile
        private let reads: Guarded<Int>

        init(_ inner: any OpenFile, _ reads: Guarded<Int>) {
            self.inner = inner
            self.reads = reads
        }

        func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int {
            reads.withLock { $0 += 1 }
            return try inner.read(into: buffer, at: offset)
        }
    }

    private struct CountingReads: ForwardingFileSystem {
        let inner = SimulatedFileSystem(seed: 1)
        let reads = Guarded(0)

        func open(_ path: String, _ mode: OpenMode) throws(FileError) -> any OpenFile {
            CountingFile(try inner.open(path, mode), reads)
        }
    }

    /// The log ends at 0, and the ring holds what came millions of points later, with two gaps among it.
    @Test func aGapOfManyLapsIsNotSearched() throws {
        let fileSystem = CountingReads()
        var header = JournalHeader()
        header.run = UniqueID(high: 1, low: 2)
        header.n = 1
        header.slots = 64
        header.salt = 7
        let first: UInt64 = 1_000_000_000
        let missing: Set<UInt64> = [first + 10, first + 20]
        let name = LogName.journal(run: header.run, n: header.n)
        let file = try fileSystem.inner.open("/\(name)", .createNew)
        try file.write(header.bytes(), at: 0)
        try file.write(Self.word(first + 64), at: FormatConstants.journalClaimedOffset)
        func write(_ sequence: UInt64) throws {
            let slot = Int(sequence & UInt64(header.slots - 1)) * FormatConstants.journalRecordBytes
            let step = Int64(sequence)
            let check = JournalRecord.check(
                step: step, time: 1, value: 2, series: 0, sequence: sequence, salt: header.salt)
            let words: [UInt64] = [UInt64(bitPattern: step), 1, 2, UInt64(check) << 32]
            try file.write(words.flatMap(Self.word), at: FormatConstants.journalHeaderBytes + slot)
        }
        for sequence in first..<first + 64 where !missing.contains(sequence) { try write(sequence) }

        let journal = try #require(try JournalReader("/\(name)", name: name, fileSystem))
        defer { journal.close() }
        var ring = try journal.ring()
        let content = journal.content(of: ring, from: 0)
        #expect(content.records.count == 62)
        #expect(content.holes == [0..<first, first + 10..<first + 11, first + 20..<first + 21])
        fileSystem.reads.withLock { $0 = 0 }
        #expect(try !journal.lookAgain(at: content, in: &ring))
        #expect(fileSystem.reads.withLock { $0 } <= 4)
        // What is published by now is found.
        try write(first + 20)
        #expect(try journal.lookAgain(at: content, in: &ring))
        #expect(journal.content(of: ring, from: 0).holes == [0..<first, first + 10..<first + 11])
    }

    private static func word(_ value: UInt64) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }

    /// What a damaged frame of the log held is read from the ring as long as it is there, also when the index has what stood before
    /// the frame and what came behind it.
    @Test func theRingHasWhatADamagedFrameHeld() throws {
        let fileSystem = SimulatedFileSystem(seed: 3)
        let environment = Environment(
            fileSystem: fileSystem, host: SimulatedHost(SimulatedMachine(seed: 3)), hasThreads: false)
        let repository = try Repository.create(at: "/r", name: "", environment)
        var options = RunOptions()
        options.compaction = .never
        let run = try repository.startRun(options: options)
        let series = try run.series("loss")
        for step in 0..<20 {
            if step == 10 { try run.drain() }
            series.log(Double(step), step: step)
        }
        try run.drain()
        let path = try #require(fileSystem.paths().first { $0.hasSuffix(".vlog") })
        let log = try FrameList(try #require(fileSystem.content(path)))
        let last = try #require(log.frames.last { $0.header.kind == FrameKind.points.rawValue })
        let file = try fileSystem.open(path, .update)
        try file.write([log.bytes[last.payload.lowerBound] ^ 1], at: last.payload.lowerBound)
        file.close()
        func steps() throws -> [Int] {
            try repository.snapshot().steps()
        }
        #expect(try steps() == Array(0..<20))
        _ = try repository.compact()
        #expect(try steps() == Array(0..<20))
    }
}
