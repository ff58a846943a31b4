import Testing
import VarveFiles
import VarveTestSupport

@testable import Varve

/// That a snapshot has no gap in a series although its threads log while the ring is copied: on a file system that lets the
/// copier lose its processor between the first page of the slots and the others.
struct TornCopyTests {
    /// Calls a hook between the first page and the rest of each long read of a journal, one after the other.
    private final class Tearing: @unchecked Sendable {
        private var hooks: [() throws -> Void] = []
        private(set) var failure: (any Error)?

        func before(_ hooks: [() throws -> Void]) { self.hooks = hooks.reversed() }

        func tear() {
            guard let hook = hooks.popLast() else { return }
            do { try hook() } catch { failure = error }
        }

        var isDone: Bool { hooks.isEmpty && failure == nil }
    }

    private struct TearingFileSystem: ForwardingFileSystem {
        let inner = RealFileSystem()
        let tearing: Tearing

        func open(_ path: String, _ mode: OpenMode) throws(FileError) -> any OpenFile {
            let file = try inner.open(path, mode)
            return path.hasSuffix(".journal") && mode == .read ? TornFile(file, tearing) : file
        }
    }

    private final class TornFile: ForwardingFile {
        let inner: any OpenFile
        private let tearing: Tearing

        init(_ inner: any OpenFile, _ tearing: Tearing) {
            self.inner = inner
            self.tearing = tearing
        }

        func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int {
            let page = 4_096
            guard offset >= page, buffer.count > page else { return try inner.read(into: buffer, at: offset) }
            let first = try inner.read(into: .init(rebasing: buffer[..<page]), at: offset)
            tearing.tear()
            guard first == page else { return first }
            return try page + inner.read(into: .init(rebasing: buffer[page...]), at: offset + page)
        }
    }

    /// Logs steps that are their own values, and looks at them through torn copies.
    private func check(
        _ hooks: (_ log: @escaping (Int) -> Void, _ run: Run) -> [() throws -> Void], atLeast count: Int,
        beforehand: Int = 0
    ) throws {
        try withTemporaryDirectory { directory in
            let tearing = Tearing()
            let environment = Environment(
                fileSystem: TearingFileSystem(tearing: tearing), host: RealHost(), hasThreads: true)
            let repository = try Repository.create(at: Paths.join(directory, "repo"), name: "", environment)
            var options = RunOptions()
            options.journalBytes = 64 << 10
            options.sync = .none
            options.compaction = .never
            let run = try repository.startRun(options: options)
            let series = try run.series("loss")
            var next = 0
            let log = { (points: Int) in
                for _ in 0..<points {
                    series.log(Double(next), step: next)
                    next += 1
                }
            }
            log(beforehand)
            tearing.before(hooks(log, run))
            let snapshot = try repository.snapshot()
            #expect(tearing.isDone, "\(String(describing: tearing.failure))")
            #expect(snapshot.problems.isEmpty)
            var steps: [Int] = []
            let reader = try snapshot.series(Query())
            while let chunk = try reader.next() {
                for i in 0..<chunk.count {
                    #expect(chunk.values[i] == Double(chunk.steps[i]))
                    steps.append(chunk.steps[i])
                }
            }
            #expect(steps.indices.first { steps[$0] != $0 } == nil)
            #expect(steps.count >= count)
            try run.finish()
        }
    }

    @Test func theFirstPageWasCopiedBeforeAnythingWasLogged() throws {
        // A page has 128 slots.
        try check({ log, _ in [{ log(150) }] }, atLeast: 150)
    }

    @Test func someOfTheFirstPageWasLoggedBefore() throws {
        try check({ log, _ in [{ log(500) }] }, atLeast: 600, beforehand: 100)
    }

    @Test func whatIsMissingWasDrainedMeanwhile() throws {
        try check(
            { log, run in
                [
                    { log(150) },
                    {
                        for _ in 0..<6 {
                            log(500)
                            try run.flush()
                        }
                        log(300)
                    },
                ]
            }, atLeast: 150)
    }

    @Test func newSeriesAreKnown() throws {
        try check(
            { log, run in
                [
                    { log(150) },
                    {
                        log(1)
                        try run.series("later").log(0.5, step: 0)
                    },
                ]
            }, atLeast: 150)
    }
}
