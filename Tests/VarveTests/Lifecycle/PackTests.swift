import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// A pack says what its files said: with the index or without, whole or after a kill or a power failure at any call, and when one of
/// its runs is removed and restored.
@Suite struct PackTests {
    @Test(arguments: [false, true]) func saysTheSame(isCompacted: Bool) throws {
        let world = try LifecycleWorld(seed: 1, compacted: isCompacted)
        let before = try world.reading()
        let repository = try world.repository()
        let report = try repository.pack()
        #expect(report.packs == 1 && report.problems.isEmpty && report.skipped == 0)
        #expect(try world.names().filter { $0.hasPrefix("pack-") }.count == 1)
        // Only what was set for several runs has a file of its own.
        #expect(
            try world.names().allSatisfy { $0.hasPrefix("pack-") || $0.hasPrefix("edit-") || $0.hasPrefix("spare-") })
        #expect(try world.reading() == before)
        #expect(try repository.verify(deep: true).problems == [])
        let points = try repository.compact().points
        #expect((points == 0) == isCompacted, "what the index has isn't built again")
        #expect(try world.reading() == before)
        #expect(try repository.pack().files == 0)
        // A resumed run's next file has a number that none in the pack has.
        let run = try repository.resumeRun(world.runs[1], options: LifecycleWorld.options)
        try run.finish()
        #expect(try world.names().contains("\(world.runs[1]).3.vlog"))
    }

    /// What a kill left of a frame isn't packed, since another file would follow on it; in a bundle neither.
    @Test func leavesOutATornFrame() throws {
        var (torn, unfilled) = (0, 0)
        for seed in 70..<78 as Range<UInt64> {
            var world = try LifecycleWorld(seed: seed)
            let other = SimulatedHost(world.machine)
            let doomed = Environment(fileSystem: world.fileSystem, host: other, hasThreads: false)
            let run = try Repository.open(LifecycleWorld.path, doomed).startRun(options: LifecycleWorld.options)
            try LifecycleWorld.log(run, 0..<20)
            world.fileSystem.kill(tearing: .byte) { $0.kind == .write }
            try? run.text(String(repeating: "x", count: 300))
            other.die()
            world.fileSystem = world.fileSystem.afterKill()
            world.fileSystem.setTime(world.machine.wallTime)
            let size = try #require(world.fileSystem.content("/repo/logs/\(run.id).1.vlog")).count
            torn += size % FormatConstants.frameAlignment == 0 ? 0 : 1
            let lacksPadding = try world.lacksPadding("\(run.id).1.vlog")
            unfilled += lacksPadding ? 1 : 0
            let all = world.runs + [run.id]
            let before = try world.reading(of: all)
            let repository = try world.repository()
            _ = try repository.bundle(all, to: "/all.vlog")
            #expect(try world.reading("/all.vlog", of: all) == before, "seed \(seed)")
            let report = try repository.pack()
            // What lacks its padding only stays as it is, and its seal beside it.
            let skipped = lacksPadding ? 2 : 0
            #expect(
                report.packs == 1 && report.skipped == skipped && report.problems.isEmpty, "seed \(seed): \(report)")
            #expect(try world.reading(of: all) == before, "seed \(seed)")
            #expect(try repository.verify(deep: true).problems == [], "seed \(seed)")
            #expect(try world.repository("/all.vlog").verify().problems == [], "seed \(seed)")
        }
        #expect(torn > unfilled && unfilled > 0, "other seeds are needed: \(torn) torn, \(unfilled) without padding")
    }

    /// A journal that comes back after its sealing, since the power failed before its end was durable, and that nobody can judge:
    /// what it holds is in the seal, which stays beside it.
    @Test func leavesASealBesideItsJournal() throws {
        var world = try LifecycleWorld(seed: 69)
        let other = SimulatedHost(world.machine)
        let doomed = Environment(fileSystem: world.fileSystem, host: other, hasThreads: false)
        var options = LifecycleWorld.options
        options.journalBytes = 64 << 10
        let run = try Repository.open(LifecycleWorld.path, doomed).startRun(options: options)
        try LifecycleWorld.log(run, 0..<20)
        other.die()
        world.fileSystem = world.fileSystem.afterKill()
        let path = "/repo/logs/\(LogName.journal(run: run.id.id, n: 1))"
        var journal = try #require(world.fileSystem.content(path))
        let repository = try world.repository()
        let sealed = try Sealer(repository.environment, repository.paths).sealDead()
        #expect(sealed.contains(.log(run: run.id.id, n: 1)), "\(sealed)")
        // A damaged header says nothing of its writer.
        journal[0] ^= 1
        let file = try world.fileSystem.open(path, .createNew)
        try file.write(journal, at: 0)
        file.close()
        func steps() throws -> [Int] { try world.repository().snapshot().steps(Query(runs: [run.id])) }
        let before = try steps()
        #expect(Set(before) == Set(0..<20))
        let report = try repository.pack()
        #expect(report.packs == 1 && report.skipped == 2)
        #expect(try steps() == before)
    }

    /// A file that its writer appended to after sealing it isn't closed, and its seal repeats frames of it: both stay.
    @Test(arguments: [false, true]) func leavesASealBesideItsGrownFile(isCompacted: Bool) throws {
        let world = try LifecycleWorld(seed: 6, compacted: isCompacted)
        let run = try #require(world.runs.last)
        let path = "/repo/logs/\(run).1.vlog"
        let bytes = try #require(world.fileSystem.content(path))
        let definition = try #require(try FrameList(bytes).frames.first { $0.header.kind == FrameKind.define.rawValue })
        let file = try world.fileSystem.open(path, .update)
        try file.write(Array(bytes[definition.range]), at: bytes.count)
        file.close()
        let before = try world.reading()
        let report = try world.repository().pack()
        #expect(report.packs == 1 && report.skipped == 2, "\(report)")
        #expect(try world.names().contains("\(run).1.vlog"))
        #expect(try world.names().contains("\(run).1s.vlog"))
        #expect(try world.reading() == before)
    }

    /// Packing unlinks a file before its seal: killed in between, the seal is outside and the file that it repeats in the pack.
    @Test(arguments: [false, true]) func readsASealWhoseFileIsPacked(isCompacted: Bool) throws {
        let world = try LifecycleWorld(seed: 7, compacted: isCompacted)
        let run = try #require(world.runs.last)
        let path = "/repo/logs/\(run).1s.vlog"
        let seal = try #require(world.fileSystem.content(path))
        let before = try world.reading()
        #expect(try world.repository().pack().skipped == 0)
        let file = try world.fileSystem.open(path, .createNew)
        try file.write(seal, at: 0)
        file.close()
        #expect(try world.reading() == before)
        #expect(try world.repository().pack().files == 0)
        #expect(try !world.names().contains("\(run).1s.vlog"))
        #expect(try world.reading() == before)
    }

    @Test func killedAtEveryCall() throws {
        let world = try LifecycleWorld(seed: 2)
        let before = try world.reading()
        try world.killedAtEveryCall({ _ = try $0.pack() }) { world, isDone in
            try require(try world.reading() == before, "what is there changed")
            if isDone {
                // What a failed sync took from a file when the power failed is in its seal, but the file isn't closed.
                let unsynced = world.runs.last?.id
                let left = try world.names().filter { name in LogName(name)?.run.map { $0 != unsynced } ?? false }
                try require(left.isEmpty, "left: \(left)")
            }
        }
    }

    /// Of a pack in which something is damaged nothing is taken away; damaged files are not packed.
    @Test func leavesWhatIsDamaged() throws {
        let world = try LifecycleWorld(seed: 3)
        let name = "\(world.runs[0]).1.vlog"
        let path = Paths.join("/repo/logs", name)
        var bytes = try #require(world.fileSystem.content(path))
        bytes[300] ^= 1
        #expect(world.fileSystem.replace(path, with: bytes))
        let report = try world.repository().pack()
        #expect(report.skipped == 1 && report.problems.count == 1)
        #expect(try world.names().contains(name))
        #expect(world.fileSystem.content(path) == bytes)
    }

    @Test func leavesWhatIsAlive() throws {
        let world = try LifecycleWorld(seed: 4)
        let repository = try world.repository()
        let run = try repository.startRun(name: "alive", options: LifecycleWorld.options)
        try run.series("loss").log(1, step: 0)
        #expect(try repository.pack().skipped == 1)
        #expect(try world.names().contains("\(run.id).1.vlog"))
        try run.series("loss").log(2, step: 1)
        try run.finish()
        #expect(try world.repository().snapshot().run(run.id)?.points == 2)
    }

    @Test func removedAtEveryCall() throws {
        let world = try LifecycleWorld(seed: 5, compacted: true)
        let (gone, kept) = ([world.runs[2], world.runs[4]], [0, 1, 3, 5].map { world.runs[$0] })
        let all = try world.reading()
        let others = try world.reading(of: kept)
        _ = try world.repository().pack()
        var isRemoved = world
        isRemoved.fileSystem = world.fileSystem.snapshot()
        try world.killedAtEveryCall({ _ = try $0.remove(gone) }) { world, isDone in
            try require(try world.reading(of: kept) == others, "others changed")
            if isDone { try require(try world.reading() == others, "not all is gone") }
        }
        _ = try isRemoved.repository().remove(gone)
        #expect(try isRemoved.reading() == others)
        try isRemoved.killedAtEveryCall({ _ = try $0.restore(gone) }) { world, isDone in
            try require(try world.reading(of: kept) == others, "others changed")
            if isDone { try require(try world.reading() == all, "not all is back") }
        }
    }
}
