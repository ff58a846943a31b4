import Testing
import VarveFiles
import VarveTestSupport

@testable import Varve

/// Shows what clauses mean, what is refused, and that a search opens no log and reads no values that it doesn't need.
@Suite struct SearchTests {
    private let files = SimulatedFileSystem(seed: 3)
    private let repository: Repository

    /// Six runs `r0` to `r5`; every second has `acc`, and the loss of `r4` is NaN.
    init() throws {
        let environment = Environment(
            fileSystem: files, host: SimulatedHost(SimulatedMachine(seed: 3)), hasThreads: false)
        repository = try Repository.create(at: "/repo", name: "", environment)
        for index in 0..<6 {
            var options = RunOptions()
            options.id = RunID(UniqueID(high: UInt64(index + 1), low: 0))
            let run = try repository.startRun(
                name: "r\(index)",
                params: ["lr": .double([0.1, 0.3, 0.2][index % 3]), "model": index < 3 ? "a" : "b"],
                options: options)
            let loss = try run.series("loss", context: ["subset": "val"])
            for step in 0..<400 { loss.log(index == 4 ? .nan : 1 / Double(step + index + 1), step: step) }
            if index % 2 == 0 { try run.series("acc").log(Double(index), step: 7) }
            try run.finish()
        }
        _ = try repository.compact()
    }

    private func names(_ text: String) throws -> String {
        try repository.snapshot().find(Search(parsing: text)).runs.map(\.name).joined(separator: " ")
    }

    @Test(arguments: [
        ("order by params.lr", "r0 r3 r2 r5 r1 r4"), ("order by params.lr desc, name desc", "r4 r1 r5 r2 r3 r0"),
        ("order by params.lr limit 2", "r0 r3"), ("limit 1", "r0"), ("params.model == 'b' limit 2", "r3 r4"),
        ("order by metrics.acc.last desc", "r4 r2 r0 r1 r3 r5"), ("order by metrics.loss.last limit 3", "r5 r3 r2"),
        // NaN is neither high nor low: it comes last either way.
        ("metric.name == 'loss' order by metric.last desc limit 9", "r0 r1 r2 r3 r5 r4"),
        ("metric.name == 'loss' order by metric.last", "r5 r3 r2 r1 r0 r4"),
        ("metric.nan > 0", "r4"), ("metric.name == 'acc' and metric.first_step == 7", "r0 r2 r4"),
        ("group by params.model limit 2 order by name desc", "r5 r4"), ("metric.best > 1", "r2 r4"),
        ("metric.best_step == 399 and metric.max_step == 0", "r0 r1 r2 r3 r5"), ("metrics.gone.last > 0", ""),
    ])
    func finds(_ text: String, _ expected: String) throws {
        #expect(try names(text) == expected, "\(text)")
    }

    /// What is known of many runs is put together by several threads, and is what one finds out, in the search's order.
    @Test func manyRunsKeepTheirOrder() throws {
        let environment = Environment(
            fileSystem: files, host: SimulatedHost(SimulatedMachine(seed: 3)), hasThreads: false, decodingThreads: 3)
        let repository = try Repository.create(at: "/many", name: "", environment)
        for index in 0..<1100 {
            var options = RunOptions()
            options.id = RunID(UniqueID(high: UInt64(index + 1), low: 0))
            let run = try repository.startRun(
                name: "r\(index)", params: ["place": .int(Int64(index * 7 % 1100))], options: options)
            try run.series("loss").log(1, step: index)
            try run.finish()
            // Some stand in the index, some don't.
            if index == 800 { _ = try repository.compact() }
        }
        let snapshot = try repository.snapshot()
        let found = try snapshot.find(Search(parsing: "order by params.place")).runs
        #expect(found.map { $0.properties["params.place"] } == (0..<1100).map { .int($0) })
        #expect(found.allSatisfy { snapshot.content.info(of: $0.id.id) == $0 })
    }

    @Test func pairsAreThoseThatMatch() throws {
        let snapshot = try repository.snapshot()
        let found = try snapshot.find(Search(parsing: "metric.context.subset == 'val' and metric.last < 0.00249"))
        let loss = MetricKey("loss", context: ["subset": "val"])
        #expect(found.pairs == [loss: found.runs.map(\.id)] && found.runs.map(\.name) == ["r2", "r3", "r5"])
        var query = Query()
        query.pairs = found.pairs
        #expect(try snapshot.statistics(query).map(\.run) == found.runs.map(\.id))
        let reader = try snapshot.series(query)
        var seen: [RunID] = []
        while let chunk = try reader.next() {
            #expect(chunk.metric == loss)
            if seen.last != chunk.run { seen.append(chunk.run) }
        }
        #expect(seen == found.runs.map(\.id))
        #expect(try snapshot.metrics(of: found).map { "\($0.metric) \($0.runs) \($0.points)" } == ["\(loss) 3 1200"])
        #expect(try snapshot.find(Search(parsing: "params.lr > 0")).pairs == nil)
    }

    @Test func opensNoLogAndReadsNoValues() throws {
        let before = files.callCount
        #expect(
            try names("params.lr > 0.15 and status == 'finished' and metric.min < 0.0025 and points > 1") == "r1 r2 r5")
        let reads = files.calls.filter { $0.number > before && $0.kind == .read }
        #expect(!reads.isEmpty && !reads.contains { $0.path.hasSuffix(".vlog") || $0.path.hasSuffix(".journal") })
        let snapshot = try repository.snapshot()
        let bytes = snapshot.content.segments.flatMap { segment in
            segment.pages.map { (segment.path, $0.valuesOffset..<($0.valuesOffset + $0.valuesBytes), segment) }
        }
        // The values of `loss` are in slices that have summaries; those of `acc` are single.
        let read = reads.reduce(0) { sum, call in
            let range = call.offset..<(call.offset + call.bytes)
            return sum + bytes.reduce(0) { $0 + ($1.0 == call.path ? range.clamped(to: $1.1).count : 0) }
        }
        #expect(read < bytes.reduce(0) { $0 + $1.1.count } / 4)
    }

    @Test func groupsByEqualValues() throws {
        let search = try Search(parsing: "group by params.model, params.lr")
        let snapshot = try repository.snapshot()
        let groups = RunGroup.groups(of: snapshot.runs, by: search.groups)
        #expect(groups.map(\.values).first == ["a", 0.1] && groups.count == 6)
        try repository.set(["params.lr": 1], of: [snapshot.runs[0].id])
        try repository.set(["params.lr": 1.0], of: [snapshot.runs[1].id])
        let later = try repository.snapshot()
        let byRate = RunGroup.groups(of: later.runs, by: try Search(parsing: "group by params.lr").groups)
        #expect(byRate.map(\.runs.count) == [1, 2, 1, 2] && byRate.last?.values == [1])
    }

    @Test(arguments: [
        ("limit 0", "'limit' takes a number of runs above 0\n    limit 0\n          ^"),
        ("limit x", "'limit' takes a number of runs above 0\n    limit x\n          ^"),
        ("order params.lr", "expected 'by' after 'order'\n    order params.lr\n          ^^^^^^"),
        ("limit 1 limit 2", "there is a second 'limit'\n    limit 1 limit 2\n            ^^^^^"),
        ("order by 3", "expected a name, such as params.lr\n    order by 3\n             ^"),
        (
            "params.lr > 1 ordre by name",
            "unknown operator 'ordre'; did you mean 'order'?\n    params.lr > 1 ordre by name\n                  ^^^^^"
        ),
        ("", "there is no condition; an example: params.lr > 0.01 and not status == \"failed\"\n    \n    ^"),
    ])
    func points(_ text: String, _ message: String) {
        do throws(VarveError) {
            _ = try Search(parsing: text)
            Issue.record("\(text) is taken")
        } catch {
            #expect(error.message == message)
        }
    }

    @Test func namesWhatIsAmbiguousAndWhatIsNotThere() throws {
        let run = try repository.startRun(name: "late")
        try run.series("loss", context: ["subset": "train"]).log(1, step: 0)
        try run.finish()
        let snapshot = try repository.snapshot()
        do throws(VarveError) {
            _ = try snapshot.find(Search(parsing: "metrics.loss > 0"))
            Issue.record("an ambiguous metric is taken")
        } catch {
            #expect(error.code == .invalid && error.message.contains("loss {subset=train}"))
        }
        let unknown = try Search(parsing: "metric.name == 'los' and params.modl == 1").unknownNames(in: snapshot)
        #expect(unknown.map(\.name) == ["params.modl", "metric los"])
        #expect(unknown.map(\.nearest) == ["params.model", "loss"])
    }

    @Test(arguments: [
        ("loss", MetricDirection.minimise), ("val/acc", .maximise), ("valAccuracy", .maximise), ("f1_loss", .minimise),
        ("top1", .maximise), ("episode_return", .maximise), ("rmse", .minimise), ("anything", .minimise),
        ("test.AUC", .maximise),
    ])
    func knowsWhatIsBetter(_ name: String, _ direction: MetricDirection) {
        #expect(MetricDirection(of: name) == direction, "\(name)")
    }
}
