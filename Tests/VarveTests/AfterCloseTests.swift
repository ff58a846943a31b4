import Glibc
import Testing
import VarveFiles
import VarveTestSupport

@testable import Varve

/// A process that closes many runs builds the index of them in passing, and one that asks for it does so while it logs; nobody waits for either.
@Suite struct AfterCloseTests {
    private func waitForIndex(_ repository: Repository, files: Int) throws -> Int {
        var covered = 0
        for _ in 0..<20_000 {
            let index = try IndexSnapshot.open(
                RealFileSystem(), directory: repository.paths.index, repository: repository.id, codec: ColumnCodec())
            covered = index.coverage.covered.count
            if covered >= files { break }
            usleep(1000)
        }
        return covered
    }

    @Test func manyClosesAreCompacted() throws {
        try withTemporaryDirectory { directory in
            let repository = try Repository.create(at: Paths.join(directory, "r"))
            // One close in 64 looks; another test of this process may have counted some of them.
            for i in 0..<130 {
                let run = try repository.startRun(name: "\(i)")
                try run.series("loss").log(Double(i), step: i)
                try run.finish()
            }
            #expect(try waitForIndex(repository, files: 64) >= 64)
            let snapshot = try repository.snapshot()
            #expect(snapshot.runs.count == 130)
            #expect(snapshot.runs.reduce(0) { $0 + $1.points } == 130)
            #expect(try repository.verify(deep: true).problems == [])
        }
    }

    @Test func aWriterCompactsInTheBackground() throws {
        try withTemporaryDirectory { directory in
            let repository = try Repository.create(at: Paths.join(directory, "r"))
            for i in 0..<70 {
                var options = RunOptions()
                options.compaction = .never
                let run = try repository.startRun(options: options)
                try run.series("loss").log(Double(i), step: i)
                try run.finish()
            }
            #expect(try waitForIndex(repository, files: 0) == 0)
            var options = RunOptions()
            options.compaction = .background
            let run = try repository.startRun(options: options)
            #expect(try waitForIndex(repository, files: 70) >= 70)
            try run.finish()
        }
    }
}
