import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// A repair writes beside what is damaged, changes and removes nothing, and what it wrote says what the damaged file still said:
/// each byte of a log is damaged in turn, and segments and manifests.
@Suite struct RepairTests {
    private static func world() throws -> DamageWorld {
        try DamageWorld { builder in
            let run = try builder.repository.startRun(options: builder.options)
            for i in 0..<3 {
                let series = try run.series("m\(i)")
                builder.log(series, steps: 0..<40)
                try run.drain()
                try run.text("text \(i)", step: i, time: 1)
            }
            try run.finish()
        }
    }

    /// A world with an index, the path of its log, and that log's bytes with its last frame of points damaged.
    private static func worldWithDamagedLog() throws -> (DamageWorld, String, [UInt8]) {
        let world = try world()
        _ = try world.repository.compact()
        let path = try world.path(".1.vlog")
        var bytes = try #require(world.fileSystem.content(path))
        let frame = try #require(try FrameList(bytes).frames.last { $0.header.kind == FrameKind.points.rawValue })
        for i in frame.payload { bytes[i] ^= 1 }
        return (world, path, bytes)
    }

    /// A copy in which one file is damaged, and everything that is there.
    private func damaged(
        _ world: DamageWorld, _ path: String, _ bytes: [UInt8]
    ) throws -> (SimulatedFileSystem, Repository, [String: [UInt8]]) {
        let fileSystem = world.fileSystem.snapshot()
        fileSystem.setWriteBack(0)
        try #require(fileSystem.replace(path, with: bytes))
        let environment = Environment(
            fileSystem: fileSystem, host: SimulatedHost(SimulatedMachine(seed: 9)), hasThreads: false)
        var before: [String: [UInt8]] = [:]
        for path in fileSystem.paths() { before[path] = fileSystem.content(path) }
        return (fileSystem, try Repository.open(DamageWorld.path, environment), before)
    }

    private func demandUnchanged(_ before: [String: [UInt8]], in fileSystem: SimulatedFileSystem) throws {
        for (path, bytes) in before {
            try require(fileSystem.content(path) == bytes, "\(path) was changed or removed")
        }
        let left = fileSystem.paths().filter { Paths.lastComponent($0).hasPrefix(".") }
        try require(left.isEmpty, "left behind: \(left)")
    }

    /// Every eighth byte of a log, and the first of each frame's payload and header. What a damaged header or definition said is made
    /// anew, so that a repair may give back more than the damaged file showed, and never anything else.
    @Test func aSalvagedLogSaysWhatTheDamagedOneSaid() throws {
        let world = try Self.world()
        let path = try world.path(".1.vlog")
        let whole = try #require(world.fileSystem.content(path))
        let frames = try FrameList(whole).frames
        let places = Set(stride(from: 0, to: whole.count, by: 8))
            .union(frames.flatMap { [$0.range.lowerBound, $0.payload.lowerBound] }).sorted()
        withEvery("byte", in: places) { place in
            var bytes = whole
            bytes[place] ^= 0x55
            let (fileSystem, repository, before) = try damaged(world, path, bytes)
            let found = try repository.verify().problems
            let reading = try RepositoryReading(repository)
            let report = try repository.repair()
            try demandUnchanged(before, in: fileSystem)
            // Reserved bytes and padding are nobody's.
            guard !found.isEmpty else {
                try require(report.written.isEmpty && report.found.isEmpty, "something was repaired: \(report)")
                return
            }
            let written = try #require(report.written.first)
            try require(report.written.count == 1 && written.source == path, "\(report)")
            let salvaged = try #require(fileSystem.content(written.file))
            let hit = try #require(frames.first { $0.range.contains(place) })
            let kind = FrameKind(rawValue: hit.header.kind)
            if kind == .define || kind != .begin && place < hit.payload.lowerBound {
                try require(salvaged == whole && written.droppedBytes == 0, "not as it was")
            }
            let isLast = hit.range == frames.last?.range && place >= hit.payload.lowerBound
            let expected = isLast ? hit.range.lowerBound : whole.count
            try require(salvaged.count == expected, "\(salvaged.count) bytes of \(whole.count)")
            // Readers don't look at it before it has the name.
            try require(try RepositoryReading(repository).points == reading.points, "other points beside it")
            try fileSystem.rename(path, "\(path).damaged")
            try fileSystem.rename(written.file, path)
            let after = try RepositoryReading(repository)
            if salvaged != whole {
                try require(
                    after.points == reading.points && after.text == reading.text, "other content in its place")
            }
            let left = try repository.verify().problems
            try require(left.isEmpty, "still damaged: \(left)")
            let missing = after.missing(of: world.truth).values.reduce(0) { $0 + $1.count }
            try require(written.lostPoints == missing, "\(missing), \(report)")
        }
    }

    /// Whole frames damaged at a time: the points that are gone are told, and counted as a hole.
    @Test func lostPointsAreTold() throws {
        let world = try Self.world()
        let path = try world.path(".1.vlog")
        let whole = try #require(world.fileSystem.content(path))
        for frame in try FrameList(whole).frames where frame.header.kind == FrameKind.points.rawValue {
            var bytes = whole
            for i in frame.range { bytes[i] = 0xA5 }
            let (fileSystem, repository, _) = try damaged(world, path, bytes)
            let written = try #require(try repository.repair().written.first)
            #expect(written.lostPoints == frame.header.count && written.droppedBytes == frame.range.count)
            try fileSystem.rename(path, "\(path).damaged")
            try fileSystem.rename(written.file, path)
            #expect(try repository.verify().problems == [])
            let missing = try RepositoryReading(repository).missing(of: world.truth).values.reduce(0) { $0 + $1.count }
            #expect(missing == frame.header.count)
        }
    }

    /// A series whose definition is damaged has its points again, if its metric stands in another run, or in the index; if its metric
    /// stands nowhere else, nothing is made up.
    @Test(arguments: [false, true]) func aDamagedDefinitionIsMadeAnew(isIndexed: Bool) throws {
        let world = try DamageWorld { builder in
            for names in isIndexed ? [["loss", "acc"]] : [["acc", "loss", "x"], ["loss", "acc"]] {
                let run = try builder.repository.startRun(options: builder.options)
                for name in names { builder.log(try run.series(name, context: ["subset": "val"]), steps: 0..<9) }
                try run.finish()
            }
            if isIndexed { _ = try builder.repository.compact() }
        }
        let path = try world.path(".1.vlog")
        let whole = try #require(world.fileSystem.content(path))
        let definitions = try FrameList(whole).frames.filter { $0.header.kind == FrameKind.define.rawValue }
        try #require(definitions.count == 2)
        for count in 1...2 {
            var bytes = whole
            for frame in definitions.prefix(count) { for i in frame.payload { bytes[i] = 0xA5 } }
            let (fileSystem, repository, _) = try damaged(world, path, bytes)
            let written = try #require(try repository.repair().written.first)
            #expect(written.restoredFrames == count && written.droppedBytes == 0 && written.lostPoints == 0)
            #expect(fileSystem.content(written.file) == whole)
        }
        guard !isIndexed else { return }
        // One that no other file has.
        let other = try #require(
            try world.fileSystem.list(world.repository.paths.logs).filter { $0.hasSuffix(".1.vlog") }.sorted().first)
        let otherPath = Paths.join(world.repository.paths.logs, other)
        var bytes = try #require(world.fileSystem.content(otherPath))
        let last = try #require(
            try FrameList(bytes).frames.last { $0.header.kind == FrameKind.define.rawValue })
        for i in last.payload { bytes[i] = 0xA5 }
        let (_, repository, _) = try damaged(world, otherPath, bytes)
        let report = try repository.repair()
        #expect(report.written.map(\.restoredFrames) == [0])
        #expect(report.written.map(\.droppedBytes) == [last.range.count])
    }

    /// Of a header the first 16 bytes, whatever became of them, or the checksum of the payload: all frames are as they were.
    /// Without checksums nothing is proved, and nothing is made up.
    @Test(arguments: [(0..<16, true), (24..<32, true), (24..<40, false), (8..<28, false)])
    func aDamagedHeaderIsMadeAnew(wrong: Range<Int>, isProved: Bool) throws {
        let world = try Self.world()
        let path = try world.path(".1.vlog")
        let whole = try #require(world.fileSystem.content(path))
        // A damaged `begin` is the other one's business.
        for frame in try FrameList(whole).frames.dropFirst(2) {
            for filler in [0x00, 0xA5] as [UInt8] {
                var bytes = whole
                for i in wrong { bytes[frame.range.lowerBound + i] = filler }
                let (fileSystem, repository, before) = try damaged(world, path, bytes)
                let report = try repository.repair()
                try demandUnchanged(before, in: fileSystem)
                let written = try #require(report.written.first)
                #expect(written.restoredFrames == (isProved ? 1 : 0))
                #expect((fileSystem.content(written.file) == whole) == isProved)
                #expect(written.droppedBytes == (isProved ? 0 : frame.range.count))
            }
        }
    }

    /// A frame that is stored compressed, and one at which the file ends without padding.
    @Test func aDamagedHeaderOfACompressedFrame() throws {
        let world = try DamageWorld { builder in
            let run = try builder.repository.startRun(options: builder.options)
            try run.text(String(repeating: "again and again, ", count: 40), step: 1, time: 1)
            builder.log(try run.series("m"), steps: 0..<40)
            try run.finish()
        }
        let path = try world.path(".1.vlog")
        let whole = try #require(world.fileSystem.content(path))
        let frames = try FrameList(whole).frames
        let text = try #require(frames.first { $0.header.flags.contains(.compressed) })
        let last = try #require(frames.last)
        try #require(text.header.kind == FrameKind.text.rawValue)
        for (frame, end) in [(text, whole.count), (last, last.payload.upperBound)] {
            var bytes = Array(whole[..<end])
            for i in 0..<16 { bytes[frame.range.lowerBound + i] = 0xA5 }
            let (fileSystem, repository, _) = try damaged(world, path, bytes)
            let written = try #require(try repository.repair().written.first)
            #expect(fileSystem.content(written.file) == whole)
        }
    }

    /// An index that has what a damaged log has lost stays what counts, also after a deep repair.
    @Test func anIndexIsNotMadeAnewFromADamagedLog() throws {
        let (world, path, bytes) = try Self.worldWithDamagedLog()
        let (_, repository, _) = try damaged(world, path, bytes)
        let report = try repository.repair(deep: true)
        #expect(report.written.map(\.source) == [path])
        #expect(try RepositoryReading(repository).isWhole(world.truth))
    }

    /// Nor from a salvaged log that has taken the damaged one's place: only the index has what was lost, which a verification says, and
    /// a repair keeps even where a part of that index is damaged.
    @Test func anIndexThatHasMoreThanTheLogsIsKept() throws {
        let (world, path, bytes) = try Self.worldWithDamagedLog()
        let (fileSystem, repository, _) = try damaged(world, path, bytes)
        let written = try #require(try repository.repair().written.first)
        try fileSystem.rename(path, "\(path).damaged")
        try fileSystem.rename(written.file, path)
        func tells(_ findings: [VarveError]) -> Bool {
            findings.contains { $0.message.contains("lost points that the index still has") }
        }
        let found = try repository.verify(deep: true)
        #expect(found.problems == [] && tells(found.notes))
        #expect(try repository.repair(deep: true).written == [])
        #expect(try RepositoryReading(repository).isWhole(world.truth))
        let segment = try world.path(".vseg", in: "index")
        var damagedSegment = try #require(fileSystem.content(segment))
        damagedSegment[damagedSegment.count / 4] ^= 1
        try #require(fileSystem.replace(segment, with: damagedSegment))
        let report = try repository.repair(deep: true)
        #expect(report.written == [] && tells(report.remaining))
        #expect(report.remaining.contains { $0.file == segment })
    }

    /// The index covers bytes by their offset: a salvaged log keeps every frame where it was, so that what is in the index and
    /// what comes after it are read as before.
    @Test func offsetsStay() throws {
        let (world, path, bytes) = try Self.worldWithDamagedLog()
        let (fileSystem, repository, _) = try damaged(world, path, bytes)
        let written = try #require(try repository.repair().written.first)
        try fileSystem.rename(path, "\(path).damaged")
        try fileSystem.rename(written.file, path)
        // The index has the points that the log has lost.
        #expect(try RepositoryReading(repository).isWhole(world.truth))
    }

    @Test func anIndexIsMadeAnew() throws {
        let world = try Self.world()
        _ = try world.repository.compact()
        for suffix in [".vseg", ".manifest"] {
            let path = try world.path(suffix, in: "index")
            let whole = try #require(world.fileSystem.content(path))
            withEvery("byte", in: stride(from: 0, to: whole.count, by: 97)) { place in
                var bytes = whole
                bytes[place] ^= 0x55
                let (fileSystem, repository, before) = try damaged(world, path, bytes)
                guard !(try repository.verify().problems.isEmpty) else { return }
                let report = try repository.repair()
                try demandUnchanged(before, in: fileSystem)
                try require(!report.written.isEmpty && report.remaining.isEmpty, "\(report)")
                try require(try repository.verify(deep: true).problems.isEmpty, "still damaged")
                try require(try RepositoryReading(repository).isWhole(world.truth), "something is missing")
                try require(
                    try repository.snapshot().content.segments.count == 1, "the new index isn't used")
            }
        }
    }

    @Test func whatIsWholeIsLeftAlone() throws {
        let world = try Self.world()
        _ = try world.repository.compact()
        let before = world.fileSystem.paths()
        #expect(try world.repository.repair(deep: true) == RepairReport())
        #expect(world.fileSystem.paths() == before)
    }
}
