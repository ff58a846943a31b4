import Glibc
import Testing
import VarveFiles
import VarveFormat
import VarveTestSupport

@testable import Varve

/// Faults that the system itself makes: a disk that is full, a volume that can't be written to, files that are cut while they are
/// read, a repository that is removed under its writer. The process lives, what was logged is there, what was dropped is counted.
@Suite(.serialized) struct RealFaultTests {
    private static func options(_ told: Guarded<[VarveError]>) -> RunOptions {
        var options = RunOptions()
        options.journalBytes = 64 << 10
        options.compaction = .never
        options.sync = .interval(seconds: 0.02)
        options.onProblem = { problem in told.withLock { $0.append(problem) } }
        return options
    }

    /// Noise that no codec makes smaller, different for each step.
    private static func value(_ step: Int) -> Double {
        Double(bitPattern: UInt64(truncatingIfNeeded: step &+ 1) &* 0x9E37_79B9_7F4A_7C15 >> 2)
    }

    private static func isRight(_ found: Double, _ step: Int) -> Bool { found.bitPattern == value(step).bitPattern }

    /// The steps that are there, in order; each must have its value.
    private static func steps(_ snapshot: Snapshot, _ run: RunID? = nil) throws -> [Int] {
        let reader = try snapshot.series(Query(metric: "loss", runs: run.map { [$0] }))
        var steps: [Int] = []
        while let chunk = try reader.next() {
            for i in 0..<chunk.count {
                try require(isRight(chunk.values[i], chunk.steps[i]), "step \(chunk.steps[i]) is \(chunk.values[i])")
                steps.append(chunk.steps[i])
            }
        }
        return steps
    }

    private static func fill(_ path: String) throws -> any OpenFile {
        let file = try RealFileSystem().open(path, .createNew)
        try fill(file)
        return file
    }

    /// Takes what room there is.
    private static func fill(_ file: any OpenFile) throws {
        let block = [UInt8](repeating: 1, count: 4_096)
        var offset = try file.size()
        do throws(FileError) {
            while true {
                try file.write(block, at: offset)
                offset += block.count
            }
        } catch { try require(error.code == .noSpace, "\(error)") }
    }

    @Test(.enabled(if: SmallVolume.isAllowed, "mounting a small tmpfs isn't allowed here: no full disk to try"))
    func aFullDisk() throws {
        let volume = try #require(SmallVolume(megabytes: 8))
        let repository = try Repository.create(at: volume.path + "/r")
        let told = Guarded<[VarveError]>([])
        let run = try repository.startRun(name: "full", options: Self.options(told))
        let series = try run.series("loss")
        var logged: [Int] = []
        var step = 0
        func log(_ count: Int, until isOver: () -> Bool = { false }) {
            for _ in 0..<count where !isOver() {
                let before = run.health.dropped
                series.log(Self.value(step), step: step)
                if run.health.dropped == before { logged.append(step) }
                step += 1
            }
        }
        log(20_000)
        let indexed = try repository.compact().points
        // There is something that isn't in the index, whatever was drained when: a compaction without work needs no room.
        log(2_000)
        try run.drain()
        let ballast = try Self.fill(volume.path + "/ballast")
        log(2_000_000) { run.health.dropped >= 1_000 }
        #expect(run.health.dropped >= 1_000, "nothing was dropped")
        #expect(run.health.longestWait < 2_500_000_000)
        #expect(told.withLock { $0.filter { $0.code == .noRoom }.count } == 1)
        #expect(try Self.steps(repository.snapshot()) == logged)

        // Nobody else gets room either, and leaves nothing behind; the index stays as it is.
        let files = try RealFileSystem().list(repository.paths.logs).sorted()
        func refused(_ body: () throws -> Void) {
            do {
                // What one that was refused gives back is room for the next.
                try Self.fill(ballast)
                try body()
                Issue.record("there was room")
            } catch let error as VarveError { #expect(error.code == .noRoom, "\(error)") } catch {
                Issue.record("\(error)")
            }
        }
        refused { _ = try repository.startRun(options: Self.options(Guarded([]))) }
        refused { _ = try repository.compact() }
        refused { try run.addArtifact(volume.path + "/ballast", name: "ballast") }
        #expect(try RealFileSystem().list(repository.paths.logs).sorted() == files)
        #expect(try RealFileSystem().list(repository.paths.artifacts).filter { !$0.hasPrefix(".") } == [])
        #expect(try Self.steps(repository.snapshot()) == logged)
        #expect(try repository.verify(deep: true).problems == [])

        ballast.close()
        try RealFileSystem().unlink(volume.path + "/ballast")
        // It goes on by itself, without anybody asking for it.
        var patience = 4_000
        while run.health.pending > 1_000, patience > 0 {
            usleep(1_000)
            patience -= 1
        }
        // No faster than it is drained. A machine so busy that a drain takes a second may still drop some, and counts them.
        var dropped = 0
        for _ in 0..<40 {
            dropped = run.health.dropped
            log(500)
            while run.health.pending > 1_100 { usleep(500) }
        }
        #expect(run.health.dropped == dropped, "still dropping with room")
        try run.finish()
        #expect(try Self.steps(repository.snapshot()) == logged)
        #expect(try repository.snapshot().runs.map(\.lostPoints) == [run.health.dropped])
        #expect(try repository.snapshot().runs.map(\.status) == [.finished])
        #expect(try repository.compact().points == logged.count - indexed)
        #expect(try Self.steps(repository.snapshot()) == logged)
        #expect(try repository.verify(deep: true).problems == [])
    }

    @Test(.enabled(if: SmallVolume.isAllowed, "mounting isn't allowed here: no read-only volume to try"))
    func aReadOnlyMount() throws {
        let volume = try #require(SmallVolume(megabytes: 16))
        let path = volume.path + "/r"
        let repository = try Repository.create(at: path)
        var options = Self.options(Guarded([]))
        options.sync = .none
        let finished = try repository.startRun(name: "finished", options: options)
        for step in 0..<1_000 { try finished.series("loss").log(Self.value(step), step: step) }
        try finished.finish()
        _ = try repository.compact()
        let open = try repository.startRun(name: "open", options: options)
        let series = try open.series("loss")
        for step in 0..<500 { series.log(Self.value(step), step: step) }
        try volume.withReadOnlyView(of: path) { view in
            let reader = try Repository.open(view)
            // A live run, too: its writer is on the other side.
            for step in 500..<600 { series.log(Self.value(step), step: step) }
            let snapshot = try reader.snapshot()
            #expect(snapshot.problems == [])
            #expect(try Self.steps(snapshot, finished.id) == Array(0..<1_000))
            #expect(try Self.steps(snapshot, open.id) == Array(0..<600))
            #expect(try reader.verify(deep: true).problems == [])
            #expect(try reader.diskUse().total > 0)
            let tail = try RepositoryTail(reader, Query())
            series.log(Self.value(600), step: 600)
            var tailed: [Int] = []
            try tail.poll { chunk in for i in 0..<chunk.count { tailed.append(chunk.steps[i]) } }
            #expect(tailed == [600])
            #expect(try reader.backup(to: volume.path + "/copy").files > 3)
            for (what, body) in [
                ("a run", { _ = try reader.startRun(options: options) }),
                ("a resume", { _ = try reader.resumeRun(finished.id, options: options) }),
                ("a property", { try reader.set(["note": "x"], of: [finished.id]) }),
                ("a removal", { _ = try reader.remove([finished.id]) }), ("a compaction", { _ = try reader.compact() }),
                ("a repository", { _ = try Repository.create(at: view + "/other") }),
                ("a backup", { _ = try reader.backup(to: view + "/copy") }),
            ] as [(String, () throws -> Void)] {
                do {
                    try body()
                    Issue.record("\(what) was taken on a read-only volume")
                } catch let error as VarveError {
                    #expect(error.code == .system && error.message.contains("read-only"), "\(what): \(error)")
                }
            }
        }
        try open.finish()
        #expect(try Self.steps(repository.snapshot(), open.id) == Array(0...600))
    }

    /// Files are cut short, to half and to nothing, while a reader is in the middle of them: no SIGBUS, since nothing is mapped;
    /// what the index lost is read from the logs, and what the logs lost is told.
    @Test(arguments: ["vseg", "vlog", "journal"]) func aFileCutWhileItIsRead(_ kind: String) throws {
        for share in [2, Int.max] {
            try withTemporaryDirectory(in: memoryDirectory) { directory in
                let path = Paths.join(directory, "r")
                let repository = try Repository.create(at: path)
                var options = Self.options(Guarded([]))
                options.sync = .none
                let run = try repository.startRun(options: options)
                let series = try run.series("loss")
                let count = 100_000
                for step in 0..<count { series.log(Self.value(step), step: step) }
                if kind != "journal" { try run.finish() }
                if kind == "vseg" { _ = try repository.compact() }
                let snapshot = try repository.snapshot()
                let reader = try snapshot.series(Query())
                var steps: [Int] = []
                func take(_ chunk: SeriesChunk) throws {
                    for i in 0..<chunk.count {
                        try require(Self.isRight(chunk.values[i], chunk.steps[i]), "step \(chunk.steps[i])")
                        steps.append(chunk.steps[i])
                    }
                }
                try take(try #require(try reader.next()))
                // A journal is mapped by the writer, which is this process, too, and by nobody else.
                #expect(try Self.mappings(below: path).allSatisfy { $0.contains(".journal") })
                let folder = kind == "vseg" ? repository.paths.index : repository.paths.logs
                for name in try RealFileSystem().list(folder) where name.hasSuffix(kind) && !name.hasPrefix("spare") {
                    // The writer's own journal is mapped by the writer, here this process: that one is replaced, as by a copy.
                    let file = Paths.join(folder, name)
                    let bytes = try RealFileSystem().readAll(file, cap: 1 << 26)
                    guard kind != "journal" else {
                        try RealFileSystem().unlink(file)
                        _ = try RealFileSystem().publish(
                            file, from: file + "~", bytes: Array(bytes.prefix(bytes.count / share)))
                        continue
                    }
                    #expect(truncate(file, bytes.count / share) == 0)
                }
                var failure: VarveError?
                do throws(VarveError) { while let chunk = try reader.next() { try? take(chunk) } } catch {
                    failure = error
                }
                #expect(steps == Array(steps.indices), "\(kind): a gap or a double")
                switch kind {
                case "vlog":
                    #expect(steps.count < count)
                    #expect(failure?.file != nil || snapshot.problems.contains { $0.file != nil })
                default:
                    #expect(
                        steps.count == count && failure == nil,
                        "\(kind): \(steps.count), \(String(describing: failure))")
                }
                // Whoever comes next sees what is left, in order.
                let after = try Self.steps(repository.snapshot())
                #expect(after == Array(after.indices))
                if kind == "vseg" { #expect(after.count == count) }
            }
        }
    }

    /// The files below a directory that this process has mapped.
    private static func mappings(below path: String) throws -> [String] {
        let text = String(decoding: try RealFileSystem().readAll("/proc/self/maps", cap: 1 << 26), as: UTF8.self)
        return text.split(separator: "\n").compactMap { line in
            line.firstRange(of: path + "/").map { String(line[$0.lowerBound...]) }
        }
    }

    /// The repository goes with everything in it while a run is written: training goes on, points are dropped and counted, and
    /// the process ends as it would.
    @Test func aRepositoryRemovedUnderItsWriter() throws {
        try withTemporaryDirectory(in: memoryDirectory) { directory in
            let path = Paths.join(directory, "r")
            let repository = try Repository.create(at: path)
            let told = Guarded<[VarveError]>([])
            let run = try repository.startRun(options: Self.options(told))
            let series = try run.series("loss")
            for step in 0..<10_000 { series.log(Self.value(step), step: step) }
            removeTree(path)
            for step in 10_000..<60_000 { series.log(Self.value(step), step: step) }
            #expect(throws: VarveError.self) { try run.text("nowhere to write this") }
            _ = try run.series("other").log(1, step: 1)
            do throws(VarveError) { try run.finish() } catch {
                #expect(error.code == .system && error.message.contains("no such file"), "\(error)")
            }
            #expect(run.health.dropped > 0 && told.withLock { !$0.isEmpty })
            #expect(throws: VarveError.self) { try repository.snapshot() }
            #expect(throws: VarveError.self) { try Repository.open(path) }
            // What comes later isn't disturbed by what is gone.
            let next = try Repository.create(at: path).startRun(options: Self.options(Guarded([])))
            try next.series("loss").log(Self.value(0), step: 0)
            try next.finish()
            #expect(try Self.steps(Repository.open(path).snapshot()) == [0])
        }
    }
}
