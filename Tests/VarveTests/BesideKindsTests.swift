import Testing
import VarveFiles
import VarveTestSupport

@testable import Varve

/// What runs have beside points is looked for once a file and snapshot: what a file doesn't have, it isn't opened for again; what it has
/// is found each time, also what came into a file that was still being written.
struct BesideKindsTests {
    private static func world() throws -> (SimulatedFileSystem, Repository, [RunID]) {
        let fileSystem = SimulatedFileSystem(seed: 6)
        let environment = Environment(
            fileSystem: fileSystem, host: SimulatedHost(SimulatedMachine(seed: 6)), hasThreads: false)
        let repository = try Repository.create(at: "/repo", name: "", environment)
        var options = RunOptions()
        options.compaction = .never
        let ids = try (0..<20).map { number in
            let run = try repository.startRun(name: "r\(number)", options: options)
            try run.series("loss").log(1, step: 0)
            if number == 3 { try run.text("said", step: 0) }
            if number == 4 {
                let matrix = try ConfusionMatrix(labels: ["a", "b"], truth: [0, 1], predicted: [0, 1])
                try run.log(confusionMatrix: matrix, step: 0)
            }
            try run.finish()
            return run.id
        }
        return (fileSystem, repository, ids)
    }

    @Test(arguments: [false, true]) func filesAreOpenedOnce(isPacked: Bool) throws {
        let (fileSystem, repository, ids) = try Self.world()
        if isPacked { _ = try repository.pack() }
        _ = try repository.compact()
        let snapshot = try repository.snapshot()
        func look() throws -> (texts: [Int], records: [Int], artifacts: Int, opened: Int) {
            let before = fileSystem.calls.last?.number ?? 0
            let texts = try ids.map { try snapshot.text(of: $0).count }
            let records = try ids.map { try snapshot.records(of: $0).count }
            let artifacts = try ids.reduce(0) { $0 + (try snapshot.artifacts(of: $1).count) }
            let opened = fileSystem.calls.filter { call in
                call.number > before && call.kind == .open && call.path.hasPrefix("/repo/logs/")
            }
            return (texts, records, artifacts, opened.count)
        }
        let first = try look()
        #expect(first.texts == (0..<20).map { $0 == 3 ? 1 : 0 } && first.artifacts == 0)
        #expect(first.records == (0..<20).map { $0 == 4 ? 1 : 0 })
        // Each file once, in a pack its place there, then what has something and isn't met at once.
        #expect(first.opened == 21)
        let second = try look()
        #expect(second.texts == first.texts && second.records == first.records && second.opened == 2)
    }

    @Test func whatIsBeingWrittenIsLookedAtAgain() throws {
        let (_, repository, ids) = try Self.world()
        let run = try repository.resumeRun(ids[0])
        let snapshot = try repository.snapshot()
        #expect(try snapshot.text(of: ids[0]).isEmpty)
        try run.text("later", step: 1)
        #expect(try repository.snapshot().text(of: ids[0]).count == 1)
        _ = try snapshot.records(of: ids[0])
        try run.finish()
    }
}
