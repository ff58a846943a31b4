import Glibc
import Testing
import VarveFiles
import VarveTestSupport

@testable import Varve

/// Real processes on a real file system, killed by SIGKILL at random instants, 500 of them: writers of four threads, ranks of one
/// run, `varve log` behind a pipe, compactors. Every point that `log` had returned from is there, once, with the right value; and
/// nothing that was never logged. Then the same for forked children.
@Suite(.serialized) struct RealKillTests {
    private static let repository = "repository"

    /// So many of a hundred of all kills; `VARVE_KILLS` asks for another number of these than 500.
    private static func kills(percent: Int) -> Int {
        (RealHost().environment("VARVE_KILLS").flatMap { Int($0) } ?? 500) * percent / 100
    }

    private func value(_ thread: Int, _ step: Int) -> Double { Double(step) * 0.5 + Double(thread) }

    /// The steps 0, 1, 2, … of a thread's series, each once and with its value; returns how many.
    private func check(_ snapshot: Snapshot, _ run: RunID, thread: Int, rank: Int? = nil) throws -> Int {
        let context = rank.map { ["rank": "\($0)"] } ?? [:]
        let reader = try snapshot.series(Query(metric: "t\(thread)", context: context, runs: [run]))
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
            let kills = Self.kills(percent: 44)
            for kill in 0..<kills {
                counters.reset()
                let run = RunID(RealHost().newID())
                let child = try ChildProcess("KillWriter", ["threads", path, counters.path, "\(run)"])
                try wait(for: counters)
                usleep(UInt32.random(in: 0..<8_000, using: &random))
                child.kill()
                child.wait()
                let told = (0..<4).map { counters[$0] }
                try require(told[0] > 0, "kill \(kill): the writer never logged")
                let snapshot = try repository.snapshot(of: run)
                for thread in 0..<4 {
                    let found = try check(snapshot, run, thread: thread)
                    try demand(found, told[thread], thread, "kill \(kill)")
                    total += found
                }
                try require(snapshot.problems.isEmpty, "kill \(kill): \(snapshot.problems)")
                try require(snapshot.runs.first?.status == .killed, "kill \(kill): \(snapshot.runs)")
            }
            _ = try repository.compact()
            let snapshot = try repository.snapshot()
            #expect(snapshot.runs.count == kills)
            #expect(snapshot.runs.allSatisfy { $0.status == .killed })
            #expect(snapshot.runs.reduce(0) { $0 + $1.points } == total)
            #expect(try repository.diskUse().journals == 0)
            var read = 0
            for info in snapshot.runs { for thread in 0..<4 { read += try check(snapshot, info.id, thread: thread) } }
            #expect(read == total)
        }
    }

    private func wait(for counters: SharedCounters) throws {
        var patience = 20_000
        while counters[0] == 0, patience > 0 {
            usleep(500)
            patience -= 1
        }
        try require(counters[0] > 0, "the process did nothing in ten seconds")
    }

    /// What was acknowledged is there; and what was being logged may be: one point, or a batch of 50.
    private func demand(_ found: Int, _ told: Int, _ thread: Int, _ label: String) throws {
        try require(
            (told...told + (thread == 3 ? 50 : 1)).contains(found),
            "\(label), thread \(thread): \(told) acknowledged, \(found) read")
    }

    /// Two ranks write one run, and one of them or both are killed.
    @Test func ofTwoRanks() throws {
        try withTemporaryDirectory(in: memoryDirectory) { directory in
            let path = Paths.join(directory, Self.repository)
            let repository = try Repository.create(at: path)
            let counters = try (0..<2).map { try SharedCounters(path: Paths.join(directory, "counters\($0)")) }
            var random = SplitMix64(seed: 2027)
            var kills = Self.kills(percent: 16)
            while kills > 0 {
                let run = RunID(RealHost().newID())
                for counter in counters { counter.reset() }
                let ranks = try (0..<2).map {
                    try ChildProcess("KillWriter", ["rank\($0)", path, counters[$0].path, "\(run)"])
                }
                for counter in counters { try wait(for: counter) }
                for rank in ranks.shuffled(using: &random) {
                    usleep(UInt32.random(in: 0..<8_000, using: &random))
                    rank.kill()
                    rank.wait()
                    kills -= 1
                    // One is dead and the other may live: of both there is what they said before we looked.
                    let told = counters.map { counter in (0..<4).map { counter[$0] } }
                    let snapshot = try repository.snapshot(of: run)
                    for (rank, told) in told.enumerated() {
                        for thread in 0..<4 {
                            let found = try check(snapshot, run, thread: thread, rank: rank)
                            try require(
                                found >= told[thread],
                                "\(kills) to go, rank \(rank), thread \(thread): \(told[thread]) acknowledged, \(found) read"
                            )
                        }
                    }
                }
                let snapshot = try repository.snapshot(of: run)
                for (rank, counter) in counters.enumerated() {
                    for thread in 0..<4 {
                        let found = try check(snapshot, run, thread: thread, rank: rank)
                        try demand(found, counter[thread], thread, "\(kills) to go, rank \(rank)")
                    }
                }
                try require(snapshot.problems.isEmpty, "\(snapshot.problems)")
                try require(
                    snapshot.runs.map(\.status) == [.killed] && snapshot.runs.map(\.files) == [2], "\(snapshot.runs)")
            }
        }
    }

    /// `varve log` is killed behind a pipe: what readers had seen is there, and of what it had taken from the pipe all but the
    /// buffer at hand; each line once, in order, with its value.
    @Test func ofTheProgramBehindAPipe() throws {
        for kill in 0..<Self.kills(percent: 16) {
            try withTemporaryDirectory(in: memoryDirectory) { directory in
                let path = Paths.join(directory, Self.repository)
                let repository = try Repository.create(at: path)
                let counters = try SharedCounters(path: Paths.join(directory, "counters"))
                var ends: [Int32] = [0, 0]
                try require(pipe(&ends) == 0, "pipe: \(errno)")
                for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
                defer { for end in ends { close(end) } }
                var random = SplitMix64(seed: UInt64(kill))
                let program = try ChildProcess("varve", ["log", "--repo", path, "--run", "piped"], input: ends[0])
                let feeder = try ChildProcess("KillWriter", ["feed", path, counters.path, ""], output: ends[1])
                var seen = 0
                var patience = 4_000
                while seen == 0, patience > 0 {
                    usleep(2_000)
                    patience -= 1
                    let snapshot = try repository.snapshot()
                    if let run = snapshot.runs.first?.id { seen = try check(snapshot, run, thread: 0) }
                }
                usleep(UInt32.random(in: 0..<10_000, using: &random))
                program.kill()
                program.wait()
                feeder.kill()
                feeder.wait()
                var left: Int32 = 0
                try require(ioctl(ends[0], UInt(FIONREAD), &left) == 0, "ioctl: \(errno)")
                let snapshot = try repository.snapshot()
                let run = try #require(snapshot.runs.first)
                let found = try check(snapshot, run.id, thread: 0)
                let taken = counters[0] - Int(left) / Self.lineBytes
                try require(seen > 0, "kill \(kill): nothing was logged")
                try require(found >= seen, "kill \(kill): \(seen) were seen, \(found) are there")
                try require(found <= taken + 1, "kill \(kill): \(taken) were taken, \(found) are there")
                try require(
                    taken - found <= Self.bufferBytes / Self.lineBytes + 1,
                    "kill \(kill): \(taken) were taken, \(found) are there")
                try require(snapshot.problems.isEmpty && run.status == .killed, "kill \(kill): \(run)")
            }
        }
    }

    /// Of the lines that KillWriter feeds; and the most that `varve log` reads at once.
    private static let lineBytes = 48
    private static let bufferBytes = 256 << 10

    /// A compactor is killed while it builds and merges: readers see all points of all runs, whatever it left behind.
    @Test func ofACompactor() throws {
        try withTemporaryDirectory(in: memoryDirectory) { directory in
            let path = Paths.join(directory, Self.repository)
            let repository = try Repository.create(at: path)
            let counters = try SharedCounters(path: Paths.join(directory, "counters"))
            var options = RunOptions()
            options.compaction = .never
            options.journalBytes = 64 << 10
            var runs: [RunID] = []
            for _ in 0..<12 {
                let run = try repository.startRun(options: options)
                let series = try run.series("t0")
                for step in 0..<500 { series.log(value(0, step), step: step) }
                try run.finish()
                runs.append(run.id)
            }
            var random = SplitMix64(seed: 2028)
            for kill in 0..<Self.kills(percent: 24) {
                counters.reset()
                let child = try ChildProcess("KillWriter", ["compact", path, counters.path, ""])
                if kill % 3 != 0 { try wait(for: counters) }
                usleep(UInt32.random(in: 0..<30_000, using: &random))
                child.kill()
                child.wait()
                let snapshot = try repository.snapshot()
                try require(snapshot.problems.isEmpty, "kill \(kill): \(snapshot.problems)")
                for run in runs {
                    let found = try check(snapshot, run, thread: 0)
                    try require(found == 500, "kill \(kill), run \(run): \(found) points")
                }
                if kill % 10 == 0 {
                    let problems = try repository.verify(deep: true).problems
                    try require(problems.isEmpty, "kill \(kill): \(problems)")
                }
            }
            _ = try repository.compact()
            #expect(try repository.verify(deep: true).problems == [])
        }
    }

    /// A repository whose writer was killed opens by as many calls of the system as one whose writer closed its run, however much
    /// was logged: but for the journal, which is there and has to be read.
    @Test func theNextOpenIsAsQuick() throws {
        try withTemporaryDirectory(in: memoryDirectory) { directory in
            let counters = try SharedCounters(path: Paths.join(directory, "counters"))
            var calls: [Int] = []
            for (number, points) in [0, 1_000, 300_000].enumerated() {
                let path = Paths.join(directory, "r\(number)")
                _ = try Repository.create(at: path)
                counters.reset()
                let run = RunID(RealHost().newID())
                let child = try ChildProcess("KillWriter", ["threads", path, counters.path, "\(run)"])
                try wait(for: counters)
                while (0..<4).reduce(0, { $0 + counters[$1] }) < points { usleep(500) }
                child.kill()
                child.wait()
                calls.append(try CountingFileSystem.callsToOpen(path))
            }
            let path = Paths.join(directory, "finished")
            var options = RunOptions()
            options.compaction = .never
            let run = try Repository.create(at: path).startRun(options: options)
            try run.series("t0").log(1, step: 1)
            try run.finish()
            let finished = try CountingFileSystem.callsToOpen(path)
            #expect(Set(calls).count == 1, "\(calls)")
            #expect((calls.max() ?? 0) <= finished + 2, "\(calls), finished: \(finished)")
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
