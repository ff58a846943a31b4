import Glibc
import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// A repository that somebody else made, with links out of it, directories, pipes, sockets and devices where files belong, on
/// a real file system: nothing is followed or waited for, what is whole is read, and what isn't is named.
@Suite(.timeLimit(.minutes(2))) struct HostileRepositoryTests {
    /// What stands where a file belongs.
    enum Impostor: CaseIterable {
        case link, dangling, loop, directory, pipe, socket, device

        /// Puts it there; false if this process may not.
        func make(_ path: String, target: String) throws -> Bool {
            switch self {
            case .link: try require(symlink(target, path) == 0, "symlink: \(errno)")
            case .dangling: try require(symlink(target + ".gone", path) == 0, "symlink: \(errno)")
            case .loop: try require(symlink(path, path) == 0, "symlink: \(errno)")
            case .directory: try require(mkdir(path, 0o700) == 0, "mkdir: \(errno)")
            case .pipe: try require(mkfifo(path, 0o600) == 0, "mkfifo: \(errno)")
            case .socket: try require(mknod(path, S_IFSOCK | 0o600, 0) == 0, "mknod: \(errno)")
            // That of /dev/zero, which never ends.
            case .device: return mknod(path, S_IFCHR | 0o600, 1 << 8 | 5) == 0
            }
            return true
        }
    }

    /// A file's place in a repository.
    enum Place: CaseIterable {
        case log, nextLog, journal, nextJournal, seal, edit, pack, spare, manifest, segment, artifact, lease

        func path(_ world: World) -> String {
            let paths = world.repository.paths
            let id = world.other.id
            return switch self {
            case .log: paths.log(.log(run: id, n: 1))
            case .nextLog: paths.log(.log(run: world.run.id, n: 2))
            case .journal: paths.log(.journal(run: id, n: 1))
            case .nextJournal: paths.log(.journal(run: world.run.id, n: 2))
            case .seal: paths.log(.seal(run: world.run.id, n: 1))
            case .edit: paths.log(.edit(id))
            case .pack: paths.log(.pack(id))
            case .spare: paths.log(.spare(id))
            case .manifest: Paths.join(paths.index, Manifest.fileName(99))
            case .segment: Paths.join(paths.index, "\(id).vseg")
            case .artifact: paths.artifact(world.foreignHash)
            case .lease: Paths.join(paths.index, ".lease")
            }
        }

        /// Whether a snapshot says what stands there.
        var isNamedByReaders: Bool { [.log, .nextLog, .seal, .edit, .pack, .manifest].contains(self) }
        /// Whether `verify` says it.
        var isNamedByVerify: Bool { isNamedByReaders || [.journal, .nextJournal, .artifact].contains(self) }
    }

    /// A repository with one run, and another one outside of it that links may lead to.
    struct World {
        let repository: Repository
        let run: RunID
        /// Not in the repository, but in the one beside it.
        let other: RunID
        let otherLog: String
        let foreignHash: String
        static let points = 100

        init(_ directory: String) throws {
            let environment = Environment(fileSystem: RealFileSystem(), host: RealHost(), hasThreads: false)
            func make(_ name: String) throws -> (Repository, RunID) {
                let repository = try Repository.create(at: Paths.join(directory, name), name: name, environment)
                var options = RunOptions()
                options.compaction = .never
                options.journalBytes = 64 << 10
                let run = try repository.startRun(name: name, options: options)
                let series = try run.series("loss")
                for step in 0..<World.points { series.log(Double(step), step: step) }
                try run.finish()
                return (repository, run.id)
            }
            let own = try make("own")
            (repository, run) = own
            _ = try repository.compact()
            let foreign = try make("foreign")
            other = foreign.1
            otherLog = foreign.0.paths.log(.log(run: other.id, n: 1))
            foreignHash = String(repeating: "ab", count: 32)
            let folder = Paths.parent(repository.paths.artifact(foreignHash))
            try RealFileSystem().makeDirectory(folder)
        }

        var again: Repository {
            get throws { try Repository.open(repository.path, repository.environment) }
        }

        /// The run is there whole, and nothing else is.
        func demandWhole(_ snapshot: Snapshot) throws {
            try require(snapshot.runs.map(\.id) == [run], "\(snapshot.runs.map(\.id))")
            let steps = try snapshot.steps()
            try require(steps == Array(0..<World.points), "\(steps.count) points")
        }
    }

    @Test(arguments: Place.allCases) func inPlaceOfAFile(_ place: Place) throws {
        for impostor in Impostor.allCases {
            try withTemporaryDirectory(in: memoryDirectory) { directory in
                let world = try World(directory)
                let path = place.path(world)
                guard try impostor.make(path, target: world.otherLog) else { return }
                let label = "\(impostor) as \(place)"
                func isNamed(_ problems: [VarveError]) -> Bool { problems.contains { $0.file == path } }
                let repository = try world.again
                let snapshot = try repository.snapshot()
                try world.demandWhole(snapshot)
                #expect(isNamed(snapshot.problems) == place.isNamedByReaders, "\(label): \(snapshot.problems)")
                #expect(isNamed(try repository.verify(deep: true).problems) == place.isNamedByVerify, "\(label)")
                _ = try repository.diskUse()
                _ = try RepositoryTail(repository, Query()).poll { _ in }

                // Others may write, and resume the run itself.
                var options = RunOptions()
                options.compaction = .never
                options.journalBytes = 64 << 10
                let started = try repository.startRun(options: options)
                try started.series("loss").log(1, step: 1)
                try started.finish()
                let resumed = try repository.resumeRun(world.run, options: options)
                try resumed.finish()
                let report = try repository.compact()
                if [.log, .nextLog, .seal, .edit, .pack].contains(place) {
                    #expect(isNamed(report.problems), "\(label): \(report.problems)")
                }
                _ = try repository.remove([started.id])
                try world.demandWhole(repository.snapshot())

                // A copy has everything, or is refused by the name of what it can't have.
                do {
                    _ = try repository.backup(to: Paths.join(directory, "copy"))
                    let copy = try Repository.open(Paths.join(directory, "copy"), repository.environment)
                    try world.demandWhole(copy.snapshot())
                } catch let error as VarveError {
                    #expect(error.file == path, "\(label): \(error)")
                }
                // What links lead to is as it was.
                #expect(try RealFileSystem().status(world.otherLog)?.kind == .file)
            }
        }
    }

    /// The segment that the index needs is another thing: the logs are read in its place.
    @Test func inPlaceOfTheIndex() throws {
        for impostor in Impostor.allCases {
            try withTemporaryDirectory(in: memoryDirectory) { directory in
                let world = try World(directory)
                let files = RealFileSystem()
                let name = try #require(try files.list(world.repository.paths.index).first { $0.hasSuffix(".vseg") })
                let path = Paths.join(world.repository.paths.index, name)
                try files.unlink(path)
                guard try impostor.make(path, target: world.otherLog) else { return }
                let snapshot = try world.again.snapshot()
                try world.demandWhole(snapshot)
                #expect(snapshot.problems.contains { $0.file == path }, "\(impostor): \(snapshot.problems)")
                _ = try world.again.compact()
                try world.demandWhole(world.again.snapshot())
            }
        }
    }

    /// A directory of the repository is something else: it isn't opened, and the error says which.
    @Test(arguments: ["logs", "index", "artifacts", "trash", "varve.json"]) func inPlaceOfADirectory(
        _ name: String
    ) throws {
        for impostor in Impostor.allCases where impostor != .directory || name == "varve.json" {
            try withTemporaryDirectory(in: memoryDirectory) { directory in
                let world = try World(directory)
                let path = Paths.join(world.repository.path, name)
                try? RealFileSystem().rename(path, Paths.join(directory, "elsewhere"))
                guard try impostor.make(path, target: Paths.join(directory, "elsewhere")) else { return }
                do {
                    _ = try world.again
                    Issue.record("\(impostor) as \(name) was opened")
                } catch let error as VarveError {
                    #expect(error.file == path, "\(impostor) as \(name): \(error)")
                }
            }
        }
    }

    /// An artifact's folder leads out: nothing is written there, and no path is handed out.
    @Test func inPlaceOfAnArtifactsFolder() throws {
        try withTemporaryDirectory(in: memoryDirectory) { directory in
            let world = try World(directory)
            let files = RealFileSystem()
            let source = Paths.join(directory, "weights")
            _ = try files.publish(source, from: source + ".tmp", bytes: [1, 2, 3])
            var options = RunOptions()
            options.compaction = .never
            let run = try world.repository.resumeRun(world.run, options: options)
            try run.addArtifact(source, name: "weights")
            let stored = try #require(try world.again.snapshot().artifacts(of: world.run).first)
            let folder = Paths.parent(try #require(stored.path))
            let elsewhere = Paths.join(directory, "elsewhere")
            try files.rename(folder, elsewhere)
            #expect(symlink(elsewhere, folder) == 0)
            #expect(throws: VarveError.self) { try run.addArtifact(source, name: "weights") }
            try run.finish()
            #expect(try files.list(elsewhere).count == 1)
            let repository = try world.again
            #expect(try repository.snapshot().artifacts(of: world.run).map(\.path) == [nil])
            #expect(try repository.verify().problems.map(\.file) == [folder])
            #expect(throws: VarveError.self) { try repository.backup(to: Paths.join(directory, "copy")) }
        }
    }

    /// What may be a link: the repository's own name, and files that a person names.
    @Test func theRepositoryItselfMayBeReachedThroughALink() throws {
        try withTemporaryDirectory(in: memoryDirectory) { directory in
            let world = try World(directory)
            let link = Paths.join(directory, "link")
            #expect(symlink(world.repository.path, link) == 0)
            let repository = try Repository.openOrCreate(at: link, name: "", world.repository.environment)
            #expect(repository.id == world.repository.id)
            try world.demandWhole(repository.snapshot())
            let bare = Paths.join(directory, "bare")
            #expect(symlink(world.repository.paths.logs, bare) == 0)
            try world.demandWhole(Repository.open(bare, world.repository.environment).snapshot())
            var options = RunOptions()
            options.compaction = .never
            let run = try repository.resumeRun(world.run, options: options)
            #expect(symlink(world.otherLog, Paths.join(directory, "named")) == 0)
            try run.addArtifact(Paths.join(directory, "named"), name: "a log")
            try run.finish()
            let sizes = try repository.snapshot().artifacts(of: world.run).map(\.size)
            #expect(sizes == [try RealFileSystem().status(world.otherLog)?.size])
        }
    }

    /// An artifact is found by its content's hash alone: what it is called leads nowhere.
    @Test(arguments: [
        "../../../../etc/passwd", "/etc/passwd", "..", ".", "a/b", "a\0b", "\u{1B}[2J", "C:\\x", "\u{1F600}",
        "e\u{301}",
    ]) func artifactNamesNeverBecomePaths(_ name: String) throws {
        try withTemporaryDirectory(in: memoryDirectory) { directory in
            let world = try World(directory)
            let files = RealFileSystem()
            let source = Paths.join(directory, "weights")
            _ = try files.publish(source, from: source + ".tmp", bytes: [1, 2, 3])
            var options = RunOptions()
            options.compaction = .never
            let run = try world.repository.resumeRun(world.run, options: options)
            try run.addArtifact(source, name: name, version: name)
            try run.finish()
            let artifacts = try world.again.snapshot().artifacts(of: world.run)
            #expect(artifacts.map { Array($0.name.utf8) } == [Array(name.utf8)])
            let hash = "039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81"
            #expect(artifacts.map(\.path) == [world.repository.paths.artifact(hash)])
            #expect(try files.list(world.repository.paths.artifacts).sorted() == ["03", "ab"])
            #expect(try files.list(directory).sorted() == ["foreign", "own", "weights"])
        }
    }
}
