import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// Two readers that share nothing but Format.md say the same of the same bytes: Varve's, and the one in Python in
/// `Tests/SecondReader`.
/// Repositories with everything in them are read by both, and compared line by line: each run with its files and
/// properties, each
/// series with the hash of all its steps, times and values.
@Suite(
    .enabled(
        if: SecondReader.interpreter != nil, "no python3 that can import zstandard (apt install python3-zstandard)"))
struct SecondReaderTests {
    /// Compares what two readers said, and shows the first line at which they part.
    private func expectSame(
        _ second: [String], _ ours: [String], _ comment: String = "", sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let lines = max(second.count, ours.count)
        for i in 0..<lines {
            let (a, b) = (i < second.count ? second[i] : "nothing", i < ours.count ? ours[i] : "nothing")
            if a != b {
                Issue.record("\(comment) line \(i): second reader \(a), Varve \(b)", sourceLocation: sourceLocation)
                return
            }
        }
    }

    @Test func workedExamplesDecode() throws {
        let lines = try SecondReader.lines("--self-test", ["\(PackagePaths.root)/Format.md"])
        #expect(lines.count == 1 && lines[0].hasSuffix("as Format.md says"))
    }

    @Test func logsAndJournalsSayTheSame() throws {
        try withTemporaryDirectory { directory in
            let odd = try OddRepository(at: Paths.join(directory, "r"))
            let lines = try CanonicalLines(odd.repository).all
            #expect(lines.contains { $0.contains(#""metric":"open""#) })
            expectSame(try SecondReader.lines(odd.path, ["--from", "logs"]), lines)
            expectSame(try SecondReader.lines(odd.path, ["--from", "logs", "--journals", "live"]), lines)
            try odd.open.finish()
            let closed = try CanonicalLines(odd.repository).all
            expectSame(try SecondReader.lines(odd.path), closed)
            #expect(closed.filter { $0.contains("sha256") } == lines.filter { $0.contains("sha256") })
        }
    }

    @Test func goldenFilesSayTheSame() throws {
        let golden = Paths.join(PackagePaths.root, "Tests/Golden/v1")
        let repository = try Repository.open(golden)
        let forks = try repository.snapshot().runs.filter { $0.forkedFrom != nil }.map { "\($0.id)" }
        // The second reader shows text that was superseded, too, and a fork without what it inherits.
        func comparable(_ lines: [String]) -> [String] {
            lines.compactMap { line in
                if line.hasPrefix(#"{"metric""#), forks.contains(where: { line.contains($0) }) { return nil }
                return String(line[..<(line.firstRange(of: #","text":["#)?.lowerBound ?? line.endIndex)])
            }
        }
        let ours = comparable(try CanonicalLines(repository).all)
        expectSame(comparable(try SecondReader.lines(golden)), ours)
        expectSame(comparable(try SecondReader.lines(golden, ["--from", "logs"])), ours)
    }

    @Test func indexSaysTheSame() throws {
        try withTemporaryDirectory { directory in
            let odd = try OddRepository(at: Paths.join(directory, "r"))
            let repository = odd.repository
            let before = try CanonicalLines(repository)
            var options = CompactionOptions()
            options.buildPoints = 3000
            options.mergeWidth = 3
            #expect(try repository.compact(options).built > 0)
            // What stands only in the journal is read from there.
            #expect(try CanonicalLines(repository).all == before.all)
            expectSame(try SecondReader.lines(odd.path), before.all)

            // A new attempt, behind what the index covers.
            let again = try repository.resumeRun(odd.rewound, from: 30, options: OddRepository.options)
            let loss = try again.series("loss", context: ["subset": "train"])
            for step in 30..<90 { loss.log(Double(step) / 7, step: step, time: Int64(step)) }
            try again.set("values.best", 0.125)
            try again.finish()
            try repository.set(["note": "edited after the index", "tags.old": .absent], of: [odd.special])
            expectSame(try SecondReader.lines(odd.path), try CanonicalLines(repository).all)

            // Everything in the index: then the segments alone say it.
            try odd.open.finish()
            #expect(try repository.compact(options).built > 0)
            let after = try CanonicalLines(repository)
            expectSame(try SecondReader.lines(odd.path), after.all)
            expectSame(try SecondReader.lines(odd.path, ["--from", "logs"]), after.all)
            expectSame(
                try SecondReader.lines(odd.path, ["--from", "index"]).filter { $0.contains("sha256") }, after.series)
        }
    }

    @Test func sealSaysWhatTheJournalSaid() throws {
        try withTemporaryDirectory { directory in
            let odd = try OddRepository(at: Paths.join(directory, "r"))
            let copy = Paths.join(directory, "copy")
            try OddRepository.copy(odd.path, to: copy)
            let repository = try Repository.open(copy)
            try OddRepository.killWriters(copy)
            let before = try CanonicalLines(repository)
            #expect(before.all.contains { $0.contains(#""metric":"open""#) })
            expectSame(try SecondReader.lines(copy), before.all)

            #expect(try Sealer(repository.environment, repository.paths).sealDead().count == 1)
            let sealed = try CanonicalLines(repository)
            #expect(sealed.series == before.series)
            #expect(sealed.all.contains { $0.contains(#""seal":true,"end":"killed""#) })
            expectSame(try SecondReader.lines(copy), sealed.all)

            #expect(try repository.compact().built > 0)
            #expect(try CanonicalLines(repository).all == sealed.all)
            expectSame(try SecondReader.lines(copy), sealed.all)
            expectSame(
                try SecondReader.lines(copy, ["--from", "index"]).filter { $0.contains("sha256") }, sealed.series)
        }
    }

    /// A writer whose sync failed seals its own file, and repeats there what may not be on the disk.
    @Test func sealThatRepeatsItsSourceAddsNothing() throws {
        try withTemporaryDirectory { directory in
            let odd = try OddRepository(at: Paths.join(directory, "r"))
            let copy = Paths.join(directory, "copy")
            try OddRepository.copy(odd.path, to: copy)
            try OddRepository.killWriters(copy)
            let repository = try Repository.open(copy)
            let before = try CanonicalLines(repository)
            let (fileSystem, paths, run) = (RealFileSystem(), repository.paths, odd.open.id.id)

            let source = try fileSystem.open(paths.log(.log(run: run, n: 1)), .read)
            defer { source.close() }
            let section = try #require(try LogScanner.scan(source, name: .log(run: run, n: 1), zstd: Zstd()).first)
            let name = LogName.journal(run: run, n: 1)
            let journal = try #require(try JournalReader(paths.log(name), name: name, fileSystem))
            defer { journal.close() }
            var seal = SealFrames(repository.environment, source: section.begin, size: UInt64(try source.size()))
            seal.define(section.definitions)
            for frame in section.frames {
                seal.append(frame, payload: try LogFileReader(source, zstd: Zstd()).payload(of: frame, in: section))
            }
            seal.append(section.properties)
            seal.append(journal.content(of: try journal.ring(), from: section.endSequence))
            let path = paths.log(.seal(run: run, n: 1))
            _ = try fileSystem.publish(path, from: Paths.temporary(for: path, tag: 3), bytes: seal.finish(.moved))
            try fileSystem.unlink(paths.log(name))

            let sealed = try CanonicalLines(repository)
            #expect(sealed.series == before.series)
            #expect(sealed.runs.filter { $0.contains("half-way") }.count == 1)
            expectSame(try SecondReader.lines(copy), sealed.all)
            #expect(try repository.compact().built > 0)
            #expect(try CanonicalLines(repository).all == sealed.all)
            expectSame(try SecondReader.lines(copy), sealed.all, "with the index")
        }
    }

    @Test func packsAndCopiesSayTheSame() throws {
        try withTemporaryDirectory { directory in
            let odd = try OddRepository(at: Paths.join(directory, "r"))
            try odd.open.finish()
            let fileSystem = RealFileSystem()
            let logs = Paths.join(odd.path, "logs")
            func read(_ name: String) throws -> [UInt8] {
                try fileSystem.readAll(Paths.join(logs, name), cap: 1 << 26)
            }
            func write(_ name: String, _ bytes: [UInt8]) throws {
                let path = Paths.join(logs, name)
                if try fileSystem.status(path) != nil { try fileSystem.unlink(path) }
                _ = try fileSystem.publish(path, from: Paths.temporary(for: path, tag: 2), bytes: bytes)
            }
            let before = try CanonicalLines(odd.repository).all
            let names = try fileSystem.list(logs).filter { $0.hasSuffix(".vlog") }.sorted()
            let own = names.filter { $0.hasPrefix("\(odd.special).") || $0.hasPrefix("\(odd.rewound).") }

            // All files of two runs one after the other, beside their sources and then without them.
            try write("pack-\(odd.repository.id).vlog", own.flatMap(read))
            #expect(try CanonicalLines(odd.repository).all == before)
            expectSame(try SecondReader.lines(odd.path), before, "pack and sources")
            // A copy that was cut off: the longer one counts.
            let whole = try read(own[0])
            try write(own[0], Array(whole[..<(whole.count / 2)]))
            #expect(try CanonicalLines(odd.repository).all == before)
            expectSame(try SecondReader.lines(odd.path), before, "a source cut off")
            let copy = Paths.join(directory, "copy")
            try OddRepository.copy(odd.path, to: copy)
            let copied = try Repository.open(copy)
            let report = try copied.compact()
            #expect(report.built > 0)
            #expect(try CanonicalLines(copied).series == before.filter { $0.contains("sha256") })
            expectSame(try SecondReader.lines(copy), before, "a source cut off, and the index")
            for name in own { try fileSystem.unlink(Paths.join(logs, name)) }
            #expect(try CanonicalLines(odd.repository).all == before)
            expectSame(try SecondReader.lines(odd.path), before, "the pack alone")
            #expect(try odd.repository.compact().built > 0)
            #expect(try CanonicalLines(odd.repository).all == before)
            expectSame(try SecondReader.lines(odd.path), before, "the pack and the index")
        }
    }

    @Test func damageCostsBothTheSame() throws {
        try withTemporaryDirectory { directory in
            let odd = try OddRepository(at: Paths.join(directory, "r"))
            try odd.open.finish()
            let name = "\(odd.special).1.vlog"
            let path = Paths.join(Paths.join(odd.path, "logs"), name)
            let file = try RealFileSystem().open(path, .update)
            defer { file.close() }
            let whole = try CanonicalLines(odd.repository).all
            let size = try file.size()
            var differing = 0
            // A prime stride, so that headers, payloads and padding are all hit.
            for offset in stride(from: 5, to: size, by: max(1, size / 23) | 1) {
                let byte = try file.read(upTo: 1, at: offset)
                try file.write([byte[0] ^ 0x10], at: offset)
                let lines = try CanonicalLines(odd.repository).all
                expectSame(try SecondReader.lines(odd.path), lines, "byte \(offset) of \(size)")
                if lines != whole { differing += 1 }
                try file.write(byte, at: offset)
            }
            #expect(differing > 0)
            #expect(try CanonicalLines(odd.repository).all == whole)
        }
    }
}
