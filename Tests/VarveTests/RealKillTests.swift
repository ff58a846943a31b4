import Glibc
import Testing
import VarveFiles
import VarveTestSupport

@testable import Varve

/// Real processes with four threads on a real file system, killed by SIGKILL at random instants: every point that `log`
/// had returned from is
/// there, once, with the right value; and nothing that was never logged. Then the same for forked children.
@Suite(.serialized) struct RealKillTests {
    private static let repository = "repository"

    /// `VARVE_KILLS` asks for another number.
    private static var kills: Int { RealHost().environment("VARVE_KILLS").flatMap { Int($0) } ?? 200 }

    private func value(_ thread: Int, _ step: Int) -> Double { Double(step) * 0.5 + Double(thread) }

    /// The steps 0, 1, 2, … of a thread's series, each once and with its value; returns how many.
    private func check(_ snapshot: Snapshot, _ run: RunID, thread: Int) throws -> Int {
        let reader = try snapshot.series(Query(metric: "t\(thread)", runs: [run]))
        var next = 0
        while let chunk = try reader.next() {
            let (steps, values) = (chunk.steps, chunk.values)
            for i in 0..<chunk.count {
                guard steps[i] == next, values[i] == value(thread, next) else {
                    throw Unmet(
                        description: "thread \(thread): step \(steps[i]), value \(values[i]) instead of step \(next)")
                }
                next += 1
            }
        }
        return next
    }

    @Test func nothingIsLostAtSIGKILL() throws {
        try withTemporaryDirectory { directory in
            let path = Paths.join(directory, Self.repository)
            let repository = try Repository.create(at: path)
            let counters = try SharedCounters(path: Paths.join(directory, "counters"))
            var random = SplitMix64(seed: 2026)
            var total = 0
            for kill in 0..<Self.kills {
                counters.reset()
                let run = RunID(RealHost().newID())
                let child = try ChildProcess("KillWriter", ["threads", path, counters.path, "\(run)"])
                var patience = 5000
                while counters[0] == 0, patience > 0 {
                    usleep(1000)
                    patience -= 1
                }
                usleep(UInt32.random(in: 0..<15_000, using: &random))
                child.kill()
                child.wait()
                let told = (0..<4).map { counters[$0] }
                try require(told[0] > 0, "kill \(kill): the writer never logged")
                let snapshot = try repository.snapshot(of: run)
                for thread in 0..<4 {
                    let found = try check(snapshot, run, thread: thread)
                    // What was being logged may be there: one point, or a batch of 50.
                    let most = told[thread] + (thread == 3 ? 50 : 1)
                    try require(
                        (told[thread]...most).contains(found),
                        "kill \(kill), thread \(thread): \(told[thread]) acknowledged, \(found) read")
                    total += found
                }
                try require(snapshot.problems.isEmpty, "kill \(kill): \(snapshot.problems)")
                try require(snapshot.runs.first?.status == .killed, "kill \(kill): \(snapshot.runs)")
            }
            _ = try repository.compact()
            let snapshot = try repository.snapshot()
            #expect(snapshot.runs.count == Self.kills)
            #expect(snapshot.runs.allSatisfy { $0.status == .killed })
            #expect(snapshot.runs.reduce(0) { $0 + $1.points } == total)
            #expect(try repository.diskUse().journals == 0)
            var read = 0
            for info in snapshot.runs { for thread in 0..<4 { read += try check(snapshot, info.id, thread: thread) } }
            #expect(read == total)
        }
    }

    @Test func forkedChildrenWriteFilesOfTheirOwn() throws {
        try withTemporaryDirectory { directory in
            let path = Paths.join(directory, Self.repository)
            let repository = try Repository.create(at: path)
            let counters = try SharedCounters(path: Paths.join(directory, "counters"))
            for _ in 0..<10 {
                counters.reset()
                let run = RunID(RealHost().newID())
                let child = try ChildProcess("KillWriter", ["fork", path, counters.path, "\(run)"])
                #expect(child.wait() == 0)
                let snapshot = try repository.snapshot(of: run)
                #expect(try (0..<3).map { try check(snapshot, run, thread: $0) } == [80_000, 6000, 5000])
                #expect((0..<3).map { counters[$0] } == [80_000, 6000, 5000])
                #expect(snapshot.problems == [])
                #expect(snapshot.runs.map(\.files) == [3])
                #expect(snapshot.runs.map(\.attempt) == [0])
            }
            _ = try repository.compact()
            #expect(try repository.snapshot().runs.map(\.points) == Array(repeating: 91_000, count: 10))
        }
    }

    /// A writer that is stopped, wrongly sealed, and woken up: no point is lost or doubled.
    @Test func aSealedWriterThatWakesUpGoesOn() throws {
        try withTemporaryDirectory { directory in
            let path = Paths.join(directory, Self.repository)
            let repository = try Repository.create(at: path)
            let counters = try SharedCounters(path: Paths.join(directory, "counters"))
            let run = RunID(RealHost().newID())
            let child = try ChildProcess("KillWriter", ["threads", path, counters.path, "\(run)"])
            while counters[0] == 0 { usleep(1000) }
            usleep(20_000)
            child.stop()
            // A judge who takes every process for dead.
            let wrong = Environment(fileSystem: RealFileSystem(), host: WrongHost(), hasThreads: false)
            #expect(try Sealer(wrong, repository.paths).sealDead().count == 1)
            // Only when more was logged than its old ring can take has the writer gone on in the next file for good; what it
            // logs before that, and is killed, nobody promises to keep.
            let before = (0..<4).reduce(0) { $0 + counters[$1] }
            child.goOn()
            while (0..<4).reduce(0, { $0 + counters[$1] }) - before < 2 * (1 << 20) / 32 { usleep(1000) }
            child.kill()
            child.wait()
            let told = (0..<4).map { counters[$0] }
            let snapshot = try repository.snapshot(of: run)
            for thread in 0..<4 {
                let found = try check(snapshot, run, thread: thread)
                #expect((told[thread]...(told[thread] + 50)).contains(found))
            }
            #expect(snapshot.problems == [])
            #expect(snapshot.runs.map(\.files) == [3])
            _ = try repository.compact()
            let after = try repository.snapshot(of: run)
            for thread in 0..<4 { #expect(try check(after, run, thread: thread) >= told[thread]) }
        }
    }

    /// Everything as it is, but that nobody lives.
    private struct WrongHost: Host {
        let host = RealHost()
        func wallTime() -> Int64 { host.wallTime() }
        func monotonicTime() -> Int64 { host.monotonicTime() }
        func random() -> UInt64 { host.random() }
        func identity() -> ProcessIdentity { host.identity() }
        func isAlive(_ identity: ProcessIdentity) -> Bool? { false }
        func environment(_ name: String) -> String? { nil }
    }
}
