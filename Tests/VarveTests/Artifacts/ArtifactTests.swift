import Glibc
import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// Artifacts: what is added is there whole or not at all, under versions, in open and ended runs; what is taken out goes; what is
/// damaged isn't handed out.
@Suite struct ArtifactTests {
    private struct World {
        let fileSystem = SimulatedFileSystem(seed: 11)
        let machine = SimulatedMachine(seed: 11)
        let repository: Repository
        let run: Run

        init() throws {
            fileSystem.setTime(machine.wallTime)
            let environment = Environment(fileSystem: fileSystem, host: SimulatedHost(machine), hasThreads: false)
            repository = try Repository.create(at: "/repo", name: "", environment)
            var options = RunOptions()
            options.compaction = .never
            options.journalBytes = 64 << 10
            run = try repository.startRun(options: options)
        }

        func write(_ path: String, _ bytes: [UInt8]) throws {
            if fileSystem.replace(path, with: bytes) { return }
            let file = try fileSystem.open(path, .createNew)
            defer { file.close() }
            try file.write(bytes, at: 0)
        }

        func add(
            _ path: String, _ name: String, version: String? = nil, step: Int? = nil, context: [String: String] = [:]
        ) throws -> ArtifactAddition {
            let file = ArtifactFile(path: path, name: name, mediaType: "a/b")
            let added = try repository.addArtifacts(
                [file], to: run.id, version: version, step: step, context: context)
            return try #require(added.first)
        }

        var artifacts: [Artifact] { get throws { try repository.snapshot().artifacts(of: run.id) } }

        func advance(days: Int64) {
            machine.advance(days * 86_400_000_000_000)
            fileSystem.setTime(machine.wallTime)
        }
    }

    @Test func versionsAreCountedByName() throws {
        let world = try World()
        try world.write("/a", [1, 2, 3])
        #expect(try world.add("/a", "model").artifact.version == "v1")
        #expect(try world.add("/a", "model").isNew == false)
        #expect(try world.add("/a", "other").artifact.version == "v1")
        // An ended run takes artifacts, too.
        try world.run.finish()
        try world.write("/a", [4])
        let second = try world.add("/a", "model", step: 7, context: ["subset": "val", "a": "b"])
        #expect(second.isNew && second.artifact.version == "v2" && second.artifact.step == 7)
        #expect(try world.add("/a", "model").isNew == false)
        #expect(try world.add("/a", "model", step: 8).artifact.version == "v3")
        #expect(try world.add("/a", "model", version: "best").artifact.version == "best")
        try world.write("/a", [1, 2, 3])
        #expect(try world.add("/a", "model").artifact.version == "v4")

        let artifacts = try world.artifacts
        #expect(
            artifacts.map { "\($0.name):\($0.version)" } == [
                "model:v1", "other:v1", "model:v2", "model:v3", "model:best", "model:v4",
            ])
        #expect(artifacts[2].context == MetricKey("", context: ["a": "b", "subset": "val"]).context)
        #expect(artifacts[2].mediaType == "a/b" && artifacts[2].size == 1)
        #expect(artifacts.named("model") == artifacts[5] && artifacts.named("model:latest") == artifacts[5])
        #expect(artifacts.named("model:v2") == artifacts[2] && artifacts.named("model:v9") == nil)
        #expect(artifacts.latest.map(\.name) == ["model", "other"])
        #expect(artifacts[0].path == artifacts[5].path, "stored once")
        #expect(try world.repository.diskUse().artifacts == 4)
        let info = try #require(try world.repository.snapshot().run(world.run.id))
        #expect(info.status == .finished)
    }

    @Test func namesMayHaveColons() throws {
        let world = try World()
        try world.write("/a", [1])
        _ = try world.add("/a", "a:v1")
        try world.write("/a", [2])
        _ = try world.add("/a", "a")
        #expect(try world.artifacts.named("a:v1")?.name == "a:v1")
        #expect(throws: VarveError.self) {
            try world.repository.addArtifacts(
                [ArtifactFile(path: "/a", name: "x"), ArtifactFile(path: "/a", name: "x")], to: world.run.id)
        }
        #expect(throws: VarveError.self) { try world.add("/nowhere", "x") }
        #expect(throws: VarveError.self) { try world.add("/a", "") }
        #expect(throws: VarveError.self) {
            try world.repository.addArtifacts(
                [ArtifactFile(path: "/a", name: "x")], to: RunID(UniqueID(high: 1, low: 2)))
        }
    }

    @Test func removedOnesAreGoneAndTheirContentsFollow() throws {
        let world = try World()
        try world.write("/a", [UInt8](repeating: 1, count: 1000))
        try world.write("/b", [UInt8](repeating: 2, count: 500))
        _ = try world.add("/a", "one")
        _ = try world.add("/a", "same")
        _ = try world.add("/b", "two")
        try world.run.finish()
        try world.repository.removeArtifacts(try world.artifacts.filter { $0.name != "same" }, of: world.run.id)
        #expect(try world.artifacts.map(\.name) == ["same"])
        // At the very same instant, as the clock stands still: another entry all the same.
        #expect(try world.add("/b", "two").artifact.version == "v1")
        #expect(try world.artifacts.map(\.name) == ["same", "two"])
        try world.repository.removeArtifacts(try world.artifacts.filter { $0.name == "two" }, of: world.run.id)
        world.advance(days: 2)
        #expect(try world.repository.collect(olderThan: 0).artifacts == 1)
        #expect(try world.repository.diskUse().artifacts == 1000)
        #expect(try world.artifacts.allSatisfy { $0.path != nil })
        // A copy takes neither what is gone, nor offence.
        let other = try Repository.create(at: "/other", name: "", world.repository.environment)
        let report = try world.repository.copy([world.run.id], to: other)
        #expect(report.artifacts == 1 && report.missingArtifacts == 0)
        #expect(try other.snapshot().artifacts(of: world.run.id).map(\.name) == ["same"])
    }

    @Test func damageIsNotHandedOut() throws {
        let world = try World()
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try world.write("/a", bytes)
        let artifact = try world.add("/a", "model").artifact
        try world.repository.copyArtifact(artifact, to: "/out")
        #expect(world.fileSystem.content("/out") == bytes)
        #expect(throws: VarveError.self) { try world.repository.copyArtifact(artifact, to: "/out") }
        try world.repository.copyArtifact(artifact, to: "/out", replaces: true)
        var given: [UInt8] = []
        try world.repository.readArtifact(artifact) { given += $0 }
        #expect(given == bytes)
        try world.repository.verifyArtifact(artifact)

        let path = world.repository.paths.artifact(artifact.sha256)
        for damaged in [Array(bytes.dropLast()), bytes + [0], [bytes[0] ^ 1] + bytes.dropFirst(), []] {
            _ = world.fileSystem.replace(path, with: damaged)
            for body in [
                { try world.repository.copyArtifact(artifact, to: "/damaged") },
                { try world.repository.readArtifact(artifact) { _ in Issue.record("handed out") } },
                { try world.repository.verifyArtifact(artifact) },
            ] {
                let error = #expect(throws: VarveError.self) { try body() }
                #expect(error?.code == .damaged && error?.file == path)
            }
        }
        try world.fileSystem.unlink(path)
        let error = #expect(throws: VarveError.self) { try world.repository.copyArtifact(artifact, to: "/damaged") }
        #expect(error?.code == .notFound)
        #expect(try world.fileSystem.list("/").sorted() == ["a", "out", "repo"], "nothing half done")
    }

    @Test func fullDiskAndInterruptionLeaveNothing() throws {
        let world = try World()
        try world.write("/a", [UInt8](repeating: 9, count: 3 << 20))
        world.fileSystem.fail(.noSpace, times: 1) { $0.kind == .write && $0.path.contains("/artifacts/.") }
        let error = #expect(throws: VarveError.self) { try world.add("/a", "model") }
        #expect(error?.code == .noRoom)
        let stopped = #expect(throws: VarveError.self) {
            try world.repository.addArtifacts(
                [ArtifactFile(path: "/a", name: "model")], to: world.run.id
            ) { progress throws(VarveError) in
                if progress.done > 1 << 20 { throw VarveError(.state, "enough") }
            }
        }
        #expect(stopped?.code == .state)
        #expect(try world.fileSystem.list("/repo/artifacts").isEmpty && world.artifacts.isEmpty)
        let artifact = try world.add("/a", "model").artifact
        world.fileSystem.fail(.noSpace, times: 1) { $0.kind == .write && $0.path.hasPrefix("/.varve-") }
        #expect(throws: VarveError.self) { try world.repository.copyArtifact(artifact, to: "/out") }
        #expect(try world.fileSystem.list("/").sorted() == ["a", "repo"])
    }

    /// A rewind takes back what was added at its steps, whoever added it.
    @Test func rewindTakesThemBack() throws {
        let world = try World()
        try world.write("/a", [1])
        _ = try world.add("/a", "early", step: 3)
        _ = try world.add("/a", "late", step: 30)
        _ = try world.add("/a", "timeless")
        try world.run.finish()
        try world.repository.resumeRun(world.run.id, from: 10).finish()
        #expect(try world.artifacts.map(\.name) == ["early", "timeless"])
    }

    @Test func directoriesAreWalkedAndLinksAreNot() throws {
        try withTemporaryDirectory { directory in
            let files = RealFileSystem()
            let repository = try Repository.create(at: Paths.join(directory, "r"))
            let tree = Paths.join(directory, "tree")
            for folder in [tree, Paths.join(tree, "sub"), Paths.join(tree, "sub/deep")] {
                try files.makeDirectory(folder)
            }
            for name in ["b", "a", "sub/c", "sub/deep/d"] {
                let file = try files.open(Paths.join(tree, name), .createNew)
                try file.write(Array(name.utf8), at: 0)
                file.close()
            }
            try #require(symlink(tree, Paths.join(tree, "sub/around")) == 0)
            try #require(mkfifo(Paths.join(tree, "pipe"), 0o600) == 0)
            let found = try repository.artifactFiles(at: tree, name: "t")
            #expect(found.files.map(\.name) == ["t/a", "t/b", "t/sub/c", "t/sub/deep/d"])
            #expect(found.skipped.map(Paths.lastComponent).sorted() == ["around", "pipe"])
            #expect(try repository.artifactFiles(at: tree, name: "").files.map(\.name).first == "a")
            #expect(try repository.artifactFiles(at: Paths.join(tree, "a"), name: "n").files.map(\.name) == ["n"])
            #expect(throws: VarveError.self) { try repository.artifactFiles(at: Paths.join(tree, "x"), name: "") }
        }
    }

    /// Adds and removes, killed or cut off from power at every call: an artifact is there with its content or not at all, what was
    /// there before stays, and doing it again finishes it.
    @Test func killedAtEveryCall() throws {
        let world = try LifecycleWorld(seed: 5)
        let run = world.runs[5]
        let file = try world.fileSystem.open("/figure", .createNew)
        try file.write([UInt8](repeating: 3, count: 9_000), at: 0)
        file.close()
        let before = try world.reading()
        try world.killedAtEveryCall { repository in
            _ = try repository.addArtifacts([ArtifactFile(path: "/figure", name: "figure")], to: run)
        } _: { world, isDone in
            let artifacts = try world.repository().snapshot().artifacts(of: run)
            let added = artifacts.filter { $0.name == "figure" }
            try require(added.count == 1 || added.isEmpty && !isDone, "\(added.count) figures")
            for artifact in added { try world.repository().verifyArtifact(artifact) }
            let rest = try world.reading().filter { !$0.contains(" figure ") }
            try require(rest == before, "something else changed")
        }
        let weights = try #require(try world.repository().snapshot().artifacts(of: run).first)
        try world.killedAtEveryCall { repository in
            try repository.removeArtifacts([weights], of: run)
        } _: { world, isDone in
            let artifacts = try world.repository().snapshot().artifacts(of: run)
            try require(artifacts == [weights] && !isDone || artifacts.isEmpty, "\(artifacts)")
        }
    }
}
