import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// Verifying changes nothing, tells what it finds in order, and holds an index to what it promises, though its checksums fit.
@Suite struct VerifyTests {
    private static func world() throws -> DamageWorld {
        let world = try DamageWorld { builder in
            let run = try builder.repository.startRun(options: builder.options)
            builder.log(try run.series("loss"), steps: 0..<300)
            builder.log(try run.series("accuracy"), steps: 5..<25)
            try run.finish()
        }
        _ = try world.repository.compact()
        return world
    }

    @Test func onlyReads() throws {
        let world = try Self.world()
        let reads: Set<SimulatedCall.Kind> = [.open, .list, .status, .read, .size, .fileStatus, .volume]
        let before = world.fileSystem.callCount
        #expect(try world.repository.verify(deep: true).problems == [])
        for call in world.fileSystem.calls where call.number > before {
            #expect(reads.contains(call.kind), "\(call)")
        }
        #expect(world.fileSystem.callCount > before)
    }

    @Test func tellsInOrder() throws {
        let world = try Self.world()
        for suffix in [".1.vlog"] {
            let path = try world.path(suffix)
            var bytes = try #require(world.fileSystem.content(path))
            for place in [700, 560, bytes.count - 30] { bytes[place] ^= 1 }
            let problems = try world.verify(path, bytes).problems
            #expect(problems.count >= 2)
            let places = problems.map { ($0.file ?? "", $0.offset ?? 0) }
            #expect(places.map(\.0) == places.map(\.0).sorted())
            for (a, b) in zip(places, places.dropFirst()) where a.0 == b.0 { #expect(a.1 <= b.1) }
        }
    }

    /// What is whole by its checksums and wrong all the same: frames that are gone, at their very borders, before the end too; a pack that
    /// lacks a file; frames that say nonsense; what waits in the trash.
    @Test func findsWhatIsMissingAtBorders() throws {
        let world = try Self.world()
        let path = try world.path(".1.vlog")
        let whole = try #require(world.fileSystem.content(path))
        let frames = try FrameList(whole).frames
        for frame in frames where frame.header.kind == FrameKind.points.rawValue {
            var bytes = whole
            bytes.removeSubrange(frame.range)
            let problems = try world.verify(path, bytes).problems
            #expect(problems.contains { $0.file == path && $0.message.contains("missing") }, "\(frame.range)")
        }
    }

    @Test func findsWhatAPackLacks() throws {
        let world = try LifecycleWorld(seed: 63)
        let repository = try world.repository()
        _ = try repository.pack()
        let name = try #require(try world.names().first { $0.hasPrefix("pack-") })
        let path = Paths.join("/repo/logs", name)
        let whole = try #require(world.fileSystem.content(path))
        #expect(try repository.verify(deep: true).problems == [])
        let begins = try FrameList(whole).frames.filter { $0.header.kind == FrameKind.begin.rawValue }.map(
            \.range.lowerBound)
        // Each second one is the spare of the one before.
        var bytes = whole
        bytes.removeSubrange(begins[2]..<begins[4])
        try #require(world.fileSystem.replace(path, with: bytes))
        #expect(try repository.verify().problems.contains { $0.file == path && $0.message.contains("pack") })
    }

    @Test func readsTheTrash() throws {
        let world = try LifecycleWorld(seed: 64, compacted: true)
        let repository = try world.repository()
        _ = try repository.remove([world.runs[0]])
        #expect(try repository.verify(deep: true).problems == [])
        let path = try #require(world.fileSystem.paths().first { $0.contains("/trash/") && $0.hasSuffix(".vlog") })
        var bytes = try #require(world.fileSystem.content(path))
        bytes[bytes.count / 2] ^= 1
        try #require(world.fileSystem.replace(path, with: bytes))
        #expect(Set(try repository.verify().problems.map(\.file)) == [path])
    }

    /// Text, records and artifacts whose frames are whole and say nonsense are named.
    @Test(arguments: [FrameKind.text, .records, .artifacts]) func findsNonsenseUnderAChecksum(_ kind: FrameKind) throws
    {
        let world = try LifecycleWorld(seed: 65)
        let path = world.fileSystem.paths().first { path in
            let frames = world.fileSystem.content(path).flatMap { try? FrameList($0).frames } ?? []
            return path.hasSuffix(".vlog") && frames.contains { $0.header.kind == kind.rawValue }
        }
        let log = try #require(path)
        var bytes = try #require(world.fileSystem.content(log))
        let frame = try #require(try FrameList(bytes).frames.first { $0.header.kind == kind.rawValue })
        let begin = try BeginFrame(parsing: bytes.span.bytes.extracting(40..<264))
        var header = frame.header
        let nonsense = [UInt8](repeating: 0xFF, count: header.storedBytes)
        header.payloadHash = XXHash64.hash(nonsense, seed: begin.salt)
        var writer = ByteWriter()
        header.write(to: &writer)
        writer.raw(nonsense)
        bytes.replaceSubrange(frame.range.lowerBound..<frame.range.lowerBound + writer.bytes.count, with: writer.bytes)
        try #require(world.fileSystem.replace(log, with: bytes))
        let problems = try world.repository().verify().problems
        #expect(problems.contains { $0.file == log && frame.range.contains($0.offset ?? -1) }, "\(problems)")
    }

    /// A page's bounds, counts and summaries, and a manifest's counts, are changed under checksums that fit: each is found.
    @Test func findsBrokenPromises() throws {
        let world = try Self.world()
        let path = try world.path(".vseg", in: "index")
        let manifestPath = try world.path(".manifest", in: "index")
        let whole = try #require(world.fileSystem.content(path))
        let manifestBytes = try #require(world.fileSystem.content(manifestPath))
        let manifest = try Manifest(parsing: manifestBytes.span.bytes)
        let end = whole.count - FormatConstants.trailerBytes
        let last = Array(whole[end...])
        let trailer = try SegmentTrailer(parsing: last.span.bytes, fileSize: whole.count)
        let reader = try SegmentReader(world.fileSystem, path: path, codec: ColumnCodec())
        let axisPages = reader.metrics.axisPages
        // Bytes of the directory's entries: the minimum, the maximum, NaN, infinite values, the first and the last step.
        let fields = [(40, 8), (48, 8), (56, 4), (60, 4), (64, 8), (72, 8)]
        for page in axisPages..<reader.pages.count {
            for (offset, length) in fields {
                var bytes = whole
                let entry = trailer.pages.offset + page * FormatConstants.pageEntryBytes
                // A step is a bound: one within it is no lie.
                let change: UInt8 = offset == 64 ? 40 : offset == 72 ? 0 : 1
                let at = entry + offset + (length == 8 && offset < 56 ? 6 : 0)
                if offset == 72 {
                    for i in 0..<8 { bytes[at + i] = 0 }
                } else {
                    bytes[at] = bytes[at] ^ change
                }
                try expectFound(world, path, manifestPath, manifest, bytes, trailer, "page \(page), byte \(offset)")
            }
        }
        var lying = manifest
        lying.segments[0].points += 1
        world.fileSystem.replace(manifestPath, with: lying.bytes())
        #expect(try world.repository.verify().problems.contains { $0.message.contains("promise") })
        lying = manifest
        lying.segments[0].runs += 1
        world.fileSystem.replace(manifestPath, with: lying.bytes())
        #expect(try world.repository.verify().problems.contains { $0.message.contains("promise") })
    }

    private func expectFound(
        _ world: DamageWorld, _ path: String, _ manifestPath: String, _ manifest: Manifest, _ changed: [UInt8],
        _ trailer: SegmentTrailer, _ what: String
    ) throws {
        var bytes = changed
        var content = Array(bytes[trailer.pages.range].dropLast(CheckedBytes.checksumBytes))
        CheckedBytes.append(to: &content, at: trailer.pages.offset)
        bytes.replaceSubrange(trailer.pages.range, with: content)
        var fitting = manifest
        let from = fitting.segments[0].sectionsOffset
        fitting.segments[0].sectionsHash = XXHash64.hash(Array(bytes[from...]))
        let (before, whole) = (world.fileSystem.content(manifestPath), world.fileSystem.content(path))
        let copy = world.fileSystem.snapshot()
        copy.setWriteBack(0)
        copy.replace(manifestPath, with: fitting.bytes())
        copy.replace(path, with: bytes)
        let repository = try Repository.open(
            DamageWorld.path,
            Environment(fileSystem: copy, host: SimulatedHost(SimulatedMachine(seed: 3)), hasThreads: false))
        #expect(!(try repository.verify().problems.isEmpty), "\(what) is a lie, and nobody says so")
        #expect(before != nil && whole != nil)
    }
}
