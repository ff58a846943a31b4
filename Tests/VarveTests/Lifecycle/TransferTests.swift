import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// Runs say in another repository, and in a bundle, what they said at home; nothing is replaced, and nothing leaves its source unasked.
@Suite struct TransferTests {
    private func target(_ world: LifecycleWorld) throws -> Repository {
        try Repository.create(at: "/other", name: "other", world.environment)
    }

    @Test(arguments: [false, true]) func copies(isPacked: Bool) throws {
        let world = try LifecycleWorld(seed: 21, compacted: true)
        let source = try world.repository()
        if isPacked { _ = try source.pack() }
        let before = try world.reading()
        let other = try target(world)
        let report = try source.copy(world.runs, to: other)
        #expect(report.copied == world.runs && report.refused.isEmpty && report.artifacts == 1 && report.edits > 0)
        #expect(try world.reading("/other") == before)
        #expect(try world.reading() == before)
        _ = try other.compact()
        #expect(try world.reading("/other") == before)
        #expect(try other.verify(deep: true).problems == [])
        // A second time there is nothing to do.
        let again = try source.copy(world.runs, to: other)
        #expect(again.present == world.runs && again.files == 0 && again.artifacts == 0 && again.edits == 0)
        #expect(throws: VarveError.self) { () throws in _ = try source.copy(world.runs, to: source) }
    }

    @Test func copiedAtEveryCall() throws {
        let world = try LifecycleWorld(seed: 22)
        let runs = [world.runs[1], world.runs[5]]
        let before = try world.reading(of: runs)
        _ = try target(world)
        try world.killedAtEveryCall({ repository in
            _ = try repository.copy(runs, to: try Repository.open("/other", repository.environment))
        }) { world, isDone in
            if isDone { try require(try world.reading("/other", of: runs) == before, "not all is there") }
        }
    }

    /// Runs of one file are published many at a time: one sync of the directory for all of them. Out of a pack the bytes are read a few
    /// times, and not once a run.
    @Test(arguments: [false, true]) func manyRuns(isPacked: Bool) throws {
        let world = try LifecycleWorld(seed: 29)
        let source = try world.repository()
        let runs = try (0..<130).map { number in
            let run = try source.startRun(name: "r\(number)", options: LifecycleWorld.options)
            try run.series("loss").log(Double(number), step: 0)
            try run.finish()
            return run.id
        }
        if isPacked { _ = try source.pack() }
        let before = try world.reading(of: runs)
        let other = try target(world)
        let begun = world.fileSystem.callCount
        #expect(try source.copy(runs, to: other).copied == runs)
        let calls = world.fileSystem.calls.filter { $0.number > begun }
        #expect(calls.count { $0.kind == .syncDirectory && $0.path == "/other/logs" } == 4)
        #expect(calls.count { $0.kind == .sync } == 130, "each file is on the disk before it has its name")
        if isPacked {
            let pack = try #require(world.names().first { $0.hasPrefix("pack-") })
            let size = try #require(world.fileSystem.content("/repo/logs/\(pack)")).count
            let reads = calls.filter { $0.kind == .read && $0.path.hasSuffix(pack) }
            #expect(reads.reduce(0) { $0 + $1.bytes } < 4 * size)
        }
        #expect(try world.reading("/other", of: runs) == before)
    }

    /// A file of the same name with other bytes: the run is refused, the others go.
    @Test func refusesOtherBytes() throws {
        let world = try LifecycleWorld(seed: 23)
        let source = try world.repository()
        let other = try target(world)
        _ = try source.copy([world.runs[1]], to: other)
        let path = "/other/logs/\(world.runs[1]).1.vlog"
        var bytes = try #require(world.fileSystem.content(path))
        bytes[bytes.count - 1] ^= 1
        #expect(world.fileSystem.replace(path, with: bytes))
        try world.fileSystem.unlink("/other/logs/\(world.runs[1]).2.vlog")
        let report = try source.copy([world.runs[0], world.runs[1]], to: other)
        #expect(report.copied == [world.runs[0]])
        #expect(report.refused.map(\.run) == [world.runs[1]])
        #expect(report.refused.first?.error.code == .exists)
        #expect(world.fileSystem.content(path) == bytes)
        #expect(try world.fileSystem.status("/other/logs/\(world.runs[1]).2.vlog") == nil, "nothing of it is copied")
    }

    @Test func refusesWhatIsAlive() throws {
        let world = try LifecycleWorld(seed: 24)
        let source = try world.repository()
        let run = try source.startRun(name: "alive", options: LifecycleWorld.options)
        let report = try source.copy([run.id, world.runs[0]], to: try target(world))
        #expect(report.copied == [world.runs[0]] && report.refused.map(\.run) == [run.id])
        #expect(throws: VarveError.self) { () throws in _ = try source.bundle([run.id], to: "/alive.vlog") }
        try run.finish()
    }

    @Test func moves() throws {
        let world = try LifecycleWorld(seed: 25)
        let runs = [world.runs[0], world.runs[4]]
        let (moved, rest) = (try world.reading(of: runs), world.runs.filter { !runs.contains($0) })
        let left = try world.reading(of: rest)
        let source = try world.repository()
        _ = try source.move(runs, to: target(world))
        #expect(try world.reading("/other") == moved)
        #expect(try world.reading() == left)
        #expect(Set(try source.trashedRuns().map(\.id)) == Set(runs))
    }

    @Test func bundles() throws {
        let world = try LifecycleWorld(seed: 26)
        let source = try world.repository()
        let before = try world.reading()
        let report = try source.bundle(world.runs, to: "/campaign.vlog")
        #expect(report.runs == world.runs.count && report.bytes == world.fileSystem.content("/campaign.vlog")?.count)
        #expect(try world.reading("/campaign.vlog") == before)
        let bundle = try world.repository("/campaign.vlog")
        #expect(try bundle.verify().problems == [])
        #expect(try bundle.snapshot().artifacts(of: world.runs[5]).map(\.path) == [nil])
        #expect(throws: VarveError.self) { () throws in _ = try bundle.startRun(name: "no") }
        #expect(throws: VarveError.self) { () throws in try bundle.set(["note": "no"], of: [world.runs[0]]) }
        #expect(throws: VarveError.self) { () throws in _ = try bundle.remove([world.runs[0]]) }
        #expect(throws: VarveError.self) { () throws in _ = try source.bundle(world.runs, to: "/campaign.vlog") }
        #expect(try world.reading("/campaign.vlog") == before)
        // It can be copied back out of.
        let other = try target(world)
        #expect(try bundle.copy([world.runs[1], world.runs[4]], to: other).copied.count == 2)
        #expect(try world.reading("/other") == world.reading(of: [world.runs[1], world.runs[4]]))
    }

    /// What isn't a bundle isn't a repository.
    @Test func opensNoOtherFile() throws {
        let world = try LifecycleWorld(seed: 27)
        do throws(VarveError) {
            _ = try Repository.open("/weights", world.environment)
            Issue.record("opened")
        } catch {
            #expect(error.code == .notFound && error.file == "/weights")
        }
    }

    /// Many runs are edited by one file.
    @Test func oneFileForAnEdit() throws {
        let world = try LifecycleWorld(seed: 28)
        let repository = try world.repository()
        let files = try world.names().count
        try repository.set(["tags.many": true, "note": .absent], of: world.runs)
        #expect(try world.names().count == files + 1)
        for run in try repository.snapshot().runs {
            #expect(run.tags.contains("many") && run.properties["note"] == nil)
        }
    }
}
