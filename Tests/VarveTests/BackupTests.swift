import Glibc
import Testing
import VarveFiles
import VarveFormat
import VarveSoak
import VarveTestSupport

@testable import Varve

/// A backup has everything that was logged before it began, once, though writers write, close, move, are killed and sealed, and
/// compactors work while it copies.
@Suite struct BackupTests {
    /// Real processes with four threads, killed at random instants; before each backup their counters are read.
    @Test func ofARepositoryWhoseWritersAreKilled() throws {
        try withTemporaryDirectory { directory in
            let path = Paths.join(directory, "r")
            let repository = try Repository.create(at: path)
            let counters = try SharedCounters(path: Paths.join(directory, "counters"))
            var random = SplitMix64(seed: 77)
            for round in 0..<30 {
                counters.reset()
                let run = RunID(RealHost().newID())
                let child = try ChildProcess("KillWriter", ["threads", path, counters.path, "\(run)"])
                // Only one thread uses it at a time.
                nonisolated(unsafe) let victim = child
                var patience = 5000
                while counters[0] == 0, patience > 0 {
                    usleep(1000)
                    patience -= 1
                }
                // Somebody kills the writer, seals what it left and compacts while we copy.
                let delay = UInt32(random.below(8_000))
                let isCompacting = round % 2 == 0
                let other = try Threads(count: 1) { _ in
                    usleep(delay)
                    victim.kill()
                    victim.wait()
                    if isCompacting { _ = try? repository.compact() }
                }
                usleep(UInt32(random.below(6_000)))
                let told = (0..<4).map { counters[$0] }
                let copy = Paths.join(directory, "copy-\(round)")
                _ = try repository.backup(to: copy)
                other.join()
                let opened = try Repository.open(copy)
                for look in 0..<2 {
                    let snapshot = try opened.snapshot(of: run)
                    for thread in 0..<4 {
                        let found = try steps(snapshot, run, thread)
                        try require(
                            found >= told[thread],
                            "round \(round), look \(look), thread \(thread): \(told[thread]) logged, \(found) copied")
                    }
                    try require(snapshot.problems.isEmpty, "round \(round): \(snapshot.problems)")
                    if look == 0 { _ = try opened.compact() }
                }
                #expect(try opened.verify(deep: true).problems == [])
                removeTree(copy)
            }
        }
    }

    /// The steps 0, 1, 2, … of a thread's series, each once and with its value; returns how many.
    private func steps(_ snapshot: Snapshot, _ run: RunID, _ thread: Int) throws -> Int {
        let reader = try snapshot.series(Query(metric: "t\(thread)", runs: [run]))
        var next = 0
        while let chunk = try reader.next() {
            for i in 0..<chunk.count {
                try require(
                    chunk.steps[i] == next && chunk.values[i] == Double(next) * 0.5 + Double(thread),
                    "thread \(thread): step \(chunk.steps[i]) where \(next) should be")
                next += 1
            }
        }
        return next
    }

    /// Between any two calls of a backup the rest of the world does something that moves points from file to file.
    @Test func whileFilesComeAndGo() throws {
        for scene in 0..<4 {
            var call = 0
            while true {
                call += 1
                let machine = SimulatedMachine(seed: 8)
                let fileSystem = Interrupting(SimulatedFileSystem(seed: 8))
                let writer = SimulatedHost(machine)
                let others = Environment(fileSystem: fileSystem.inner, host: writer, hasThreads: false)
                let repository = try Repository.create(at: "/r", name: "", others)
                var options = RunOptions()
                options.journalBytes = 64 << 10
                options.compaction = .never
                let run = try repository.startRun(options: options)
                let series = try run.series("m")
                for step in 0..<1_500 { series.log(Double(step), step: step) }
                let mine = Environment(fileSystem: fileSystem, host: SimulatedHost(machine), hasThreads: false)
                let source = try Repository.open("/r", mine)
                let wasReached = Guarded(false)
                fileSystem.interrupt(atCall: call) {
                    wasReached.withLock { $0 = true }
                    switch scene {
                    case 0: try run.finish()
                    case 1:
                        writer.die()
                        _ = try source.compact()
                    case 2:
                        try run.finish()
                        _ = try repository.compact()
                        let next = try repository.resumeRun(run.id, options: options)
                        try next.series("m").log(-1, step: -1)
                        try next.finish()
                    default:
                        for step in 0..<2_000 { series.log(-1, step: step - 10_000) }
                        try run.flush()
                    }
                }
                _ = try source.backup(to: "/copy")
                if let failure = fileSystem.failure { throw failure }
                let reach = Environment(fileSystem: fileSystem.inner, host: SimulatedHost(machine), hasThreads: false)
                let copy = try Repository.open("/copy", reach)
                let reader = try copy.snapshot().series(Query(view: .all))
                var found: [Int] = []
                while let chunk = try reader.next() {
                    for i in 0..<chunk.count where chunk.values[i] >= 0 { found.append(chunk.steps[i]) }
                }
                #expect(found == Array(0..<1_500), "scene \(scene), interrupted at call \(call): \(found.count) points")
                #expect(try copy.snapshot().problems == [])
                guard wasReached.withLock({ $0 }) else { break }
            }
            #expect(call > 20)
        }
    }

    /// What failed, or was killed, leaves a copy that is none yet: another backup to the same place throws it away and begins anew.
    @Test func beginsAnewWhereItWasInterrupted() throws {
        try withTemporaryDirectory { directory in
            let path = Paths.join(directory, "r")
            let copy = Paths.join(directory, "copy")
            let repository = try Repository.create(at: path)
            let run = try repository.startRun()
            try run.series("loss").log(0.5, step: 1)
            try run.finish()
            // No log file can be read under this name.
            let obstacle = "\(path)/logs/\(run.id).9.vlog"
            let system = RealFileSystem()
            try system.makeDirectory(obstacle)
            #expect(throws: VarveError.self) { try repository.backup(to: copy) }
            #expect(throws: VarveError.self) { try Repository.open(copy) }
            try system.makeDirectory(Paths.join(copy, "more"))
            #expect(try system.list(copy).contains { $0.hasSuffix(".unfinished") })
            try system.removeDirectory(obstacle)
            _ = try repository.backup(to: copy)
            #expect(try system.list(copy).sorted() == ["artifacts", "index", "logs", "varve.json"])
            #expect(try Repository.open(copy).snapshot().runs.map(\.points) == [1])
            // A whole one is nobody's to throw away.
            #expect(throws: VarveError.self) { try repository.backup(to: copy) }
        }
    }

    @Test func refusesADirectoryThatIsNotEmpty() throws {
        try withTemporaryDirectory { directory in
            let repository = try Repository.create(at: Paths.join(directory, "r"))
            #expect(throws: VarveError.self) { try repository.backup(to: directory) }
            let report = try repository.backup(to: Paths.join(directory, "copy"))
            #expect(report.files == 1)
            #expect(try Repository.open(Paths.join(directory, "copy")).id == repository.id)
        }
    }
}
