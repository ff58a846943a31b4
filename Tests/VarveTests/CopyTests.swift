import Glibc
import Testing
import VarveFiles
import VarveFormat
import VarveSoak
import VarveTestSupport

@testable import Varve

/// A copy that was made anyhow of a live repository opens, gives nothing twice or wrong, and says so if something that was logged before
/// is missing in it.
@Suite struct CopyTests {
    /// Real tools, while four threads log as fast as they can.
    @Test(arguments: ["cp -r", "tar"]) func byTheToolsThatPeopleUse(_ tool: String) throws {
        try withTemporaryDirectory { directory in
            let path = Paths.join(directory, "r")
            _ = try Repository.create(at: path)
            let counters = try SharedCounters(path: Paths.join(directory, "counters"))
            for round in 0..<6 {
                counters.reset()
                let run = RunID(RealHost().newID())
                let child = try ChildProcess("KillWriter", ["threads", path, counters.path, "\(run)"])
                var patience = 5000
                while counters[0] < 100, patience > 0 {
                    usleep(1000)
                    patience -= 1
                }
                usleep(UInt32(round * 2_000))
                let told = (0..<4).map { counters[$0] }
                let copy = Paths.join(directory, "copy-\(round)")
                try copyTree(path, copy, tool)
                child.kill()
                child.wait()
                let opened = try Repository.open(copy)
                for look in 0..<2 {
                    let snapshot = try opened.snapshot(of: run)
                    var isShort = false
                    for thread in 0..<4 {
                        let steps = try steps(snapshot, run, thread)
                        isShort = isShort || steps < told[thread]
                    }
                    let isTold = try isGapTold(opened, snapshot)
                    try require(!isShort || isTold, "\(tool), round \(round), look \(look): a gap that nobody tells")
                    if look == 0 { _ = try opened.compact() }
                }
                removeTree(copy)
            }
        }
    }

    private func copyTree(_ from: String, _ to: String, _ tool: String) throws {
        let command =
            tool == "tar"
            ? "mkdir '\(to)' && { tar -C '\(from)' -cf - . 2>/dev/null; true; } | tar -C '\(to)' -xf -"
            : "cp -r '\(from)' '\(to)' 2>/dev/null || true"
        // What changes, or goes, while it is read is an error to them, and what this is about.
        guard system(command) == 0 else { throw Unmet(description: "\(tool) failed") }
    }

    /// How many points a thread's series has: each of the steps that were logged once, in order, with its value.
    private func steps(_ snapshot: Snapshot, _ run: RunID, _ thread: Int) throws -> Int {
        let reader = try snapshot.series(Query(metric: "t\(thread)", runs: [run]))
        var (count, last) = (0, -1)
        while let chunk = try reader.next() {
            for i in 0..<chunk.count {
                try require(
                    chunk.steps[i] > last && chunk.values[i] == Double(chunk.steps[i]) * 0.5 + Double(thread),
                    "thread \(thread): step \(chunk.steps[i]) after \(last)")
                last = chunk.steps[i]
                count += 1
            }
        }
        return count
    }

    /// Whether anybody says that something is missing: readers, the list of runs, or a verification.
    private func isGapTold(_ repository: Repository, _ snapshot: Snapshot) throws -> Bool {
        if !snapshot.problems.isEmpty || snapshot.runs.contains(where: { $0.lostPoints > 0 }) { return true }
        let report = try repository.verify()
        return !report.problems.isEmpty || !report.notes.isEmpty
    }

    /// A writer whose points' values are their steps, in a simulated repository `/r`, and a folder `/copy` for what is copied of it.
    private final class CopiedWorld {
        let fileSystem = SimulatedFileSystem(seed: 8)
        let writer: SimulatedHost
        let repository: Repository
        /// Another process on the same machine.
        let others: Environment
        private(set) var logged = 0
        private var series: Series?

        init() throws {
            let machine = SimulatedMachine(seed: 8)
            writer = SimulatedHost(machine)
            others = Environment(fileSystem: fileSystem, host: SimulatedHost(machine), hasThreads: false)
            repository = try Repository.create(
                at: "/r", name: "", Environment(fileSystem: fileSystem, host: writer, hasThreads: false))
            for folder in ["", "/logs", "/index", "/artifacts"] { try fileSystem.makeDirectory("/copy\(folder)") }
        }

        func start() throws -> Run {
            let run = try repository.startRun(options: LifecycleWorld.options)
            series = try run.series("m")
            return run
        }

        func log(_ count: Int) {
            for step in logged..<logged + count { series?.log(Double(step), step: step) }
            logged += count
        }

        /// Writes what was read of a file of the repository into the copy.
        func copy(_ name: String, _ bytes: [UInt8]) throws {
            let file = try fileSystem.open("/copy" + name.dropFirst(2), .createNew)
            try file.write(bytes, at: 0)
            file.close()
        }
    }

    /// File by file in any order, and before each of them the writer logs more than its ring holds, ends, or dies and is sealed.
    @Test func inAnyOrder() throws {
        var gaps = 0
        withEvery("seed", in: 0..<200) { seed in
            var random = SplitMix64(seed: UInt64(seed))
            let world = try CopiedWorld()
            let fileSystem = world.fileSystem
            let others = try Repository.open("/r", world.others)
            let run = try world.start()
            world.log(500 + random.below(3_000))
            let told = world.logged
            var scene = random.below(4)
            var names = fileSystem.paths().filter { $0.hasPrefix("/r/") }
            for i in names.indices.reversed() { names.swapAt(i, random.below(i + 1)) }
            for name in names where try fileSystem.status(name)?.kind == .file {
                switch scene {
                case 0: world.log(5_000)
                case 1 where random.below(2) == 0:
                    try run.finish()
                    scene = 4
                case 2 where random.below(2) == 0:
                    world.writer.die()
                    _ = try others.compact()
                    scene = 4
                case 3: world.log(random.below(200))
                default: break
                }
                guard let bytes = fileSystem.content(name) else { continue }
                try world.copy(name, bytes)
            }
            world.writer.die()
            gaps += try check(world.others, told: told, logged: world.logged) ? 1 : 0
        }
        #expect(gaps > 10, "\(gaps) copies with a gap show little")
    }

    /// Points of one series whose values are their steps: of a copy none is twice or nobody's, and if one of the first `told` is missing,
    /// that is told, before it is compacted and after. Returns whether one is.
    private func check(_ environment: Environment, told: Int, logged: Int) throws -> Bool {
        let copy = try Repository.open("/copy", environment)
        var hasGap = false
        for look in 0..<2 {
            let snapshot = try copy.snapshot()
            let steps = try snapshot.steps()
            try require(zip(steps, steps.dropFirst()).allSatisfy { $0 < $1 }, "twice, or out of order")
            for chunk in try snapshot.series(Query()).readAll() {
                for i in 0..<chunk.count {
                    try require(
                        chunk.steps[i] < logged && chunk.values[i] == Double(chunk.steps[i]), "nobody's point")
                }
            }
            if steps.count(where: { $0 < told }) < told {
                hasGap = true
                try require(try isGapTold(copy, snapshot), "look \(look): a gap that nobody tells")
            }
            if look == 0 { _ = try copy.compact() }
        }
        return hasGap
    }

    /// The copying tool reads the log, the journal's beginning, and then one part after the other of its slots, which the writer goes round
    /// any number of times meanwhile. Some journals had another run's records in their slots before.
    @Test func aRingThatGoesRoundWhileItIsCopied() throws {
        var gaps = 0
        withEvery("seed", in: 0..<40) { seed in
            var random = SplitMix64(seed: UInt64(seed))
            let world = try CopiedWorld()
            let fileSystem = world.fileSystem
            var others = "nobody"
            if seed % 2 == 0 {
                let earlier = try world.repository.startRun(options: LifecycleWorld.options)
                let series = try earlier.series("m")
                for step in 0..<6_000 { series.log(-1, step: step) }
                try earlier.finish()
                others = "\(earlier.id)"
            }
            _ = try world.start()
            world.log(1 + random.below(3_000))
            let told = world.logged
            // In the order of names a journal comes before its log, and a directory has any.
            let names = fileSystem.paths().filter { $0.hasPrefix("/r/") }.sorted { a, b in
                (a.hasSuffix(".journal") ? 1 : 0, a) < (b.hasSuffix(".journal") ? 1 : 0, b)
            }
            for name in names where try !name.contains(others) && fileSystem.status(name)?.kind == .file {
                guard var bytes = fileSystem.content(name) else { continue }
                if name.hasSuffix(".journal") {
                    for part in stride(from: 10_240, to: bytes.count, by: 10_240) {
                        world.log(random.below(3) == 0 ? 0 : random.below(20_000))
                        guard let now = fileSystem.content(name), now.count == bytes.count else { break }
                        bytes.replaceSubrange(part..., with: now[part...])
                    }
                }
                try world.copy(name, bytes)
            }
            world.writer.die()
            gaps += try check(world.others, told: told, logged: world.logged) ? 1 : 0
        }
        #expect(gaps > 10, "\(gaps) copies with a gap show little")
    }
}
