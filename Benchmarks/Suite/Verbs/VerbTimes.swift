import Glibc
import Varve
import VarveFiles
import VarveFormat

/// `verbs`: what a person waits for, start of the program and all, with 10,000 runs of 100 metrics that are in the index. `varve --version` is
/// the floor. Each verb is a process of its own whose output goes nowhere; those that change runs change a copy.
enum VerbTimes {
    private struct Verb {
        var name: String
        var arguments: [String]
        /// What brings the repository back to where it was, so that the next round does the same.
        var undo: [String]?
    }

    private static func reading(_ runs: [String]) -> [Verb] {
        func verb(_ arguments: String...) -> Verb { Verb(name: arguments[0], arguments: arguments) }
        func verb(named name: String, _ arguments: String...) -> Verb { Verb(name: name, arguments: arguments) }
        return [
            verb("runs"),
            verb(named: "runs --where, a param", "runs", "--where", "params.lr > 0.002 and params.seed < 90"),
            verb(
                named: "runs --where, a metric", "runs", "--where",
                "metric.name == \"loss\" and metric.context.subset == \"val\" and metric.last < 1"),
            verb("show", runs[0]), verb("metrics"), verb("properties"),
            verb("diff", runs[0], runs[1]),
            verb("series", "loss", "--run", runs[0]),
            verb(named: "plot, one run", "plot", "loss", "--run", runs[0]),
            verb(named: "report, one metric", "report", "--metrics", "loss"),
            verb(named: "export csv, one metric", "export", "csv", "--metric", "loss"),
            verb("du"), verb(named: "du --runs", "du", "--runs"), verb("verify"),
        ]
    }

    private static func changing(_ runs: [String]) -> [Verb] {
        let all = ["--where", "params.lr > 0"]
        return [
            Verb(
                name: "tag, all runs", arguments: ["tag"] + all + ["--add", "good"],
                undo: ["tag"] + all + ["--remove", "good"]),
            Verb(
                name: "note, all runs", arguments: ["note"] + all + ["--text", "seen"],
                undo: ["note"] + all + ["--text", ""]),
            Verb(
                name: "archive, all runs", arguments: ["archive"] + all,
                undo: ["archive", "--undo", "--where", "params.lr > 0"]),
            Verb(name: "rm, one run", arguments: ["rm", runs[0]], undo: ["restore", runs[0]]),
            Verb(
                name: "rm, every tenth run", arguments: ["rm", "--where", "name endswith \"1\""],
                undo: ["restore", "--all"]),
            Verb(name: "compact, nothing to do", arguments: ["compact"], undo: nil),
        ]
    }

    static func run(_ context: BenchContext) throws -> [Measurement] {
        guard let program = try ChildProgram.varve(context) else { return [] }
        let corpus = try context.corpus("W")
        try corpus.compact()
        let runs = try corpus.repository.snapshot().runIDs.map(\.description)
        let what = "\(corpus.workload.runs) runs of \(corpus.workload.metrics.count) metrics"
        var floor = Samples()
        for _ in 0..<max(5, context.repeats) { floor.append(try wall(program, ["--version"])) }
        var found: [Measurement] = []
        // What it says the first time is kept, to be looked at; then it isn't written anywhere.
        let answer = context.newPath("answer")
        func measure(_ verb: Verb, _ repository: String) throws {
            context.progress("verbs: \(verb.name)")
            var samples = Samples()
            var hash: UInt64 = 0
            for round in 0...context.repeats {
                let time = try wall(program, verb.arguments + ["--repo", repository], round == 0 ? answer : nowhere)
                if round > 0 { samples.append(time) } else { hash = try Self.hash(answer) }
                if let undo = verb.undo { _ = try wall(program, undo + ["--repo", repository]) }
            }
            found.append(
                Measurement(
                    "verbs", "\(what): \(verb.name)", samples.median, "ms", runs: samples.count, floor: floor.median,
                    hash: hash))
        }
        for verb in reading(runs) { try measure(verb, corpus.repository.path) }
        let copy = context.newPath("verbs")
        try ChildProgram(program, ["backup", copy, "--repo", corpus.repository.path], output: nowhere).wait()
        defer { FileTree.remove(copy) }
        try ChildProgram(program, ["compact", "--repo", copy], output: nowhere).wait()
        for verb in changing(runs) { try measure(verb, copy) }
        return found
    }

    private static let nowhere = "/dev/null"

    private static func hash(_ path: String) throws -> UInt64 {
        XXHash64.hash(try RealFileSystem().readAll(path, cap: 1 << 30))
    }

    /// Milliseconds from the start of a process to its end.
    private static func wall(
        _ program: String, _ arguments: [String], _ output: String = Self.nowhere
    ) throws -> Double {
        let elapsed = try Stopwatch.measure { try ChildProgram(program, arguments, output: output).wait() }
        return elapsed.wall / 1e6
    }
}
