import Glibc
import Testing
import VarveFiles
import VarveTestSupport

@testable import Varve

/// Limits that hold for a whole process, met by a process of their own: open files, the size of files, the rights of a user. What
/// it demands stands in Tests/KillWriter/Limits.swift; it ends with 0 if all of it holds, and isn't ended by a signal.
@Suite struct RealLimitTests {
    private static func run(_ mode: String, in directory: String, _ run: RunID) throws -> (code: Int32?, counter: Int) {
        let counters = try SharedCounters(path: Paths.join(directory, "counters"))
        let path = Paths.join(directory, "r")
        let child = try ChildProcess("KillWriter", [mode, path, counters.path, "\(run)"])
        return (child.wait(), counters[0])
    }

    private static func steps(_ snapshot: Snapshot) throws -> [Int] {
        try snapshot.steps(Query(metric: "t0"))
    }

    /// RLIMIT_NOFILE: an error that says so, and a run that goes on.
    @Test func openFiles() throws {
        try withTemporaryDirectory(in: memoryDirectory) { directory in
            let run = RunID(RealHost().newID())
            #expect(try Self.run("files", in: directory, run).code == 0)
            let snapshot = try Repository.open(Paths.join(directory, "r")).snapshot()
            #expect(snapshot.problems == [] && snapshot.runs.map(\.status) == [.finished])
            #expect(try Self.steps(snapshot) == Array(0..<100_000))
            #expect(snapshot.runs.first?.values["late"] == 1)
            #expect(try snapshot.text(of: run).map(\.text) == ["still there"])
        }
    }

    /// RLIMIT_FSIZE, which ends a process that oversteps it by SIGXFSZ: the run goes on in other files, and loses nothing.
    @Test func sizeOfFiles() throws {
        try withTemporaryDirectory(in: memoryDirectory) { directory in
            let run = RunID(RealHost().newID())
            let (code, logged) = try Self.run("size", in: directory, run)
            #expect(code == 0 && logged == 300_000)
            let repository = try Repository.open(Paths.join(directory, "r"))
            let snapshot = try repository.snapshot()
            #expect(snapshot.problems == [] && snapshot.runs.map(\.status) == [.finished])
            #expect(try Self.steps(snapshot) == Array(0..<logged))
            #expect(try snapshot.text(of: run).map(\.text) == (0..<6).map { "at \($0 * 50_000)" })
            #expect(snapshot.runs.map(\.lostPoints) == [0])
            let files = RealFileSystem()
            for name in try files.list(repository.paths.logs) {
                #expect(try files.status(Paths.join(repository.paths.logs, name))?.size ?? 0 <= 1 << 20)
            }
            _ = try repository.compact()
            #expect(try Self.steps(repository.snapshot()) == Array(0..<logged))
            #expect(try repository.verify(deep: true).problems == [])
        }
    }

    /// A user who may read and not write reads; what may not be opened is named.
    @Test func rights() throws {
        try withTemporaryDirectory { directory in
            let path = Paths.join(directory, "r")
            let files = RealFileSystem()
            try files.makeDirectory(path)
            var options = RunOptions()
            options.compaction = .never
            options.sync = .none
            var id: RunID?
            for name in ["closed", "open", "partly"] {
                let repository = try Repository.create(at: Paths.join(path, name))
                for number in 0..<(name == "partly" ? 2 : 1) {
                    let run = try repository.startRun(options: options)
                    let series = try run.series("t0")
                    for step in 0..<1_000 { series.log(Double(step), step: step) }
                    try run.finish()
                    if name == "open" { id = run.id }
                    if name == "partly" {
                        #expect(chmod(repository.paths.log(.log(run: run.id.id, n: 1)), number == 0 ? 0 : 0o644) == 0)
                    }
                }
                if name == "open" { _ = try repository.compact() }
            }
            for place in [directory, path] { #expect(chmod(place, 0o755) == 0) }
            for name in ["open", "partly"] {
                for folder in ["", "/logs", "/index", "/artifacts"] {
                    #expect(chmod(Paths.join(path, name) + folder, 0o555) == 0)
                }
            }
            #expect(chmod(Paths.join(path, "closed"), 0) == 0)
            if getuid() != 0 { #expect(chmod(path, 0o555) == 0) }
            #expect(try Self.run("nobody", in: directory, #require(id)).code == 0)
            for name in ["", "/open", "/open/logs", "/open/index", "/partly", "/partly/logs", "/closed"] {
                #expect(chmod(path + name, 0o755) == 0)
            }
        }
    }
}
