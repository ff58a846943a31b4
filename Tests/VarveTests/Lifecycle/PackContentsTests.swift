import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// Of a pack whose files the index has only the end is read, where it says what it holds. Whatever was done to that, or to the rest:
/// what is shown was logged, once, and what the index has isn't lost.
@Suite struct PackContentsTests {
    private static func packPath(_ world: LifecycleWorld) throws -> String {
        try "/repo/logs/" + #require(try world.names().first { $0.hasPrefix("pack-") })
    }

    /// A pack of many more bytes than its contents take: 30 runs of random points.
    private static func largePack(compactedRuns: Int) throws -> LifecycleWorld {
        let world = try LifecycleWorld(seed: 90)
        let repository = try world.repository()
        var random = SplitMix64(seed: 90)
        for number in 0..<30 {
            if number == compactedRuns { _ = try repository.compact() }
            let run = try repository.startRun(name: "large \(number)", options: LifecycleWorld.options)
            let loss = try run.series("loss")
            for step in 0..<2_000 { loss.log(Double(bitPattern: random.next() >> 2), step: step, time: Int64(step)) }
            if number == 7 { try run.text("said", step: 3) }
            try run.finish()
        }
        if compactedRuns == 30 { _ = try repository.compact() }
        #expect(try repository.pack().packs == 1)
        return world
    }

    /// What a snapshot reads of a file until it knows all runs: opens, reads, bytes.
    private static func reads(_ world: LifecycleWorld, _ path: String) throws -> (opens: Int, reads: Int, bytes: Int) {
        let before = world.fileSystem.callCount
        #expect(try world.repository().snapshot().runs.count == 36)
        let calls = world.fileSystem.calls.filter { $0.number > before && $0.path == path }
        let reads = calls.filter { $0.kind == .read }
        return (calls.count { $0.kind == .open }, reads.count, reads.reduce(0) { $0 + $1.bytes })
    }

    @Test func whatTheIndexHasIsNotScanned() throws {
        let world = try Self.largePack(compactedRuns: 30)
        let path = try Self.packPath(world)
        let size = try #require(world.fileSystem.content(path)).count
        #expect(size > 400_000)
        let reads = try Self.reads(world, path)
        #expect(reads.opens == 1 && reads.reads == 1 && reads.bytes <= 64 << 10, "\(reads)")
        // A compaction has nothing to do, and knows it as cheaply.
        let before = world.fileSystem.callCount
        #expect(try world.repository().compact().points == 0)
        let calls = world.fileSystem.calls.filter { $0.number > before && $0.path == path && $0.kind == .read }
        #expect(calls.count == 1, "\(calls)")
        // What the index has not, of one run, costs that run's bytes.
        let snapshot = try world.repository().snapshot()
        let talker = try #require(snapshot.runs.first { $0.name == "large 7" })
        let begun = world.fileSystem.callCount
        #expect(try snapshot.text(of: talker.id).map(\.text) == ["said"])
        let text = world.fileSystem.calls.filter { $0.number > begun && $0.path == path && $0.kind == .read }
        #expect(text.reduce(0) { $0 + $1.bytes } < size / 8, "\(text)")
    }

    @Test func onlyWhatTheIndexHasNotIsScanned() throws {
        let world = try Self.largePack(compactedRuns: 28)
        let path = try Self.packPath(world)
        let size = try #require(world.fileSystem.content(path)).count
        let reads = try Self.reads(world, path)
        // Two of thirty runs, once by the scan and once for what is in their frames, and the end.
        #expect(reads.bytes < 64 << 10 + 5 * size / 30 && reads.bytes > 2 * size / 31, "\(reads) of \(size)")
        #expect(try world.repository().snapshot().problems == [])
    }

    /// Who goes on with a run of a pack, or gives it another name, reads that run's bytes there, not those of all.
    @Test(arguments: [0, 30]) func goingOnWithARunScansItsFilesOnly(compactedRuns: Int) throws {
        let world = try Self.largePack(compactedRuns: compactedRuns)
        let path = try Self.packPath(world)
        let size = try #require(world.fileSystem.content(path)).count
        let repository = try world.repository()
        let id = try #require(try repository.snapshot().runs.first { $0.name == "large 9" }?.id)
        let before = world.fileSystem.callCount
        try repository.set(["name": "renamed"], of: [id])
        let again = try repository.resumeRun(id, from: 1_990, options: LifecycleWorld.options)
        let reads = world.fileSystem.calls.filter { $0.number > before && $0.path == path && $0.kind == .read }
        // At most four looks at the run's own files and the pack's end.
        let bytes = reads.reduce(0) { $0 + $1.bytes }
        #expect(bytes > 2 * size / 31 && bytes < 4 * (64 << 10 + size / 28), "\(bytes) of \(size)")
        try again.series("loss").log(1, step: 1_990, time: 1_990)
        try again.finish()
        let info = try #require(try repository.snapshot().runs.first { $0.id == id })
        #expect(info.name == "renamed" && info.attempt == 1 && info.points == 2_001, "\(info)")
    }

    /// Without an index, with all of it, and with a part of it, a pack says what its files said: killed at any call of packing, too.
    @Test(arguments: [false, true]) func killedAtEveryCallOfPacking(hasMore: Bool) throws {
        var world = try LifecycleWorld(seed: 91, compacted: true)
        if hasMore {
            let repository = try world.repository()
            let again = try repository.resumeRun(world.runs[0], options: LifecycleWorld.options)
            try LifecycleWorld.log(again, 50..<70)
            try again.finish()
        }
        let before = try world.reading()
        try world.killedAtEveryCall({ _ = try $0.pack() }) { world, _ in
            try require(try world.reading() == before, "what is there changed")
        }
        _ = try world.repository().pack()
        #expect(try world.reading() == before)
        _ = try world.repository().compact()
        #expect(try world.reading() == before)
        world.fileSystem = world.fileSystem.snapshot()
        for name in try world.names("index") { try world.fileSystem.unlink("/repo/index/\(name)") }
        #expect(try world.reading() == before)
    }

    /// The end of the pack, cut anywhere or with any bit wrong, costs a scan and nothing else.
    @Test func damagedContents() throws {
        let world = try LifecycleWorld(seed: 92, compacted: true)
        let truth = try RepositoryReading(world.repository())
        _ = try world.repository().pack()
        let path = try Self.packPath(world)
        let whole = try #require(world.fileSystem.content(path))
        let contents = try #require(FrameList(whole).frames.last)
        #expect(contents.header.kind == FrameKind.contents.rawValue)
        #expect(try Self.contents(world, path) != nil)
        withEvery("cut", in: contents.range.lowerBound..<whole.count) { end in
            #expect(world.fileSystem.replace(path, with: Array(whole[..<end])))
            try require(try Self.contents(world, path) == nil, "a cut end was believed")
            try require(try RepositoryReading(world.repository()).isWhole(truth), "something is missing")
        }
        let bits = Swift.stride(from: contents.range.lowerBound * 8, to: contents.range.upperBound * 8, by: 11)
        withEvery("bit", in: bits) { bit in
            var bytes = whole
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(world.fileSystem.replace(path, with: bytes))
            try require(try RepositoryReading(world.repository()).isWhole(truth), "something is missing")
        }
        // Files that were joined by something else say nothing at their end.
        #expect(world.fileSystem.replace(path, with: Array(whole[..<contents.range.lowerBound])))
        #expect(try Self.contents(world, path) == nil)
        #expect(try RepositoryReading(world.repository()).isWhole(truth))
    }

    private static func contents(_ world: LifecycleWorld, _ path: String) throws -> [PackedFile]? {
        let file = try world.fileSystem.open(path, .read)
        defer { file.close() }
        return PackContents(file, zstd: Zstd())?.files
    }

    /// A pack with contents of which every checksum fits, and that aren't so: what they say is proved where it matters, or a scan
    /// tells.
    @Test(arguments: [false, true]) func lyingContents(isCompacted: Bool) throws {
        let world = try LifecycleWorld(seed: 93, compacted: isCompacted)
        let truth = try RepositoryReading(world.repository())
        _ = try world.repository().pack()
        let path = try Self.packPath(world)
        let whole = try #require(world.fileSystem.content(path))
        let last = try #require(FrameList(whole).frames.last)
        let files = try #require(try Self.contents(world, path))
        var random = SplitMix64(seed: 93)
        withEvery("lie", in: 0..<200) { number in
            var lies = files
            let i = Int(random.next() % UInt64(files.count)), j = Int(random.next() % UInt64(files.count))
            switch number % 5 {
            case 0: lies.swapAt(i, j)
            case 1: (lies[i].identity, lies[j].identity) = (lies[j].identity, lies[i].identity)
            case 2: lies[i].bytes = lies[i].bytes &+ random.next() >> (random.next() % 64)
            case 3: lies[i].offset = random.next() >> (random.next() % 64)
            default: lies.remove(at: i)
            }
            let frame = FrameEncoder(salt: lies.last?.identity.salt ?? 0, zstd: Zstd()).frame(
                .contents, payload: PackedFile.payload(lies), count: lies.count, sequence: 0)
            #expect(world.fileSystem.replace(path, with: Array(whole[..<last.range.lowerBound]) + frame))
            let reading = try RepositoryReading(world.repository())
            try require(reading.isWhole(truth), "\(lies) was believed")
        }
    }

    /// Anything may be wrong with a pack: nothing is shown that wasn't logged, nothing twice; and while its end is whole nothing of
    /// what the index has is missing. `verify` tells of all that is wrong.
    @Test(arguments: [false, true]) func damagedAnywhere(isCompacted: Bool) throws {
        let world = try LifecycleWorld(seed: 94, compacted: isCompacted)
        let truth = try RepositoryReading(world.repository())
        var settings: [String: [PropertyValue]] = [:]
        for property in truth.properties.values.joined() { settings[property.key, default: []].append(property.value) }
        _ = try world.repository().pack()
        let path = try Self.packPath(world)
        let whole = try #require(world.fileSystem.content(path))
        let frames = try FrameList(whole).frames
        let end = try #require(frames.last).range.lowerBound
        withEvery("seed", in: 0..<(150 as UInt64)) { seed in
            var random = SplitMix64(seed: seed)
            var bytes = whole
            let place = Int(random.next() % UInt64(end))
            switch seed % 3 {
            case 0: bytes[place] ^= 1 << UInt8(random.next() % 8)
            case 1:
                let length = min(end - place, Int(random.next() % 2_000) + 1)
                bytes.replaceSubrange(place..<place + length, with: repeatElement(0, count: length))
            default: bytes.removeSubrange(place...)
            }
            #expect(world.fileSystem.replace(path, with: bytes))
            let reading = try RepositoryReading(world.repository())
            try reading.requirePart(of: truth, settings: settings)
            if isCompacted, seed % 3 < 2 {
                try require(reading.all == truth.all, "points that the index has are missing")
            }
            // Zeros that fill a frame up say nothing, and a cut between two frames looks like files that were joined.
            let isTold = frames.contains { frame in
                let said = frame.range.lowerBound..<frame.payload.upperBound
                if bytes.count < whole.count { return said.contains(place) && place > said.lowerBound }
                return bytes[said] != whole[said]
            }
            if isTold {
                try require(try !world.repository().verify().problems.isEmpty, "nobody tells what is wrong")
            }
        }
    }
}
