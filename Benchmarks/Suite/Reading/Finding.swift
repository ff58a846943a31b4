import Varve
import VarveFormat

/// `find`: choosing among 10,000 runs by an expression, on a snapshot that was just taken and on one that was asked before.
/// Making a description of each run, which the program did for every list before it chose, is the floor.
enum Finding {
    private struct Question {
        var name: String
        var text: String
        /// Whether a run of the generator's answers it, and by what runs are ordered; nil: oldest first.
        var holds: (Int, RunColumns) -> Bool
        var limit: Int?
        var key: ((RunColumns) -> Double)?
    }

    static func run(_ context: BenchContext) throws -> [Measurement] {
        let corpus = try context.corpus("W")
        try corpus.compact()
        let shapes = corpus.workload.metrics
        func column(_ name: String, _ subset: String) -> Int {
            shapes.firstIndex { $0.metric == MetricKey(name, context: ["subset": subset]) } ?? 0
        }
        let (loss, accuracy) = (column("loss", "val"), column("accuracy", "val"))
        let questions = [
            Question(
                name: "by params", text: "params.lr > 0.002 and params.seed < 90",
                holds: { run, _ in 0.001 * Double(run + 1) > 0.002 && run < 90 }),
            Question(
                name: "by name and status", text: "name matches \"^run [0-9]*1$\" and status == \"finished\"",
                holds: { run, _ in run % 10 == 1 }),
            Question(
                name: "by a metric's last value",
                text: "metric.name == \"loss\" and metric.context.subset == \"val\" and metric.last < 1",
                holds: { _, columns in (columns.values[loss].last ?? 1) < 1 }),
            Question(
                name: "the ten best", text: "order by metrics[\"accuracy\", {\"subset\": \"val\"}].max desc limit 10",
                holds: { _, _ in true }, limit: 10, key: { -($0.values[accuracy].max() ?? 0) }),
        ]
        var floors = Samples()
        for _ in 0..<context.repeats {
            let snapshot = try corpus.repository.snapshot()
            floors.append(Stopwatch.measure { keep(UInt64(snapshot.runs.count)) }.wall / 1e6)
        }
        return try questions.flatMap { try measure($0, corpus, context, floor: floors.median) }
    }

    private static func measure(
        _ question: Question, _ corpus: Corpus, _ context: BenchContext, floor: Double
    ) throws -> [Measurement] {
        let search = try Search(parsing: question.text)
        var (first, again) = (Samples(), Samples())
        var found: [RunInfo] = []
        for round in 0...context.repeats {
            let snapshot = try corpus.repository.snapshot()
            let fresh = try Stopwatch.measure { found = try snapshot.find(search).runs }
            let known = try Stopwatch.measure { found = try snapshot.find(search).runs }
            guard round > 0 else { continue }
            first.append(fresh.wall / 1e6)
            again.append(known.wall / 1e6)
        }
        let hash = try check(found, question, corpus)
        let what = "\(corpus.workload.runs) runs, \(question.name)"
        return [
            Measurement(
                "find", "\(what): the first time", first.median, "ms", runs: first.count, floor: floor, hash: hash),
            Measurement("find", "\(what): again", again.median, "ms", runs: again.count, floor: floor, hash: hash),
        ]
    }

    /// Compares with what the generator's columns say; returns a hash of the names that were found.
    private static func check(_ found: [RunInfo], _ question: Question, _ corpus: Corpus) throws -> UInt64 {
        var expected: [(run: Int, key: Double)] = []
        for run in 0..<corpus.workload.runs {
            let columns = RunColumns(corpus.workload, run: run)
            if question.holds(run, columns) { expected.append((run, question.key?(columns) ?? 0)) }
        }
        expected.sort { ($0.key, $0.run) < ($1.key, $1.run) }
        let names = expected.prefix(question.limit ?? .max).map { Workload.runName($0.run) }
        guard found.map(\.name) == names else {
            throw WrongResult(description: "\(question.text): \(found.count) runs found, \(names.count) expected")
        }
        return XXHash64.hash(Array(names.joined(separator: "\n").utf8))
    }
}
