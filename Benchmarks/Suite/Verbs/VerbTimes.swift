import Varve
import VarveFiles
import VarveFormat

/// `verbs`: what a person waits for, start of the program and all, with 10,000 runs of 100 metrics that are in the index. `varve --version` is
/// the floor. Each verb is a process of its own whose output goes nowhere; those that change runs change a copy.
enum VerbTimes {
    /// A verb that is measured, and what stands around it.
    struct Verb {
        var name: String
        /// `{round}` stands for the round's number, in what can't be done twice with the same runs.
        var arguments: [String]
        /// What comes before each round, and takes no part in its time.
        var before: [[String]] = []
        /// What brings the repository back to where it was, so that the next round does the same.
        var after: [[String]] = []
        /// What it makes; removed after each round.
        var makes: String?
        /// The repository that it works on, if it isn't the one that all work on.
        var repository: String?
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
                func command(_ words: [String], _ path: String) -> [String] {
                    words.map { $0.replacing("{round}", with: "\(round)") } + ["--repo", path]
                }
                for words in verb.before { _ = try wall(program, command(words, repository)) }
                let time = try wall(
                    program, command(verb.arguments, verb.repository ?? repository), round == 0 ? answer : nowhere)
                if round > 0 { samples.append(time) } else { hash = try Self.hash(answer) }
                for words in verb.after { _ = try wall(program, command(words, repository)) }
                if let path = verb.makes { FileTree.remove(path) }
            }
            found.append(
                Measurement(
                    "verbs", "\(what): \(verb.name)", samples.median, "ms", runs: samples.count, floor: floor.median,
                    hash: hash))
        }
        for verb in VerbList.reading(runs) { try measure(verb, corpus.repository.path) }
        let copy = context.newPath("verbs")
        try ChildProgram(program, ["backup", copy, "--repo", corpus.repository.path], output: nowhere).wait()
        defer { FileTree.remove(copy) }
        try ChildProgram(program, ["compact", "--repo", copy], output: nowhere).wait()
        for verb in VerbList.campaign(runs.count) + VerbList.changing(runs) { try measure(verb, copy) }
        let made = context.newPath("made")
        for verb in VerbList.carrying(from: copy, to: made) { try measure(verb, copy) }
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
