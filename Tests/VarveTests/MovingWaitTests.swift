import Testing
import VarveFiles
import VarveTestSupport

@testable import Varve

/// That `log` doesn't wait for the disk while its writer moves to the next file: on a real file system that keeps the making of
/// that file waiting until `log` has returned. If it had to wait for the move, neither would ever end.
struct MovingWaitTests {
    /// Makes no new log while it is closed.
    private final class GatedFileSystem: ForwardingFileSystem, @unchecked Sendable {
        let inner = RealFileSystem()
        private let gate = ConditionGate()
        // Guarded by the gate.
        private var isClosed = false
        private var waiting = 0

        func close() { gate.locked { isClosed = true } }

        func open() {
            gate.locked {
                isClosed = false
                gate.broadcast()
            }
        }

        /// Returns when somebody waits for the gate.
        func waitForMove() {
            gate.locked { while waiting == 0 { gate.wait() } }
        }

        func open(_ path: String, _ mode: OpenMode) throws(FileError) -> any OpenFile {
            if mode == .createNew, path.hasSuffix(".vlog") {
                gate.locked {
                    waiting += 1
                    gate.broadcast()
                    while isClosed { gate.wait() }
                    waiting -= 1
                }
            }
            return try inner.open(path, mode)
        }
    }

    @Test(.timeLimit(.minutes(2))) func logReturnsWhileTheNextFileIsBeingMade() throws {
        try withTemporaryDirectory { directory in
            let fileSystem = GatedFileSystem()
            let environment = Environment(fileSystem: fileSystem, host: RealHost(), hasThreads: true)
            let repository = try Repository.create(at: Paths.join(directory, "repo"), name: "", environment)
            var options = RunOptions()
            options.journalBytes = 64 << 10
            options.sync = .none
            options.compaction = .never
            let run = try repository.startRun(options: options)
            let series = try run.series("loss")
            series.log(0.0, step: 0)
            // As somebody does who takes the writer for dead.
            let journals = try fileSystem.list(repository.paths.logs).filter { $0.hasSuffix(".journal") }
            for name in journals { try fileSystem.unlink(Paths.join(repository.paths.logs, name)) }
            fileSystem.close()
            // Half a ring asks for a drain, and that for a move; then some more than the ring takes.
            for step in 1..<1_500 { series.log(Double(step), step: step) }
            fileSystem.waitForMove()
            for step in 1_500..<3_000 { series.log(Double(step), step: step) }
            let dropped = run.health.dropped
            #expect(dropped > 0)
            fileSystem.open()
            try run.flush()
            series.log(3_000.0, step: 3_000)
            try run.finish()
            #expect(run.health.file == 2)
            let steps = try repository.snapshot().steps()
            #expect(steps == Array(0..<3_000 - dropped) + [3_000])
        }
    }
}
