import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// What was removed comes back as it was until it is collected; what is named by nobody goes, and nothing else.
@Suite struct TrashTests {
    private static let day: Int64 = 86_400_000_000_000

    @Test func comesBack() throws {
        let world = try LifecycleWorld(seed: 11)
        let repository = try world.repository()
        let before = try world.reading()
        _ = try repository.remove([world.runs[0], world.runs[1]])
        let listed = try repository.trashedRuns()
        #expect(Set(listed.map(\.id)) == Set(world.runs[0...1]))
        #expect(Set(listed.map(\.name)) == ["run 0", "run 1"])
        #expect(listed.allSatisfy { $0.files > 0 && $0.bytes > 0 && $0.removed > 0 })
        #expect(try repository.restore([world.runs[1]]).restored == [world.runs[1]])
        #expect(try repository.trashedRuns().map(\.id) == [world.runs[0]])
        _ = try repository.restore([world.runs[0]])
        #expect(try world.reading() == before)
        #expect(try repository.trashedRuns() == [])
        #expect(throws: VarveError.self) { () throws in _ = try repository.restore([world.runs[0]]) }
    }

    /// A file that has taken the name meanwhile is not replaced, and nothing is moved.
    @Test func replacesNothing() throws {
        let world = try LifecycleWorld(seed: 12)
        let repository = try world.repository()
        _ = try repository.remove([world.runs[1]])
        let path = "/repo/logs/\(world.runs[1]).2.vlog"
        let file = try world.fileSystem.open(path, .createNew)
        try file.write([1, 2, 3], at: 0)
        file.close()
        do throws(VarveError) {
            _ = try repository.restore([world.runs[1]])
            Issue.record("restored over another file")
        } catch {
            #expect(error.code == .exists && error.file == path)
        }
        #expect(world.fileSystem.content(path) == [1, 2, 3])
        #expect(try repository.trashedRuns().map(\.id) == [world.runs[1]])
    }

    /// A run that was moved away, brought back and removed comes back as it was last, though the trash has it twice; what differs
    /// there stays in the trash, whichever second it was removed in.
    @Test(arguments: [0, 5_000_000_000] as [Int64]) func comesBackOnceOfTwo(_ pause: Int64) throws {
        let world = try LifecycleWorld(seed: 16)
        let repository = try world.repository()
        let run = world.runs[1]
        let before = try world.reading()
        let other = try Repository.create(at: "/other", name: "", world.environment)
        _ = try repository.move([run], to: other)
        #expect(try other.copy([run], to: repository).copied == [run])
        world.advance(pause)
        _ = try repository.remove([run])
        let copies = world.fileSystem.paths().filter { $0.hasPrefix("/repo/trash/") && $0.hasSuffix("\(run).1.vlog") }
        try #require(copies.count == 2)
        // The older one was torn by a power failure, say.
        let torn = Array(try #require(world.fileSystem.content(copies.sorted()[0])).dropLast(100))
        try #require(world.fileSystem.replace(copies.sorted()[0], with: torn))
        _ = try repository.restore([run])
        #expect(try world.reading() == before)
        #expect(try repository.trashedRuns().map(\.files) == [1])
        #expect(world.fileSystem.content(copies.sorted()[0]) == torn)
    }

    @Test func collectsWhatIsOld() throws {
        let world = try LifecycleWorld(seed: 13, compacted: true)
        let repository = try world.repository()
        let kept = world.runs.dropLast().dropFirst().map { $0 }
        let others = try world.reading(of: kept)
        _ = try repository.remove([world.runs[0]])
        world.advance(3 * Self.day)
        _ = try repository.remove([world.runs[5]])
        func artifacts() throws -> Int {
            try world.fileSystem.list("/repo/artifacts").reduce(0) {
                $0 + (try world.fileSystem.list(Paths.join("/repo/artifacts", $1)).count)
            }
        }
        var report = try repository.collect(olderThan: 2 * Self.day, dryRun: true)
        #expect(report.runs == [world.runs[0]] && report.artifacts == 0 && report.bytes > 0)
        #expect(try repository.trashedRuns().count == 2)
        report = try repository.collect(olderThan: 2 * Self.day)
        #expect(report.runs == [world.runs[0]] && report.artifacts == 0)
        #expect(try repository.trashedRuns().map(\.id) == [world.runs[5]])
        #expect(try artifacts() == 1, "the trash still names it")
        report = try repository.collect(olderThan: 0)
        #expect(report.runs == [world.runs[5]])
        #expect(report.artifacts == 1, "nobody names it, and it is older than a day")
        #expect(try artifacts() == 0)
        #expect(try world.names("trash") == [])
        #expect(try world.reading() == others)
    }

    /// What is young may be about to be named; what a damaged log names isn't known.
    @Test func keepsWhatMayBeNamed() throws {
        let world = try LifecycleWorld(seed: 14)
        let repository = try world.repository()
        _ = try repository.remove([world.runs[5]])
        #expect(try repository.collect(olderThan: 0).artifacts == 0, "an hour old")
        world.advance(2 * Self.day)
        let path = "/repo/logs/\(world.runs[0]).1.vlog"
        let whole = try #require(world.fileSystem.content(path))
        var bytes = whole
        bytes[300] ^= 1
        #expect(world.fileSystem.replace(path, with: bytes))
        let report = try repository.collect(olderThan: 0)
        #expect(report.artifacts == 0 && report.problems.count == 1)
        #expect(world.fileSystem.replace(path, with: whole))
        #expect(try repository.collect(olderThan: 0).artifacts == 1)
    }

    /// The same content logged again makes an old artifact young.
    @Test func aContentThatIsLoggedAgainStays() throws {
        let world = try LifecycleWorld(seed: 15)
        let repository = try world.repository()
        _ = try repository.remove([world.runs[5]])
        world.advance(2 * Self.day)
        let run = try repository.startRun(name: "again", options: LifecycleWorld.options)
        try run.addArtifact("/weights", name: "again.bin")
        #expect(try repository.collect(olderThan: 0).artifacts == 0)
        try run.finish()
        let artifact = try #require(try repository.snapshot().artifacts(of: run.id).first)
        #expect(artifact.path != nil)
    }
}
