import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// `verify` names a log that was cut and a journal whose log is gone, and takes nothing for damage that a kill leaves behind.
@Suite struct EndingTests {
    /// A run whose writer was killed: points in the log and, later ones, in the journal.
    private static func killed() throws -> DamageWorld {
        try DamageWorld { builder in
            let run = try builder.repository.startRun(options: builder.options)
            let loss = try run.series("loss")
            builder.log(loss, steps: 0..<4)
            try run.drain()
            builder.log(loss, steps: 4..<11)
            builder.host.die()
        }
    }

    /// The same, with a seal in the journal's place.
    private static func sealed() throws -> DamageWorld {
        let world = try killed()
        #expect(try Sealer(world.repository.environment, world.repository.paths).sealDead().count == 1)
        return world
    }

    private static func finished(_ durability: Durability = .mapped) throws -> DamageWorld {
        try DamageWorld { builder in
            var options = builder.options
            options.useJournal = durability != .logOnly
            let run = try builder.repository.startRun(options: options)
            builder.log(try run.series("loss"), steps: 0..<4)
            try run.finish()
        }
    }

    /// What is found in a world when one of its files ends after so many bytes.
    private func cut(_ world: DamageWorld, _ path: String, _ length: Int) throws -> VerificationReport {
        let whole = try #require(world.fileSystem.content(path))
        return try world.verify(path, Array(whole[..<length]))
    }

    /// Where the frames of a log begin, and where the last one ends.
    private func borders(_ world: DamageWorld, _ path: String) throws -> Set<Int> {
        let whole = try #require(world.fileSystem.content(path))
        // A frame may lack the zeros that fill it up.
        let frames = try FrameList(whole).frames
        return Set([0] + frames.flatMap { Array($0.payload.upperBound...$0.range.upperBound) })
    }

    /// Killed at any byte of a write: as long as its journal is there, or a seal made of it, that is what a kill looks like.
    @Test func aKillIsNoDamage() throws {
        let world = try Self.killed()
        let path = try world.path(".1.vlog")
        let whole = try #require(world.fileSystem.content(path))
        for length in whole.count - 60...whole.count {
            let report = try cut(world, path, length)
            #expect(report.problems == [] && report.notes == [], "\(length) bytes")
            let fileSystem = world.fileSystem.snapshot()
            fileSystem.setWriteBack(0)
            try #require(fileSystem.replace(path, with: Array(whole[..<length])))
            let environment = Environment(
                fileSystem: fileSystem, host: world.repository.environment.host, hasThreads: false)
            let repository = try Repository.open(DamageWorld.path, environment)
            #expect(try Sealer(environment, repository.paths).sealDead().count == 1)
            let after = try repository.verify(deep: true)
            #expect(after.problems == [] && after.notes == [], "\(length) bytes, sealed")
        }
    }

    /// The log of a run that ended well, cut at every byte: within a frame that is damage, between two frames it is told.
    @Test func aCutLogIsNamed() throws {
        let world = try Self.finished()
        let path = try world.path(".1.vlog")
        let whole = try #require(world.fileSystem.content(path))
        let borders = try borders(world, path)
        withEvery("length", in: 1..<whole.count) { length in
            let report = try cut(world, path, length)
            let named = report.problems + report.notes
            let isBorder = borders.contains(length)
            let isClosed = try #require(try FrameList(whole).frames.last).payload.upperBound <= length
            if isClosed { return try require(named.isEmpty, "\(named)") }
            try require(named.count == 1 && named[0].file == path, "\(named)")
            // Of a file without a `begin` nobody knows whether there was ever more.
            let isBegun = length >= 264
            try require(report.problems.count == (isBorder || !isBegun ? 0 : 1), "\(report)")
            if !isBorder {
                try require(named[0].message == "ends in the middle of a frame", "\(named)")
                let rest = length - (named[0].offset ?? 0)
                try require(named[0].found?.hasPrefix("\(rest) bytes that can't be read") == true, "\(named)")
                try require(named[0].found?.contains("not closed") == true, "\(named)")
            }
        }
    }

    /// An import has no journal: one that was killed looks so, and that is no damage.
    @Test func aKilledImportIsNoted() throws {
        let world = try Self.finished(.logOnly)
        let path = try world.path(".1.vlog")
        let whole = try #require(world.fileSystem.content(path))
        let last = try #require(try FrameList(whole).frames.last)
        let report = try cut(world, path, last.payload.upperBound - 1)
        #expect(report.problems == [])
        #expect(report.notes.map(\.message) == ["ends in the middle of a frame"])
        #expect(report.notes.map(\.offset) == [last.range.lowerBound])
        #expect(try cut(world, path, last.range.lowerBound).notes == [])
    }

    /// What stands in the journal of a log that is gone, or gone up to its beginning, can't be read, and is counted.
    @Test(arguments: [nil, 0, 100]) func aJournalWithoutItsLogIsNamed(_ left: Int?) throws {
        let world = try Self.killed()
        let (path, journal) = (try world.path(".1.vlog"), try world.path(".1.journal"))
        let report: VerificationReport
        if let left {
            report = try cut(world, path, left)
        } else {
            try world.fileSystem.unlink(path)
            report = try world.repository.verify(deep: true)
        }
        #expect(report.problems.map(\.file) == [journal])
        #expect(report.problems.map(\.message) == ["a journal's log is gone"])
        // The four that were drained are in the ring, too.
        #expect(report.problems.first?.found == "11 points whose metrics nobody knows")
        #expect(try world.repository.verify().notes == [])
        // Nothing can be made of it, and nothing is removed.
        guard left == nil else { return }
        let repair = try world.repository.repair()
        #expect(repair.written == [] && repair.remaining.map(\.file) == [journal])
        #expect(world.fileSystem.content(journal) != nil)
    }

    /// A log that has lost bytes since it was sealed.
    @Test func aLogShorterThanItsSealSaysIsNamed() throws {
        let world = try Self.sealed()
        let path = try world.path(".1.vlog")
        let whole = try #require(world.fileSystem.content(path))
        for length in [0, 100, 700, whole.count - 1] {
            let problems = try cut(world, path, length).problems
            #expect(problems.map(\.message) == ["the log is shorter than its seal says"], "\(length): \(problems)")
            #expect(problems.first?.expected == "\(whole.count) bytes" && problems.first?.offset == length)
        }
        #expect(try world.repository.verify(deep: true).notes == [])
        try world.fileSystem.unlink(path)
        #expect(try world.repository.verify(deep: true).problems.map(\.message) == ["a seal's log is gone"])
    }

    /// Seals and packs are published whole: where one ends within a frame, it was cut.
    @Test func cutSealsAndPacksAreNamed() throws {
        let world = try Self.sealed()
        let seal = try world.path(".1s.vlog")
        let whole = try #require(world.fileSystem.content(seal))
        let last = try #require(try FrameList(whole).frames.last)
        for length in 265..<whole.count where length < last.payload.upperBound {
            let problems = try cut(world, seal, length).problems
            #expect(problems.map(\.file) == [seal], "\(length) bytes: \(problems)")
        }
        let life = try LifecycleWorld(seed: 67)
        let repository = try life.repository()
        _ = try repository.pack()
        let pack = Paths.join("/repo/logs", try #require(try life.names().first { $0.hasPrefix("pack-") }))
        #expect(try repository.verify().problems == [] && repository.verify().notes == [])
        let bytes = try #require(life.fileSystem.content(pack))
        try #require(life.fileSystem.replace(pack, with: Array(bytes.dropLast(60))))
        #expect(try repository.verify().problems.map(\.message) == ["ends in the middle of a frame"])
    }

    /// A repair gives back a log without the bytes that nobody can read.
    @Test func aRepairLeavesOutTheTornEnd() throws {
        let world = try Self.finished()
        let path = try world.path(".1.vlog")
        let whole = try #require(world.fileSystem.content(path))
        let points = try #require(try FrameList(whole).frames.last { $0.header.kind == FrameKind.points.rawValue })
        try #require(world.fileSystem.replace(path, with: Array(whole[..<(points.payload.upperBound - 1)])))
        let report = try world.repository.repair()
        let written = try #require(report.written.first)
        #expect(
            report.remaining == [] && written.droppedBytes == points.payload.upperBound - 1 - points.range.lowerBound)
        try world.fileSystem.rename(path, "\(path).cut")
        try world.fileSystem.rename(written.file, path)
        let after = try world.repository.verify(deep: true)
        #expect(after.problems == [])
        #expect(after.notes.count == 1, "that its journal is gone stays so")
    }
}
