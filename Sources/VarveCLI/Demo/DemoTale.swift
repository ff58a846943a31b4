import Glibc
import Varve

/// The demo, scene by scene.
struct DemoTale {
    private let output: OutputStream
    private let directory: String

    private static let rates = [0.003, 0.01, 0.03, 0.1]
    private static let seeds: [UInt64] = [1, 2, 3]
    private static let epochs = 120
    /// The training that is killed could go on for this long, and dies once it has acknowledged so many points.
    private static let victim = DemoTrainer(rate: 0.05, seed: 4, epochs: 20_000)
    private static let pointsBeforeKill = 2000

    init(_ output: OutputStream, directory: String) {
        self.output = output
        self.directory = directory
    }

    private func heading(_ text: String) throws {
        try output.line()
        try output.line(output.terminal.styled(text, .bold))
        try output.flush()
    }

    private func say(_ text: String = "") throws {
        try output.line(text.isEmpty ? "" : "  \(text)")
        try output.flush()
    }

    // MARK: Scenes

    /// A campaign of real trainings: learning rates × seeds.
    func train(_ repository: Repository) throws {
        let trainers = Self.rates.flatMap { rate in
            Self.seeds.map { DemoTrainer(rate: rate, seed: $0, epochs: Self.epochs) }
        }
        try heading("Training \(trainers.count) small networks, and logging each epoch")
        let start = monotonicTime()
        var points = 0
        for rate in Self.rates {
            var best = 0.0
            for trainer in trainers where trainer.rate == rate {
                let run = try repository.startRun(name: trainer.name, params: trainer.params, tags: ["demo"])
                let score = try trainer.train(run) { _ in points += 4 }
                try run.set("values.accuracy", .double(score.accuracy))
                try run.finish()
                best = max(best, score.accuracy)
            }
            try say("lr \(rate): \(Self.seeds.count) runs, best accuracy \(HumanText.fixed(best, decimals: 3))")
        }
        let seconds = Double(monotonicTime() - start) / 1e9
        try say(
            "\(HumanText.count(points)) points logged, training included, in \(HumanText.duration(seconds: seconds))")
    }

    /// One more training in a process of its own, which gets SIGKILL in the middle.
    /// - Returns: Its run.
    func kill(_ repository: Repository) throws -> RunID {
        let trainer = Self.victim
        try heading("Killing one more training with SIGKILL, in the middle of it")
        let child = try ChildProcess([
            "demo-training", directory, "\(trainer.rate)", "\(trainer.seed)", "\(trainer.epochs)",
        ])
        guard let id = child.line().flatMap({ RunID($0) }) else { throw Refusal("error: the training did not start") }
        var acknowledged = 0
        var isKilled = false
        while let line = child.line() {
            acknowledged = Int(line) ?? acknowledged
            if !isKilled, acknowledged >= Self.pointsBeforeKill {
                child.kill()
                isKilled = true
            }
        }
        guard child.wait() == SIGKILL else {
            throw Refusal("error: the training was to be killed, and ended by itself")
        }
        let found = try CurveDigest(Query(runs: [id]), in: try repository.snapshot()).points
        try say("process \(child.id) is dead; `log` had returned for \(HumanText.count(acknowledged)) points")
        let lost = max(0, acknowledged - found)
        try say("found in the repository: \(HumanText.count(found)), lost: \(HumanText.count(lost))")
        guard lost == 0 else {
            throw Refusal("error: points were lost; is \(directory) on a file system that can't be mapped?")
        }
        return id
    }

    /// Every curve from where it is now, and once more from the index.
    func compareReadings(_ repository: Repository, victim: RunID) throws {
        try heading("Reading every curve back")
        let before = try repository.snapshot()
        let finished = Query(runs: before.runs.map(\.id).filter { $0 != victim })
        let dead = Query(runs: [victim])
        let fromLog = try CurveDigest(finished, in: before)
        let fromJournal = try CurveDigest(dead, in: before)
        try report("log", fromLog, HumanText.plural(before.runs.count - 1, "finished run"))
        try report("journal", fromJournal, "the killed run, whose process had no time to write its log")

        let start = monotonicTime()
        let compaction = try repository.compact()
        try say()
        try say("compacted: " + CompactVerb.text(compaction, seconds: Double(monotonicTime() - start) / 1e9))
        try say()
        guard compaction.points == fromLog.points + fromJournal.points else {
            throw Refusal("error: not everything went into the index")
        }
        let after = try repository.snapshot()
        let finishedIndexed = try CurveDigest(finished, in: after)
        let deadIndexed = try CurveDigest(dead, in: after)
        try report("index", finishedIndexed, "the finished runs")
        try report("index", deadIndexed, "the killed run")
        guard finishedIndexed == fromLog, deadIndexed == fromJournal else {
            throw Refusal("error: the index differs from what was logged")
        }
        try say("the same points, bit for bit")
    }

    private func report(_ source: String, _ digest: CurveDigest, _ what: String) throws {
        let name = source + String(repeating: " ", count: max(0, 8 - source.count))
        let count = HumanText.count(digest.points)
        let padded = String(repeating: " ", count: max(0, 6 - count.count)) + count
        try say("\(name) \(padded) points  \(output.terminal.styled(digest.description, .dim))  \(what)")
    }

    /// The validation loss of one seed at each learning rate.
    func plot(_ repository: Repository) throws {
        let snapshot = try repository.snapshot()
        try heading("loss {subset=val} by learning rate, seed 1")
        var curves: [TextPlot.Curve] = []
        for rate in Self.rates {
            let filter = try Filter(parsing: "params.lr == \(rate) and params.seed == 1")
            let runs = try snapshot.runs(where: filter).map(\.id)
            var curve = TextPlot.Curve(name: "lr \(rate)", points: [])
            let reader = try snapshot.series(Query(metric: "loss", context: ["subset": "val"], runs: runs))
            while let chunk = try reader.next() {
                for index in 0..<chunk.count { curve.points.append((chunk.steps[index], chunk.values[index])) }
            }
            curves.append(curve)
        }
        for line in TextPlot(curves: curves).lines { try say(line) }
    }

    /// What to do next.
    func close(_ repository: Repository) throws {
        let use = try repository.diskUse()
        try heading("Go on")
        try say(
            "all of it is in \(directory): logs \(HumanText.bytes(use.logs)), index \(HumanText.bytes(use.index))")
        // `run` says how it was called, so that what is printed can be typed in.
        let program = Terminal.environment("VARVE_COMMAND") ?? "varve"
        for command in [
            "runs --sort -values.accuracy", "runs --where 'status == \"killed\"'",
            "series loss --context subset=val --run \(Self.victim.name) --steps ..5", "show \(Self.victim.name)",
            "verify --deep",
        ] {
            try say(output.terminal.styled("\(program) --repo \(directory) \(command)", .bold))
        }
        try output.flush()
    }
}
