import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// Changes files at random and on purpose: blocks, whole frames, frames of other files, and payloads and sections whose
/// checksums fit what was put in, so that the parsers behind them see it. Reading, verifying, compacting and going on with a
/// run end, without a trap and in little memory; where a checksum had to be beaten by chance, nothing wrong is read.
struct DamageFuzzTests {
    private static func world() throws -> DamageWorld {
        try DamageWorld { builder in
            let run = try builder.repository.startRun(options: builder.options)
            for i in 0..<3 {
                let series = try run.series("m\(i)", context: ["i": "\(i)"])
                builder.log(series, steps: 0..<60)
                try run.drain()
                try builder.set(run, "note", .string("note \(i)"))
                try run.text("text \(i)", step: i, time: 1)
            }
            try run.finish()
            let next = try builder.repository.resumeRun(run.id, from: 50, options: builder.options)
            let automatic = try next.series("automatic")
            for i in 0..<20 { automatic.log(Double(i) + 0.5) }
            try next.finish()
        }
    }

    /// Everything that anybody may do with what is there; what isn't Varve's own error is a failure.
    private func use(_ world: DamageWorld, _ path: String, _ bytes: [UInt8], _ seed: UInt64) throws {
        let fileSystem = world.fileSystem.snapshot()
        fileSystem.replace(path, with: bytes)
        let environment = Environment(fileSystem: fileSystem, host: SimulatedHost(seed: seed), hasThreads: false)
        func attempt(_ body: () throws -> Void) throws {
            do { try body() } catch is VarveError {}
        }
        let repository = try Repository.open(DamageWorld.path, environment)
        try attempt { _ = try RepositoryReading(repository, isTrue: !path.hasSuffix(".vseg")) }
        try attempt { _ = try repository.verify(deep: true) }
        try attempt {
            for run in try repository.snapshot().runs {
                try repository.set(["note": "after"], of: [run.id])
                var options = RunOptions()
                options.compaction = .never
                options.journalBytes = 64 << 10
                let again = try repository.resumeRun(run.id, from: 1, options: options)
                try again.series("automatic").log(1)
                try again.finish()
            }
        }
        try attempt { _ = try repository.compact() }
        try attempt { _ = try RepositoryReading(repository, isTrue: !path.hasSuffix(".vseg")) }
    }

    @Test func blocks() throws {
        let world = try Self.world()
        let path = try world.path(".1.vlog")
        let whole = try #require(world.fileSystem.content(path))
        withSeeds(0..<150) { seed, random in
            var bytes = whole
            for _ in 0...random.below(3) {
                let start = random.below(bytes.count)
                let length = min(bytes.count - start, 1 + random.below(400))
                switch random.below(4) {
                case 0: for i in start..<(start + length) { bytes[i] = UInt8(truncatingIfNeeded: random.next()) }
                case 1: for i in start..<(start + length) { bytes[i] = 0 }
                case 2: bytes.removeSubrange(start..<(start + length / 8 * 8))
                default:
                    bytes.insert(contentsOf: bytes[start..<(start + length)], at: random.below(bytes.count / 8) * 8)
                }
            }
            let reading = try world.reading(path, bytes, isMoved: true)
            guard !reading.isWhole(world.truth), reading.problems.isEmpty else { return }
            // What ends early is a file that its writer has not ended.
            world.fileSystem.replace(path, with: bytes)
            defer { world.fileSystem.replace(path, with: whole) }
            let file = try world.fileSystem.open(path, .read)
            // Before the bytes are put back: nobody may have it open then.
            defer { file.close() }
            let name = try #require(LogName(Paths.lastComponent(path)))
            let sections = try LogScanner.scan(file, name: name, zstd: Zstd())
            try require(sections.allSatisfy { $0.end == nil }, "something is missing and nobody says so")
        }
    }

    @Test func framesMoved() throws {
        let world = try Self.world()
        let other = try Self.world()
        let path = try world.path(".1.vlog")
        let whole = try #require(world.fileSystem.content(path))
        let log = try FrameList(whole)
        let foreign = try #require(other.fileSystem.content(other.path(".2.vlog")))
        let strangers = try FrameList(foreign).frames.dropFirst(2).map { Array(foreign[$0.range]) }
        let frames = log.frames.map { Array(whole[$0.range]) }
        withSeeds(0..<150) { seed, random in
            // The first two are the copies of `begin`.
            var list = frames
            for _ in 0...random.below(2) {
                let i = 2 + random.below(list.count - 2)
                switch random.below(4) {
                case 0: list.swapAt(i, 2 + random.below(list.count - 2))
                case 1: list.insert(list[i], at: 2 + random.below(list.count - 2))
                case 2: if list.count > 3 { list.remove(at: i) }
                default: list.insert(strangers[random.below(strangers.count)], at: i)
                }
            }
            // Only what was logged is read.
            _ = try world.reading(path, list.flatMap { $0 }, isMoved: true)
        }
    }

    /// Payloads and headers with hostile numbers, under checksums that fit.
    @Test(arguments: 0..<2) func hostileFrames(_ part: Int) throws {
        let world = try Self.world()
        let path = try world.path(".1.vlog")
        let whole = try #require(world.fileSystem.content(path))
        let log = try FrameList(whole)
        let zstd = Zstd()
        let salt = try BeginFrame(parsing: whole.span.bytes.extracting(log.frames[0].payload)).salt
        withSeeds(UInt64(part * 1000)..<UInt64(part * 1000 + 120)) { seed, random in
            let index = random.below(log.frames.count)
            let frame = log.frames[index]
            var header = frame.header
            let seedOfHash = header.kind == 0 ? 0 : salt
            var payload = try header.payload(
                of: whole.span.bytes.extracting(frame.payload), salt: seedOfHash, zstd: zstd)
            Self.mutate(&payload, &random)
            switch random.below(6) {
            case 0: header.count = random.below(2) == 0 ? FormatConstants.maxFramePoints : random.below(300)
            case 1: header.firstSequence = UInt64(Int64.max) - UInt64(random.below(2))
            case 2: header.kind = UInt8(random.below(10))
            default: break
            }
            header.flags.remove(.compressed)
            header.storedBytes = payload.count
            header.plainBytes = payload.count
            header.payloadHash = XXHash64.hash(payload, seed: header.kind == 0 ? 0 : salt)
            var writer = ByteWriter()
            header.write(to: &writer)
            writer.raw(payload)
            writer.pad(to: FormatConstants.frameAlignment)
            var bytes = Array(whole[..<frame.range.lowerBound]) + writer.bytes
            bytes += whole[frame.range.upperBound...]
            try use(world, path, bytes, seed)
        }
    }

    /// A varint of the most there can be, in place of any byte; random bytes; a byte more or less.
    private static func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
        guard !bytes.isEmpty else { return }
        let at = random.below(bytes.count)
        switch random.below(5) {
        case 0: bytes.replaceSubrange(at...at, with: [UInt8](repeating: 0xFF, count: 9) + [1])
        case 1: bytes.replaceSubrange(at...at, with: [UInt8](repeating: 0xFF, count: 8) + [0x7F])
        case 2: bytes[at] = UInt8(truncatingIfNeeded: random.next())
        case 3: bytes[at] ^= 1 << UInt8(random.below(8))
        default:
            let end = min(bytes.count, at + 8)
            for i in at..<end { bytes[i] = random.below(2) == 0 ? 0xFF : 0x7F }
        }
    }

    /// Sections and pages of a segment likewise; the manifest fits, too.
    @Test(arguments: 0..<2) func hostileSegments(_ part: Int) throws {
        let world = try Self.world()
        _ = try world.repository.compact()
        let path = try world.path(".vseg", in: "index")
        let manifestPath = try world.path(".manifest", in: "index")
        let whole = try #require(world.fileSystem.content(path))
        let manifestBytes = try #require(world.fileSystem.content(manifestPath))
        let manifest = try Manifest(parsing: manifestBytes.span.bytes)
        let reader = try SegmentReader(world.fileSystem, path: path, codec: ColumnCodec())
        var chunks: [Range<Int>] = []
        for page in reader.pages {
            var start = page.offset
            for length in [page.slicesBytes, page.summariesBytes, page.timesBytes, page.valuesBytes] where length > 0 {
                chunks.append(start..<(start + length))
                start += length
            }
        }
        let end = whole.count - FormatConstants.trailerBytes
        let last = Array(whole[end...])
        let trailer = try SegmentTrailer(parsing: last.span.bytes, fileSize: whole.count)
        chunks += trailer.sections.map(\.range)
        withSeeds(UInt64(part * 1000)..<UInt64(part * 1000 + 150)) { seed, random in
            let chunk = chunks[random.below(chunks.count)]
            var content = Array(whole[chunk.dropLast(CheckedBytes.checksumBytes)])
            for _ in 0...random.below(2) {
                let at = random.below(content.count)
                // Lengths stay, so that what follows is where the trailer says.
                switch random.below(3) {
                case 0: content[at] = UInt8(truncatingIfNeeded: random.next())
                case 1: content[at] ^= 1 << UInt8(random.below(8))
                default: for i in at..<min(content.count, at + 10) { content[i] = 0xFF }
                }
            }
            CheckedBytes.append(to: &content, at: chunk.lowerBound)
            var bytes = whole
            bytes.replaceSubrange(chunk, with: content)
            var fitting = manifest
            let from = fitting.segments[0].sectionsOffset
            fitting.segments[0].sectionsHash = XXHash64.hash(Array(bytes[from...]))
            world.fileSystem.replace(manifestPath, with: fitting.bytes())
            defer { world.fileSystem.replace(manifestPath, with: manifestBytes) }
            try use(world, path, bytes, seed)
        }
    }

    /// A small payload that says it is 64 MiB of zeros, many times over: read one at a time.
    @Test func bombs() throws {
        let world = try Self.world()
        let path = try world.path(".1.vlog")
        let whole = try #require(world.fileSystem.content(path))
        let log = try FrameList(whole)
        let salt = try BeginFrame(parsing: whole.span.bytes.extracting(log.frames[0].payload)).salt
        let zeros = [UInt8](repeating: 0, count: FormatConstants.maxPlainBytes)
        let small = try #require(zeros.withUnsafeBytes { Zstd().compress($0, level: 1) })
        var bytes = whole
        for (kind, plain) in [(3, zeros.count), (4, zeros.count - 1), (4, 10), (1, zeros.count)] as [(UInt8, Int)] {
            let header = FrameHeader(
                kind: kind, flags: .compressed, storedBytes: small.count, plainBytes: plain, firstSequence: 1,
                payloadHash: XXHash64.hash(small, seed: salt), count: FormatConstants.maxFramePoints)
            var writer = ByteWriter()
            header.write(to: &writer)
            writer.raw(small)
            writer.pad(to: FormatConstants.frameAlignment)
            bytes += writer.bytes
        }
        let reading = try world.reading(path, bytes, isBrief: true)
        #expect(reading.isWhole(world.truth) && reading.problems.count >= 3)
    }

    /// Names whose number is the last there is: nothing can be added, and that is said.
    @Test func lastNumber() throws {
        let world = try Self.world()
        let run = try #require(world.truth.all.keys.first?.run)
        let name = LogName.log(run: run.id, n: .max)
        let file = try world.fileSystem.open(world.repository.paths.log(name), .createNew)
        file.close()
        #expect(throws: VarveError.self) { try world.repository.resumeRun(run) }
        #expect(throws: VarveError.self) { try world.repository.set(["note": 1], of: [run]) }
        #expect(try RepositoryReading(world.repository).isWhole(world.truth))
    }
}
