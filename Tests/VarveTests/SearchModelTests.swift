import Testing
import VarveFiles
import VarveTestSupport

@testable import Varve

/// Shows that searches find what a plain reading of the same words finds: random expressions are written down together with
/// a closure that says what they mean, over every run and every metric of a repository whose data stand in two segments, in
/// logs, and in edits that came later.
@Suite struct SearchModelTests {
    @Test func findsWhatThePlainReadingFinds() throws {
        let repository = try Self.repository()
        for round in 0..<2 {
            let snapshot = try repository.snapshot()
            let world = try World(snapshot)
            withSeeds(0..<150) { seed, random in
                var writer = Writer(random: random)
                let condition = writer.condition(depth: 3)
                let clauses = writer.clauses()
                let text = condition.text + clauses.text
                let found = try snapshot.find(Search(parsing: text))
                let expected = world.find(condition, clauses)
                try require(
                    found.runs.map(\.id) == expected.runs, "round \(round): \(text)\nfound \(found.runs.map(\.name))")
                try require(
                    found.pairs.map { $0.mapValues(Set.init) } == expected.pairs?.mapValues(Set.init),
                    "round \(round): pairs of \(text)")
                try Self.checkMetrics(of: found, snapshot, text)
                // The columns of the index say of each run what its own description says.
                guard seed % 10 == 0 else { return }
                let fresh = try repository.snapshot()
                try require(try fresh.find(Search(parsing: text)).runs == found.runs, "a fresh snapshot: \(text)")
            }
            _ = try repository.compact()
        }
    }

    /// Thirty runs: some compacted, some not, one without points, one whose params were changed afterwards, one fork.
    private static func repository() throws -> Repository {
        let environment = Environment(
            fileSystem: SimulatedFileSystem(seed: 9), host: SimulatedHost(SimulatedMachine(seed: 9)), hasThreads: false)
        let repository = try Repository.create(at: "/repo", name: "", environment)
        var random = SplitMix64(seed: 77)
        var ids: [RunID] = []
        for index in 0..<30 {
            var params: [String: PropertyValue] = ["lr": [0.1, 0.01, 1, "0.1"][Int(random.next() % 4)]]
            if index % 3 > 0 { params["depth"] = .int(Int64(random.next() % 4)) }
            if index % 7 == 0 { params["amp"] = .bool(index % 2 == 0) }
            var options = RunOptions()
            if index == 29 { options.forkOf = RunOptions.Fork(run: ids[1], step: 4) }
            let run = try repository.startRun(
                name: index % 5 == 4 ? nil : "run-\(index % 9)", params: params, tags: index % 4 == 0 ? ["base"] : [],
                options: options)
            ids.append(run.id)
            for (metric, subset) in [("loss", "train"), ("loss", "val"), ("acc", "val"), ("alone", "")]
            where index % 11 != 10 && random.next() % 4 > 0 {
                let series = try run.series(metric, context: subset.isEmpty ? [:] : ["subset": subset])
                let count = [1, 5, 260][Int(random.next() % 3)]
                for step in 0..<count {
                    let values = [1, 2.5, -1, .nan, .infinity, Double(step)]
                    series.log(values[Int(random.next() % 6)], step: step)
                }
            }
            if index % 6 == 0 { try run.fail("no") } else if index % 6 < 5 { try run.finish() }
            if index == 11 || index == 19 { _ = try repository.compact() }
        }
        try repository.set(["params.depth": 3, "name": "renamed", "status": "killed"], of: [ids[2], ids[8]])
        try repository.set(["params.lr": .absent], of: [ids[5]])
        return repository
    }

    /// The metrics of what was found are those of its runs one by one.
    private static func checkMetrics(of found: Found, _ snapshot: Snapshot, _ text: String) throws {
        var expected: [MetricKey: (runs: Int, points: Int)] = [:]
        for run in found.runs {
            for info in try snapshot.metrics(of: run.id)
            where found.pairs.map({ $0[info.metric]?.contains(run.id) ?? false }) ?? true {
                expected[info.metric, default: (0, 0)].runs += 1
                expected[info.metric]?.points += info.points
            }
        }
        let counted = try snapshot.metrics(of: found)
        try require(
            counted.map { "\($0.metric) \($0.runs) \($0.points)" }
                == expected.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.runs) \($0.value.points)" },
            "metrics of \(text)")
        // What a fork inherits counts as found, and isn't counted as its own.
        let keys = found.pairs.map { $0.filter { !$0.value.isEmpty }.keys.sorted() } ?? counted.map(\.metric)
        try require(try snapshot.metricKeys(of: found) == keys, "names of metrics of \(text)")
    }

    /// What an expression is asked about.
    private struct Row {
        var run: RunInfo
        var series: SeriesStatistics?
        /// All of the run's metrics.
        var all: [SeriesStatistics]
    }

    private struct Words {
        var text: String
        var holds: (Row) -> Bool
        var namesMetrics = false
    }

    private struct Clauses {
        var text = ""
        var value: ((Row) -> PropertyValue?)?
        var isDescending = false
        var limit: Int?
        var namesMetrics = false
    }

    private struct World {
        var runs: [RunInfo]
        var statistics: [RunID: [SeriesStatistics]]

        init(_ snapshot: Snapshot) throws {
            runs = snapshot.runs
            statistics = Dictionary(grouping: try snapshot.statistics(Query()), by: \.run)
        }

        func find(_ condition: Words, _ clauses: Clauses) -> (runs: [RunID], pairs: [MetricKey: [RunID]]?) {
            let namesMetrics = condition.namesMetrics || clauses.namesMetrics
            var rows: [Row] = []
            for run in runs {
                let all = statistics[run.id] ?? []
                let series: [SeriesStatistics?] = namesMetrics ? all.map { $0 } : [nil]
                for one in series.isEmpty ? [nil] : series {
                    let row = Row(run: run, series: one, all: all)
                    if condition.holds(row) { rows.append(row) }
                }
            }
            if let value = clauses.value {
                func number(_ row: Row) -> PropertyValue? {
                    if case .double(let number)? = value(row), number.isNaN { nil } else { value(row) }
                }
                let with = rows.filter { number($0) != nil }
                let without = rows.filter { number($0) == nil }
                // Insertion keeps equal ones in their order.
                var sorted: [Row] = []
                for row in with {
                    let key = number(row) ?? .null
                    let place = sorted.firstIndex { other in
                        let otherKey = number(other) ?? .null
                        return clauses.isDescending ? otherKey.precedes(key) : key.precedes(otherKey)
                    }
                    sorted.insert(row, at: place ?? sorted.count)
                }
                rows = sorted + without
            }
            var order: [RunID] = []
            for row in rows where !order.contains(row.run.id) { order.append(row.run.id) }
            order = Array(order.prefix(clauses.limit ?? .max))
            guard namesMetrics else { return (order, nil) }
            var pairs: [MetricKey: [RunID]] = [:]
            for row in rows where order.contains(row.run.id) {
                if let series = row.series { pairs[series.metric, default: []].append(row.run.id) }
            }
            return (order, pairs)
        }
    }

    /// Writes expressions and what they mean.
    private struct Writer {
        var random: SplitMix64

        mutating func below(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }

        mutating func condition(depth: Int) -> Words {
            switch depth == 0 ? 4 : below(5) {
            case 0, 1:
                let (a, b) = (condition(depth: depth - 1), condition(depth: depth - 1))
                let isAnd = below(2) == 0
                return Words(
                    text: "(\(a.text) \(isAnd ? "and" : "or") \(b.text))",
                    holds: { isAnd ? a.holds($0) && b.holds($0) : a.holds($0) || b.holds($0) },
                    namesMetrics: a.namesMetrics || b.namesMetrics)
            case 2:
                let part = condition(depth: depth - 1)
                return Words(
                    text: "not (\(part.text))", holds: { !part.holds($0) }, namesMetrics: part.namesMetrics)
            default: return leaf()
            }
        }

        mutating func leaf() -> Words {
            let (name, value, namesMetrics) = operand()
            switch below(4) {
            case 0:
                let sign = FilterComparison.allCases[below(6)]
                let number = [1.0, 2.5, -1, 3, 0.1, 299][below(6)]
                return Words(
                    text: "\(name) \(sign.rawValue) \(number)",
                    holds: { row in value(row).map { sign.holds($0, .double(number)) } ?? false },
                    namesMetrics: namesMetrics)
            case 1:
                let text = ["loss", "run-1", "val", "failed", "0.1", "renamed"][below(6)]
                let pattern = [("^run-[13]$", ["run-1", "run-3"]), ("l(oss)?$", ["loss", "val"])][below(2)]
                if below(2) == 0, name != "status" {
                    return Words(
                        text: "\(name) matches \"\(pattern.0)\"",
                        holds: { row in
                            guard case .string(let text)? = value(row) else { return false }
                            return pattern.1.contains(text)
                        }, namesMetrics: namesMetrics)
                }
                let wanted = name == "status" ? "failed" : text
                return Words(
                    text: "\(name) == \"\(wanted)\"", holds: { value($0) == .string(wanted) },
                    namesMetrics: namesMetrics)
            case 2 where name != "status":
                return Words(
                    text: "\(name) in [1, \"val\", \"loss\", 0.01]",
                    holds: { row in
                        switch value(row) {
                        case .int(let number)?: number == 1
                        case .double(let number)?: number == 1 || number == 0.01
                        case .string(let text)?: text == "val" || text == "loss"
                        default: false
                        }
                    }, namesMetrics: namesMetrics)
            default:
                return [
                    Words(text: "\"base\" in run.tags", holds: { $0.run.tags.contains("base") }),
                    Words(text: "run.active", holds: { $0.run.status == .running }),
                    Words(text: "params.amp", holds: { $0.run.params["amp"] == true }),
                    Words(
                        text: "0 < metric.best_step <= 4",
                        holds: { row in
                            guard let series = row.series else { return false }
                            let best = series.metric.name == "acc" ? series.max : series.min
                            return best.map { (1...4).contains($0.step) } ?? false
                        }, namesMetrics: true),
                ][below(4)]
            }
        }

        typealias Operand = (name: String, value: (Row) -> PropertyValue?, namesMetrics: Bool)

        mutating func operand() -> Operand {
            func figure(_ row: Row, _ metric: MetricKey) -> SeriesStatistics? { row.all.first { $0.metric == metric } }
            func double(_ point: (value: Double, step: Int)?) -> PropertyValue? { point.map { .double($0.value) } }
            let validation = MetricKey("loss", context: ["subset": "val"])
            switch below(12) {
            case 0: return ("run.params.lr", { $0.run.params["lr"] }, false)
            case 1: return ("hparams.depth", { $0.run.params["depth"] }, false)
            case 2: return ("name", { .string($0.run.name) }, false)
            case 3: return ("status", { .string($0.run.status.rawValue) }, false)
            case 4: return ("points", { .int(Int64($0.run.points)) }, false)
            case 5: return ("metric.name", { row in row.series.map { .string($0.metric.name) } }, true)
            case 6:
                return (
                    "metric.context.subset", { row in row.series?.metric["subset"].map { .string($0) } }, true
                )
            case 7: return ("metric.last", { double($0.series?.last) }, true)
            case 8: return ("metric.max", { double($0.series?.max) }, true)
            case 9: return ("metric.count", { row in row.series.map { .int(Int64($0.count)) } }, true)
            case 10:
                return ("metrics[\"loss\", {\"subset\": \"val\"}].min", { double(figure($0, validation)?.min) }, false)
            default: return ("metrics.alone", { double(figure($0, MetricKey("alone"))?.last) }, false)
            }
        }

        mutating func clauses() -> Clauses {
            var clauses = Clauses()
            if below(2) == 0 {
                let (name, value, namesMetrics) = operand()
                clauses.isDescending = below(2) == 0
                clauses.text += " order by \(name)\(clauses.isDescending ? " desc" : "")"
                (clauses.value, clauses.namesMetrics) = (value, namesMetrics)
            }
            if below(3) == 0 {
                clauses.limit = below(9) + 1
                clauses.text += " limit \(clauses.limit ?? 1)"
            }
            return clauses
        }
    }
}
