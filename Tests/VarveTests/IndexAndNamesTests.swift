import Testing
import VarveFiles
import VarveTestSupport

@testable import Varve

/// A snapshot whose names are listed while its index is opened: an index that was published in between, and knows of a file
/// that the listing had no time to see, must not hide what that file took the place of.
struct IndexAndNamesTests {
    /// Says that `logs/` is big, and calls a hook once its names were listed and before the index is opened.
    private final class RacingFileSystem: ForwardingFileSystem, @unchecked Sendable {
        let inner = RealFileSystem()
        private let paths: RepositoryPaths
        private let gate = ConditionGate()
        // Guarded by the gate.
        private var isListed = false
        private var indexListings = 0
        private let hook: () throws -> Void
        private(set) var failure: (any Error)?

        init(_ paths: RepositoryPaths, hook: @escaping () throws -> Void) {
            self.paths = paths
            self.hook = hook
        }

        /// Whether names were listed before the hook was called.
        private(set) var wasRaced = false

        func targetStatus(_ path: String) throws(FileError) -> FileStatus? {
            var status = try inner.targetStatus(path)
            if path == paths.logs { status?.size = 1 << 20 }
            return status
        }

        func list(_ directory: String) throws(FileError) -> [String] {
            if directory == paths.index {
                // The first time is to know the newest manifest.
                let isOpening = gate.locked {
                    indexListings += 1
                    return indexListings == 2
                }
                if isOpening { race() }
                return try inner.list(directory)
            }
            let names = try inner.list(directory)
            if directory == paths.logs {
                gate.locked {
                    isListed = true
                    gate.signal()
                }
            }
            return names
        }

        private func race() {
            let deadline = RealHost.monotonicTime() + 20_000_000_000
            wasRaced = gate.locked {
                while !isListed, gate.wait(until: deadline) {}
                return isListed
            }
            do { try hook() } catch { failure = error }
        }
    }

    @Test func namesAreNoOlderThanTheIndex() throws {
        try withTemporaryDirectory { directory in
            let path = Paths.join(directory, "repo")
            let repository = try Repository.create(at: path, name: "")
            var options = RunOptions()
            options.compaction = .never
            let run = try repository.startRun(name: "first", options: options)
            try run.series("loss").log(1, step: 0)
            try run.finish()
            _ = try repository.compact()

            let racing = RacingFileSystem(RepositoryPaths(root: path)) {
                try repository.set(["name": "second"], of: [run.id])
                // Merged at once, so that the index keeps nothing of the first name.
                var options = CompactionOptions()
                options.mergeWidth = 2
                let report = try repository.compact(options)
                #expect(report.merged > 0)
            }
            let environment = Environment(
                fileSystem: racing, host: RealHost(), hasThreads: true, decodingThreads: 2)
            let snapshot = try Repository.open(path, environment).snapshot()
            #expect(racing.wasRaced && racing.failure == nil, "\(String(describing: racing.failure))")
            #expect(snapshot.run(run.id)?.name == "second")
            #expect(snapshot.problems.isEmpty)
        }
    }
}
