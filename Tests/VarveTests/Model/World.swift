import VarveFiles
import VarveTestSupport

@testable import Varve

/// A simulated machine with processes that write one repository, and beside it a plain array of what they logged.
final class World {
    let machine: SimulatedMachine
    private(set) var fileSystem: SimulatedFileSystem
    private var process: Process
    var oracle = Oracle()
    private var random: SplitMix64
    private var open: [OpenRun] = []
    private(set) var story: [String] = []
    static let path = "/repo"

    /// What one process has.
    private struct Process {
        var host: SimulatedHost
        var repository: Repository
    }

    private struct OpenRun {
        var id: UniqueID
        var run: Run
        var rank: Int?
    }

    init(seed: UInt64, random: SplitMix64) throws {
        machine = SimulatedMachine(seed: seed)
        fileSystem = SimulatedFileSystem(seed: seed)
        self.random = random
        let host = SimulatedHost(machine)
        let environment = Environment(fileSystem: fileSystem, host: host, hasThreads: false)
        process = Process(host: host, repository: try Repository.create(at: Self.path, name: "world", environment))
    }

    private func pick<T>(_ elements: [T]) -> T { elements[Int.random(in: 0..<elements.count, using: &random)] }

    private static let metrics = [
        MetricKey("loss", context: ["subset": "train"]), MetricKey("loss", context: ["subset": "val"]),
        MetricKey("accuracy"), MetricKey("grad/norm"),
    ]
    private static let values: [Double] = [
        0, -0.0, 1, 0.1, .pi, .nan, .infinity, -.infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1e300,
        0.25, 3,
        Double(Float(0.3)), 1.0 / 97,
    ]

    /// One step of the history.
    func step() throws {
        machine.advance(Int64.random(in: 0..<3_000_000_000, using: &random))
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<8: try start()
        case 8..<40: try log()
        case 40..<48: try logBatch()
        case 48..<54: try logRow()
        case 54..<60: try setProperty()
        case 60..<63: try editLater()
        case 63..<66: try text()
        case 66..<72: for run in open { run.run.tick() }
        case 72..<77: try finish()
        case 77..<81: try kill()
        case 81..<86: try resume()
        case 86..<89: _ = try Sealer(process.repository.environment, process.repository.paths).sealDead()
        case 89..<93: try compact()
        case 93..<95: try remove()
        case 95..<96: deleteIndex()
        case 96..<98: try checkCopy()
        default: try check(process.repository)
        }
    }

    // MARK: Writing

    private func start() throws {
        guard open.count < 4 else { return }
        var options = RunOptions()
        options.journalBytes = 64 << 10
        options.compaction = .never
        options.sync = pick([.interval(seconds: 1), .everyDrain, .none])
        options.useJournal = Int.random(in: 0..<8, using: &random) > 0
        let rank = pick([nil, nil, 0])
        options.rank = rank
        let run = try process.repository.startRun(name: "r\(oracle.runs.count)", params: ["lr": 0.1], options: options)
        story.append("start \(run.id)")
        oracle.start(run.id.id, name: "r\(oracle.runs.count)")
        open.append(OpenRun(id: run.id.id, run: run, rank: rank))
    }

    private func log() throws {
        guard let target = open.randomElement(using: &random) else { return }
        let metric = pick(Self.metrics)
        let series = try handle(target, metric)
        for _ in 0..<Int.random(in: 1..<20, using: &random) {
            let step = Int.random(in: 0..<40, using: &random)
            let value = pick(Self.values)
            series.log(value, step: step, time: Int64(step))
            note(target, metric, step, Int64(step), value)
        }
    }

    private func logBatch() throws {
        guard let target = open.randomElement(using: &random) else { return }
        let metric = pick(Self.metrics)
        let count = Int.random(in: 1..<1500, using: &random)
        let first = Int.random(in: 0..<40, using: &random)
        let values = (0..<count).map { Double($0) * 0.5 }
        let times = [Int64](repeating: 7, count: count)
        try handle(target, metric).log(
            contentsOf: values.span, steps: Array(first..<(first + count)).span, times: times.span)
        for i in 0..<count { note(target, metric, first + i, 7, values[i]) }
    }

    private func logRow() throws {
        guard let target = open.randomElement(using: &random) else { return }
        let step = Int.random(in: 0..<40, using: &random)
        let row = try Self.metrics.map { (try handle(target, $0), pick(Self.values)) }
        target.run.log(step: step, time: 99, row)
        for (metric, point) in zip(Self.metrics, row) { note(target, metric, step, 99, point.1) }
    }

    private func handle(_ target: OpenRun, _ metric: MetricKey) throws -> Series {
        var context: [String: String] = [:]
        for pair in metric.context { context[pair.key] = pair.value }
        return try target.run.series(metric.name, context: context)
    }

    private func note(_ target: OpenRun, _ metric: MetricKey, _ step: Int, _ time: Int64, _ value: Double) {
        var key = metric
        if let rank = target.rank {
            var context = ["rank": "\(rank)"]
            for pair in metric.context { context[pair.key] = pair.value }
            key = MetricKey(metric.name, context: context)
        }
        oracle.log(
            target.id, attempt: target.run.attempt, n: target.run.health.file, key,
            Oracle.Point(step: step, time: time, value: value.bitPattern))
    }

    private func setProperty() throws {
        guard let target = open.randomElement(using: &random) else { return }
        let key = pick(["params.lr", "note", "values.best", "tags.a"])
        let value = pick([PropertyValue.absent, .null, true, 3, 0.5, "text", .json("[1]")])
        try target.run.set(key, value)
        oracle.set(target.id, key, value)
    }

    /// A property of one or several runs, from outside. Not of runs that are open: their next own setting would not
    /// know of it.
    private func editLater() throws {
        let closed = oracle.runs.keys.filter { id in !open.contains { $0.id == id } }.sorted()
        guard !closed.isEmpty else { return }
        let runs = Set((0..<2).map { _ in pick(closed) }).sorted()
        let value = PropertyValue.int(Int64.random(in: 0..<100, using: &random))
        try process.repository.set(["params.edited": value], of: runs.map { RunID($0) })
        for run in runs { oracle.set(run, "params.edited", value) }
        story.append("edit \(runs)")
    }

    private func text() throws {
        guard let target = open.randomElement(using: &random) else { return }
        let line = "line \(oracle.lines)"
        oracle.lines += 1
        try target.run.text(line)
        oracle.write(target.id, attempt: target.run.attempt, n: target.run.health.file, line)
    }

    private func finish() throws {
        guard let i = open.indices.randomElement(using: &random) else { return }
        story.append("finish \(open[i].id)")
        try open[i].run.finish()
        open.remove(at: i)
    }

    /// The process dies with all its open runs; another one goes on.
    private func kill() throws {
        story.append("kill \(open.map(\.id))")
        try flushBuffered()
        process.host.die()
        open = []
        let host = SimulatedHost(machine)
        let environment = Environment(fileSystem: fileSystem, host: host, hasThreads: false)
        process = Process(host: host, repository: try Repository.open(Self.path, environment))
    }

    private func resume() throws {
        let closed = oracle.runs.keys.filter { id in !open.contains { $0.id == id } }.sorted()
        guard !closed.isEmpty, open.count < 4 else { return }
        let id = pick(closed)
        let rewind = pick([nil, 0, 10, 25])
        var options = RunOptions()
        options.journalBytes = 64 << 10
        options.compaction = .never
        let attempt = oracle.nextAttempt(of: id)
        options.attempt = attempt
        let run = try process.repository.resumeRun(RunID(id), from: rewind, options: options)
        oracle.resume(id, attempt: attempt, rewind: rewind)
        story.append("resume \(id) from \(String(describing: rewind))")
        open.append(OpenRun(id: id, run: run, rank: nil))
    }

    // MARK: Keeping house

    private func compact() throws {
        var options = CompactionOptions()
        // Small segments and narrow tiers, so that a short history has merges of merges.
        options.mergeWidth = pick([2, 3, 8])
        options.buildPoints = pick([200, 4_000_000])
        story.append("compact, \(options.mergeWidth) wide")
        _ = try process.repository.compact(options)
    }

    private func remove() throws {
        let closed = oracle.runs.keys.filter { id in !open.contains { $0.id == id } }.sorted()
        guard !closed.isEmpty else { return }
        let id = pick(closed)
        story.append("remove \(id)")
        _ = try process.repository.remove([RunID(id)])
        oracle.runs[id] = nil
    }

    private func deleteIndex() {
        story.append("delete index")
        for path in fileSystem.paths() where path.hasPrefix("\(Self.path)/index/") { try? fileSystem.unlink(path) }
    }

    // MARK: Reading

    func check() throws { try check(process.repository) }

    /// A copy of the whole repository says the same.
    private func checkCopy() throws {
        try flushBuffered()
        let copy = fileSystem.snapshot()
        let environment = Environment(fileSystem: copy, host: SimulatedHost(machine), hasThreads: false)
        try check(try Repository.open(Self.path, environment))
    }

    /// A writer without a journal keeps what it has in memory until it flushes, or half of its ring is full.
    private func flushBuffered() throws {
        for run in open where run.run.durability == .logOnly { try run.run.flush() }
    }

    private func check(_ repository: Repository) throws {
        try flushBuffered()
        let snapshot = try repository.snapshot()
        try require(snapshot.problems.isEmpty, "problems: \(snapshot.problems)")
        try require(snapshot.runs.map(\.id.id) == oracle.runs.keys.sorted(), "other runs: \(snapshot.runs.map(\.id))")
        for info in snapshot.runs {
            guard let run = oracle.runs[info.id.id] else { continue }
            try require(
                info.properties == run.currentProperties,
                "run \(info.id): properties \(info.properties), logged \(run.currentProperties)")
            let lines = try snapshot.text(of: info.id).map(\.text)
            try require(lines == run.orderedLines, "text \(lines), logged \(run.orderedLines)")
            for view in [Query.View.standard, .all, .lastPerStep] {
                try compare(snapshot, info.id, view, run.points(view))
            }
        }
    }

    private func compare(
        _ snapshot: Snapshot, _ id: RunID, _ view: Query.View, _ expected: [MetricKey: [Oracle.Point]]
    ) throws {
        var found: [MetricKey: [Oracle.Point]] = [:]
        let reader = try snapshot.series(Query(runs: [id], view: view))
        while let chunk = try reader.next() {
            for i in 0..<chunk.count {
                found[chunk.metric, default: []].append(
                    Oracle.Point(step: chunk.steps[i], time: chunk.times[i], value: chunk.values[i].bitPattern))
            }
        }
        guard found != expected else { return }
        for metric in Set(found.keys).union(expected.keys).sorted() where found[metric] != expected[metric] {
            let a = found[metric] ?? []
            let b = expected[metric] ?? []
            let at = zip(a, b).enumerated().first { $1.0 != $1.1 }?.offset ?? min(a.count, b.count)
            throw Unmet(
                description:
                    "run \(id), \(metric), \(view): \(a.count) points read, \(b.count) logged; first difference "
                    + "at \(at): \(at < a.count ? "\(a[at])" : "-") against \(at < b.count ? "\(b[at])" : "-")")
        }
    }
}
