import VarveFiles
import VarveFormat

@testable import Varve

/// A small repository with everything in it that a reader can stumble over. One run stays open, its newest points in the journal alone.
struct OddRepository {
    let path: String
    let repository: Repository
    /// Finished; values, steps, times and names of every odd kind.
    let special: RunID
    /// Several attempts that take each other back, on two ranks.
    let rewound: RunID
    let open: Run

    static var options: RunOptions {
        var options = RunOptions()
        options.compaction = .never
        options.journalBytes = 64 << 10
        return options
    }

    init(at path: String) throws {
        self.path = path
        repository = try Repository.create(at: path, name: "both readers")
        special = try Self.special(repository)
        rewound = try Self.rewound(repository)
        try Self.failed(repository, special)
        let run = try repository.startRun(name: "open", tags: ["baseline"], options: Self.options)
        open = run
        let series = try run.series("open")
        let other = try run.series("open", context: ["rank": "1"], type: .float)
        for step in 0..<500 {
            run.log(step: step, time: Int64(step) * 1_000_003, [(series, Double(step)), (other, 1 / Double(step))])
            if step == 300 {
                try run.flush()
                try run.text("half-way", step: step)
                try run.log(histogram: Histogram(of: [1, 2, 2, 4], bins: 3), name: "half-way", step: step)
            }
        }
    }

    private static func special(_ repository: Repository) throws -> RunID {
        let run = try repository.startRun(
            name: "special \u{1F9EA} \"quoted\"\n",
            params: ["lr": 0.1, "layers": 3, "big": .int(.min), "nan": .double(.nan)],
            tags: ["baseline", "old"], options: options)
        let values: [Double] = [
            0, -0.0, .infinity, -.infinity, .nan, -.nan, Double(nan: 0x1234, signaling: true), .leastNonzeroMagnitude,
            -.leastNormalMagnitude, .greatestFiniteMagnitude, 0.1, 1e300, 3,
        ]
        let odd = try run.series("odd", context: ["subset": "val", "a": ""])
        for (i, value) in (values + values.reversed()).enumerated() {
            let step = [i, -i, .max - i, .min + i][i % 4]
            odd.log(value, step: step, time: i % 5 == 0 ? .min : Int64(i) * 1_000)
        }
        // The same metric with another context.
        let plain = try run.series("odd")
        let integers = try run.series("epoch", type: .integer)
        let composed = try run.series("caf\u{E9}")
        for step in 0..<1200 {
            let noise = Double(Float(bitPattern: 0x3F00_0000 &+ UInt32(step) &* 2_654_435_761 % (1 << 23)))
            run.log(step: step * 10, time: Int64(step) * 1_000_000, [(plain, noise), (integers, Double(step / 100))])
            if step % 7 == 0 { composed.log(Double(step % 9) / 9, step: step) }
            if step == 600 {
                try run.flush()
                try run.set(["params.lr": 0.2, "values.best": .double(-0.0), "empty": .null, "list": .json("[1, 2]")])
            }
        }
        let batch = (0..<3000).map { Double($0 % 17) * 0.25 }
        try run.series("batch").log(contentsOf: batch.span, firstStep: -5)
        let automatic = try run.series("automatic")
        for i in 0..<700 { automatic.log(Double(i).squareRoot()) }
        // One metric with automatic and with explicit steps is two series in the file, and one for who reads it.
        let mixed = try run.series("mixed")
        for i in 0..<30 {
            if i % 3 == 0 { mixed.log(Double(i)) } else { mixed.log(Double(i), step: 100 - i) }
            if i % 10 == 9 { try run.flush() }
        }
        try Self.records(run)
        try run.text("first line", channel: "stdout", step: 3)
        try run.text("caf\u{E9} \u{1F600} \"quotes\" \\ \t \u{7F}")
        try Self.artifacts(run, repository)
        try run.addTag("gone")
        try run.set(["tags.gone": .absent, "values.done": true, "status": "finished"])
        try run.finish()
        return run.id
    }

    /// Artifacts with and without contexts and steps, some taken back again.
    private static func artifacts(_ run: Run, _ repository: Repository) throws {
        let path = repository.paths.description
        try run.addArtifact(path, name: "caf\u{E9}", version: "v1", step: -3, context: ["subset": "val", "a": ""])
        try run.addArtifact(path, name: "plain")
        _ = try repository.addArtifacts(
            [
                ArtifactFile(path: path, name: "later", mediaType: "application/json"),
                ArtifactFile(path: path, name: "plain"),
            ],
            to: run.id, step: 9, context: ["k": "v"])
        try repository.removeArtifacts(
            try repository.snapshot().artifacts(of: run.id).filter { $0.version == "" }, of: run.id)
    }

    /// Records of every kind, with what each may hold at its edges.
    private static func records(_ run: Run) throws {
        try run.log(
            confusionMatrix: ConfusionMatrix(
                labels: ["cat", "caf\u{E9}", "cafe\u{301}"], counts: [[5, 0, 1], [0, 0.5, 0], [1e300, 0, 7]]),
            step: 3, context: ["subset": "test", "a": ""], time: 5)
        try run.log(confusionMatrix: ConfusionMatrix(labels: [], counts: [[Int]]()), name: "empty")
        try run.log(
            confusionMatrix: ConfusionMatrix(
                labels: (0..<300).map { "class \($0)" },
                cells: (0..<2_000).map { .init(truth: $0 * 7 % 300, predicted: $0 * $0 % 300, count: Double($0 % 5)) }),
            name: "many", step: -1)
        try run.log(
            histogram: Histogram(edges: [-.infinity, -0.0, 0.1, 0.1, .infinity], counts: [0, 2.5, 1, 0x1p40]),
            name: "weights", step: .max)
        try run.log(
            classReport: ClassReport(classes: [
                .init(label: "cat", precision: 0.1, recall: -.nan, f1: .infinity, support: 20),
                .init(label: "", precision: 1, recall: 1, f1: 1, support: 0),
            ]), step: 4)
    }

    private static func rewound(_ repository: Repository) throws -> RunID {
        var options = options
        options.rank = 0
        let first = try repository.startRun(name: "rewound", options: options)
        let loss = try first.series("loss", context: ["subset": "train"])
        for step in 0..<50 { loss.log(Double(step), step: step, time: Int64(step)) }
        let reward = try first.series("reward")
        for _ in 0..<40 { reward.log(0.5) }
        options.rank = 1
        options.attempt = 0
        let second = try repository.resumeRun(first.id, options: options)
        let other = try second.series("loss", context: ["subset": "train"])
        for step in 0..<50 { other.log(Double(-step), step: step, time: Int64(step)) }
        try second.finish()
        try first.finish()
        let third = try repository.resumeRun(first.id, from: 20, options: Self.options)
        let again = try third.series("loss", context: ["subset": "train", "rank": "0"])
        for step in 20..<60 { again.log(2, step: step, time: Int64(step)) }
        let reward2 = try third.series("reward", context: ["rank": "0"])
        for _ in 0..<10 { reward2.log(0.75) }
        try third.set("values.best", 0.5)
        try third.fail("out of memory")
        return first.id
    }

    private static func failed(_ repository: Repository, _ edited: RunID) throws {
        let run = try repository.startRun(name: "failed", options: options)
        try run.series("one").log(1, step: 0, time: 0)
        try run.fail()
        _ = try repository.startRun(name: "empty", options: options).finish()
        try repository.set(["note": "edited", "values.best": .absent, "tags.later": true], of: [run.id, edited])
        try repository.set(["note": "edited again"], of: [edited])
    }

    /// Copies a repository file by file, in the order of the names: journals come before logs.
    static func copy(_ source: String, to target: String) throws {
        let fileSystem = RealFileSystem()
        try fileSystem.makeDirectory(target)
        // Spare journals come and go after a run was closed, and hold nothing.
        for name in try fileSystem.list(source).sorted() where !name.hasPrefix("spare-") {
            let (from, to) = (Paths.join(source, name), Paths.join(target, name))
            if try fileSystem.status(from)?.kind == .directory {
                try copy(from, to: to)
            } else {
                let bytes = try fileSystem.readAll(from, cap: 1 << 26)
                _ = try fileSystem.publish(to, from: Paths.temporary(for: to, tag: 1), bytes: bytes)
            }
        }
    }

    /// Makes the journals of a copied repository those of a process that is gone.
    static func killWriters(_ path: String) throws {
        let fileSystem = RealFileSystem()
        let logs = Paths.join(path, "logs")
        for name in try fileSystem.list(logs) {
            guard case .journal? = LogName(name) else { continue }
            let file = try fileSystem.open(Paths.join(logs, name), .update)
            defer { file.close() }
            let page = try file.read(upTo: FormatConstants.journalHeaderBytes, at: 0)
            var header = try JournalHeader(parsing: page.span.bytes)
            header.processStarted = 1
            try file.write(header.bytes(), at: 0)
        }
    }
}
