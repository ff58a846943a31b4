import Glibc
import Synchronization
import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// A log that somebody made a terabyte long without writing one: what is no longer data is not read, whether the file is whole,
/// damaged or nothing but a hole.
@Suite struct HoleTests {
    private static let size = 1 << 40
    private static let mostRead = 4 << 20

    /// Counts the bytes that are read.
    private final class CountingFile: ForwardingFile {
        let inner: any OpenFile
        let bytes = Atomic<Int>(0)

        init(_ inner: any OpenFile) { self.inner = inner }

        func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int {
            bytes.add(buffer.count, ordering: .relaxed)
            return try inner.read(into: buffer, at: offset)
        }
    }

    @Test(arguments: [nil, 0, 700] as [Int?]) func aTerabyteOfNothing(damage: Int?) throws {
        try withTemporaryDirectory(in: memoryDirectory) { directory in
            let fileSystem = RealFileSystem()
            let repository = try Repository.create(at: Paths.join(directory, "r"))
            var options = RunOptions()
            options.compaction = .never
            options.sync = .none
            let run = try repository.startRun(options: options)
            let series = try run.series("loss")
            for step in 0..<100 { series.log(Double(step), step: step) }
            try run.finish()
            let name = LogName.log(run: run.id.id, n: 1)
            let path = repository.paths.log(name)
            var bytes = try fileSystem.readAll(path, cap: 1 << 20)
            if let damage { for i in damage..<damage + 40 { bytes[i] ^= 0x55 } }
            let short = Paths.join(directory, "short")
            for (path, size) in [(short, bytes.count), (path, Self.size)] {
                try? fileSystem.unlink(path)
                let file = try fileSystem.open(path, .createNew)
                try file.write(bytes, at: 0)
                file.close()
                try #require(truncate(path, size) == 0)
            }
            let expected = try Self.scan(short, name)
            let found = try Self.scan(path, name)
            #expect(found.sections.map(\.frames) == expected.sections.map(\.frames))
            #expect(found.sections.flatMap(\.problems).count == expected.sections.flatMap(\.problems).count)
            #expect(found.bytes < Self.mostRead)
            #expect(try repository.verify(deep: true).problems.isEmpty == (damage == nil))

            // The copy that a repair makes is as long as what is in it.
            let source = CountingFile(try fileSystem.open(path, .read))
            let target = try fileSystem.open(Paths.join(directory, "salvaged"), .createNew)
            _ = try LogSalvage.run(source, to: target, zstd: Zstd(), now: 0)
            #expect(try target.size() <= bytes.count && source.bytes.load(ordering: .relaxed) < Self.mostRead)
        }
    }

    @Test func nothingButAHole() throws {
        try withTemporaryDirectory(in: memoryDirectory) { directory in
            let path = Paths.join(directory, "hole")
            try RealFileSystem().open(path, .createNew).close()
            try #require(truncate(path, Self.size) == 0)
            let found = try Self.scan(path, .log(run: UniqueID(high: 1, low: 2), n: 1))
            #expect(found.sections.isEmpty && found.bytes < Self.mostRead)
        }
    }

    private static func scan(_ path: String, _ name: LogName) throws -> (sections: [LogSection], bytes: Int) {
        let file = CountingFile(try RealFileSystem().open(path, .read))
        defer { file.close() }
        let sections = try LogScanner.scan(file, name: name, zstd: Zstd())
        return (sections, file.bytes.load(ordering: .relaxed))
    }
}
