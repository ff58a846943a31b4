import Glibc
import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// Cuts small files at every byte and flips every bit of them, one at a time, and reads the whole repository through the
/// public API. No point, text or property appears that wasn't logged, none twice, none out of order; what a damage costs is
/// bounded by the frame or record it hit, and named with file and offset; the index costs nothing as long as the logs are
/// there.
struct DamageTests {
    /// Logs of other kinds than the first are damaged at every so many bits, unless VARVE_THOROUGH is set.
    private static let stride = getenv("VARVE_THOROUGH") == nil ? 7 : 1

    // MARK: Worlds

    /// One run that ended well, in one file of several frames, rewound by a second attempt.
    private static func log(indexing: Bool = false) throws -> DamageWorld {
        try DamageWorld { builder in
            let run = try builder.repository.startRun(options: builder.options)
            let loss = try run.series("loss", context: ["subset": "val"])
            builder.log(loss, steps: 0..<6)
            try run.drain()
            let acc = try run.series("acc")
            try builder.set(run, "note", "one")
            // What follows isn't in the index.
            if indexing { _ = try builder.repository.compact() }
            builder.log(acc, steps: 2..<4)
            builder.log(loss, steps: 6..<9)
            try run.drain()
            try run.text("said", step: 4, time: 5)
            try builder.set(run, "note", "two")
            builder.log(loss, steps: 3..<5)
            try run.finish()
            let again = try builder.repository.resumeRun(run.id, from: 7, options: builder.options)
            builder.log(try again.series("acc"), steps: 7..<9)
            try again.finish()
        }
    }

    /// A run whose writer was killed, its newest points in the journal or in a seal of it.
    private static func killed(sealing: Bool) throws -> DamageWorld {
        try DamageWorld { builder in
            let run = try builder.repository.startRun(options: builder.options)
            let loss = try run.series("loss")
            builder.log(loss, steps: 0..<4)
            try run.drain()
            builder.log(loss, steps: 4..<8)
            builder.log(try run.series("acc", context: ["a": "b"]), steps: 0..<8)
            builder.host.die()
            guard sealing else { return }
            let next = Environment(
                fileSystem: builder.fileSystem, host: SimulatedHost(builder.machine), hasThreads: false)
            _ = try Sealer(next, builder.repository.paths).sealDead()
        }
    }

    /// Two runs in one file.
    private static func pack() throws -> DamageWorld {
        try DamageWorld { builder in
            var bytes: [UInt8] = []
            for i in 0..<2 {
                let run = try builder.repository.startRun(options: builder.options)
                builder.log(try run.series("of \(i)"), steps: 0..<4)
                try run.finish()
                let path = builder.repository.paths.log(.log(run: run.id.id, n: 1))
                bytes += builder.fileSystem.content(path) ?? []
                try builder.fileSystem.unlink(path)
            }
            let pack = builder.repository.paths.log(.pack(builder.host.newID()))
            let file = try builder.fileSystem.open(pack, .createNew)
            try file.write(bytes, at: 0)
            file.close()
        }
    }

    /// Two runs in one segment.
    private static func indexed() throws -> DamageWorld {
        try DamageWorld { builder in
            for i in 0..<2 {
                let run = try builder.repository.startRun(options: builder.options)
                let loss = try run.series("loss")
                builder.log(loss, steps: 0..<5)
                try builder.set(run, "note", .int(Int64(i)))
                builder.log(try run.series("acc", context: ["a": "b"]), steps: (i * 3)..<(i * 3 + 4))
                try run.finish()
                if i == 1 {
                    let again = try builder.repository.resumeRun(run.id, from: 3, options: builder.options)
                    builder.log(try again.series("loss"), steps: 3..<5)
                    try again.finish()
                }
            }
            _ = try builder.repository.compact()
        }
    }

    /// Bits of `bytes` in turn; only those that `part` of `parts` looks at.
    private static func flips(_ bytes: [UInt8], _ part: Int, of parts: Int) -> some Sequence<Int> {
        Swift.stride(from: part, to: bytes.count * 8, by: parts)
    }

    private static func flipped(_ bytes: [UInt8], _ bit: Int) -> [UInt8] {
        var bytes = bytes
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        return bytes
    }

    /// Whether somebody says what is wrong with a file, and where.
    private static func isNamed(_ path: String, _ problems: [VarveError]) -> Bool {
        problems.contains { $0.file == path && $0.offset != nil }
    }

    /// Flips all bits of a log file: at most a frame is missing, and named. (A definition is a frame, too: what it defines
    /// goes with it.)
    private func flipEveryBit(_ world: DamageWorld, _ path: String, part: Int = 0, of parts: Int = 1) throws {
        let whole = try #require(world.fileSystem.content(path))
        let log = try FrameList(whole)
        let values = try world.values(log)
        withEvery("bit", in: Self.flips(whole, part, of: parts)) { bit in
            let bytes = Self.flipped(whole, bit)
            let frame = try #require(log.index(at: bit / 8))
            let isText = log.frames[frame].header.kind == FrameKind.text.rawValue
            let reading = try world.reading(path, bytes, isBrief: bit / parts % 8 != 0 && !isText)
            let missing = Set(reading.missing(of: world.truth).values.joined().map(\.value))
            let allowed = values[frame].own.union(values[frame].defined)
            try require(missing.isSubset(of: allowed), "in frame \(frame) \(missing) are missing, not \(allowed)")
            guard !reading.isWhole(world.truth) else { return }
            try require(Self.isNamed(path, reading.problems), "nobody says what is missing: \(reading.problems)")
            if bit / parts % 64 == 0 {
                let report = try world.verify(path, bytes)
                try require(Self.isNamed(path, report.problems), "verify finds nothing: \(report)")
            }
        }
    }

    /// Cuts a log file everywhere: every frame that is whole is read.
    private func cutEverywhere(_ world: DamageWorld, _ path: String) throws {
        let whole = try #require(world.fileSystem.content(path))
        let log = try FrameList(whole)
        let values = try world.values(log)
        withEvery("length", in: 0..<whole.count) { length in
            let reading = try world.reading(path, Array(whole[..<length]), isBrief: length % 8 != 0)
            let missing = Set(reading.missing(of: world.truth).values.joined().map(\.value))
            for (frame, values) in zip(log.frames, values) where frame.payload.upperBound <= length {
                try require(missing.isDisjoint(with: values.own), "a whole frame is missing: \(frame.range)")
            }
            try require(reading.problems.isEmpty, "an end is no damage: \(reading.problems)")
        }
    }

    /// Flips every bit and cuts everywhere in a file of the index: nothing is missing, since the logs are there.
    private func damageIndex(_ world: DamageWorld, _ path: String, part: Int = 0, of parts: Int = 1) throws {
        let whole = try #require(world.fileSystem.content(path))
        func expectWhole(_ bytes: [UInt8], isBrief: Bool) throws -> Bool {
            let reading = try world.reading(path, bytes, isBrief: isBrief)
            try require(reading.isWhole(world.truth), "missing: \(reading.missing(of: world.truth))")
            return reading.problems.isEmpty
        }
        var unseen = 0
        withEvery("bit", in: Self.flips(whole, part, of: parts)) { bit in
            if try expectWhole(Self.flipped(whole, bit), isBrief: bit / parts % 8 != 0) { unseen += 1 }
        }
        // Padding, and what only statistics look at.
        #expect(unseen < whole.count * 8 / parts / 4, "\(unseen) flips were noticed by nobody")
        withEvery("length", in: Swift.stride(from: part, to: whole.count, by: parts)) { length in
            let wasUnseen = try expectWhole(Array(whole[..<length]), isBrief: true)
            try require(!wasUnseen, "a part passes for the whole")
        }
    }

    // MARK: Logs

    @Test(arguments: 0..<2) func logFlipped(_ part: Int) throws {
        let world = try Self.log()
        try flipEveryBit(world, world.path(".1.vlog"), part: part, of: 2)
    }

    @Test func logCut() throws {
        let world = try Self.log()
        try cutEverywhere(world, world.path(".1.vlog"))
    }

    /// What the index covers doesn't move when the beginning of the log is damaged.
    @Test(arguments: 0..<min(2, stride)) func indexedLogFlipped(_ part: Int) throws {
        let world = try Self.log(indexing: true)
        try flipEveryBit(world, world.path(".1.vlog"), part: part, of: Self.stride)
    }

    @Test func sealedLogFlipped() throws {
        let world = try Self.killed(sealing: true)
        try flipEveryBit(world, world.path(".1.vlog"), of: Self.stride)
    }

    @Test func sealFlipped() throws {
        let world = try Self.killed(sealing: true)
        try flipEveryBit(world, world.path(".1s.vlog"), of: Self.stride)
        try cutEverywhere(world, world.path(".1s.vlog"))
    }

    @Test func packFlipped() throws {
        let world = try Self.pack()
        try flipEveryBit(world, world.path(".vlog"), of: Self.stride)
        try cutEverywhere(world, world.path(".vlog"))
    }

    // MARK: Journal

    /// Only the point of a flipped record is missing, whatever else of the journal is damaged: the log says what the header
    /// would.
    @Test func journalFlipped() throws {
        let world = try Self.killed(sealing: false)
        let path = try world.path(".journal")
        let whole = try #require(world.fileSystem.content(path))
        let points = world.truth.all.values.joined()
        let ring = FormatConstants.journalHeaderBytes
        let record = FormatConstants.journalRecordBytes
        let places =
            Array(0..<192) + Array(1024..<1032) + Array(1152..<1176)
            + Array((ring + 3 * record)..<(ring + 6 * record)) + Array((ring + 15 * record)..<(ring + 17 * record))
        withEvery("bit", in: places.flatMap { ($0 * 8)..<($0 * 8 + 8) }) { bit in
            let reading = try world.reading(path, Self.flipped(whole, bit), isBrief: bit % 8 != 0)
            let missing = reading.missing(of: world.truth).values.joined()
            guard bit / 8 >= ring else {
                try require(missing.isEmpty, "\(missing) are missing")
                let isHeader = bit / 8 < FormatConstants.journalChecksummedBytes + 8
                try require(reading.problems.isEmpty == !isHeader, "\(reading.problems)")
                return
            }
            let start = ring + (bit / 8 - ring) / record * record
            let value = whole[(start + 16)..<(start + 24)].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            try require(missing.allSatisfy { $0.value == value }, "\(missing) are missing, not only \(value)")
        }
        #expect(points.count == 16)
    }

    @Test func journalCut() throws {
        let world = try Self.killed(sealing: false)
        let path = try world.path(".journal")
        let whole = try #require(world.fileSystem.content(path))
        let ring = FormatConstants.journalHeaderBytes
        let record = FormatConstants.journalRecordBytes
        let lengths =
            Array(0..<256) + Array(Swift.stride(from: 256, to: ring - 8, by: 97))
            + Array((ring - 8)..<(ring + 17 * record))
        var last = 0
        withEvery("length", in: lengths) { length in
            let reading = try world.reading(path, Array(whole[..<length]), isBrief: true)
            let count = reading.all.values.reduce(0) { $0 + $1.count }
            try require(count >= last, "fewer points than of a shorter file")
            try require(length < ring || reading.problems.isEmpty, "\(reading.problems)")
            last = count
        }
        #expect(last == 16)
    }

    // MARK: Index

    @Test(arguments: 0..<4) func segmentDamaged(_ part: Int) throws {
        let world = try Self.indexed()
        try damageIndex(world, world.path(".vseg", in: "index"), part: part, of: 4)
    }

    @Test func manifestDamaged() throws {
        let world = try Self.indexed()
        try damageIndex(world, world.path(".manifest", in: "index"))
    }
}
