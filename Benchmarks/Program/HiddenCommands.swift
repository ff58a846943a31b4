import ArgumentParser
import Glibc
import VarveBenchmarks

/// Work that Scripts/budgets counts from outside.
struct CountCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "count", abstract: "Do something once, for those who count instructions (Scripts/budgets).",
        shouldDisplay: false)

    @Argument var work: String?

    func run() throws {
        guard let work else {
            for work in CountedWork.allCases { print(work.rawValue) }
            return
        }
        guard let work = CountedWork(rawValue: work) else { throw ValidationError("Nothing to count is called so.") }
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        let context = try BenchContext(size: .tiny, repeats: 1, parent: parent)
        defer { context.clean() }
        print(try work.run(context))
    }
}

/// Logs until it is killed; the benchmark `kill` starts it.
struct KilledWriterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log-until-killed", abstract: "Log until killed.", shouldDisplay: false)

    @Argument var path: String
    @Argument var id: String
    @Argument var acknowledged: String

    func run() throws {
        try KilledWriter.logUntilKilled(path, run: id, acknowledged: acknowledged)
    }
}
