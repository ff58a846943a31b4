import Testing
import VarveFiles
import VarveTestSupport

@testable import Varve

/// Shows that readers give what was logged, and nothing else: random runs with regular and odd steps, given and counted ones in
/// one series, with times of the row and of their own, some in one segment, some in another, some in the logs; for every kind of
/// query, by chunks and by views, on one thread and on several. Plain arrays are the oracle.
struct SeriesReaderModelTests {
    @Test func queriesGiveWhatWasLogged() {
        withSeeds(0..<6) { seed, random in
            let history = try ReaderHistory(&random, threads: seed % 2 == 0 ? 1 : 3)
            let snapshot = try history.repository.snapshot()
            for _ in 0..<24 {
                let query = history.query(&random)
                let expected = history.expected(query)
                for count in [Int.max, 0, Int.random(in: 1...5, using: &random)] {
                    let chunks = try Self.chunks(snapshot, query, oneByOne: count)
                    try require(chunks == expected, "\(query), \(count): \(Self.difference(chunks, expected))")
                }
                let views = try Self.views(snapshot, query)
                try require(views == expected, "views of \(query): \(Self.difference(views, expected))")
            }
        }
    }

    /// Looked at when all are there: memory that a chunk keeps is not filled anew, by this reader or another.
    ///
    /// - Parameter count: so many are asked for one by one, and then all that are left.
    private static func chunks(
        _ snapshot: Snapshot, _ query: Query, oneByOne count: Int
    ) throws -> [ReaderHistory.Column] {
        let reader = try snapshot.series(query)
        var chunks: [SeriesChunk] = []
        while chunks.count < count, let chunk = try reader.next() { chunks.append(chunk) }
        chunks += try reader.readAll()
        _ = try views(snapshot, query)
        var found: [ReaderHistory.Column] = []
        for chunk in chunks {
            try require(chunk.count > 0, "an empty chunk")
            ReaderHistory.Column.add(
                to: &found, chunk.metric, chunk.run, chunk.steps, chunk.times, chunk.values, chunk.count)
        }
        return found
    }

    private static func views(_ snapshot: Snapshot, _ query: Query) throws -> [ReaderHistory.Column] {
        var found: [ReaderHistory.Column] = []
        try snapshot.series(query).forEach { view in
            ReaderHistory.Column.add(to: &found, view.metric, view.run, view.steps, view.times, view.values, view.count)
        }
        return found
    }

    private static func difference(_ found: [ReaderHistory.Column], _ expected: [ReaderHistory.Column]) -> String {
        guard found.count == expected.count else { return "\(found.count) series, not \(expected.count)" }
        for (a, b) in zip(found, expected) where a != b {
            return "\(a.metric) of \(a.run): \(a.count) points, steps \(a.steps.prefix(5)), "
                + "not \(b.metric) of \(b.run): "
                + "\(b.count) points, steps \(b.steps.prefix(5))"
        }
        return "nothing"
    }
}

/// Runs that were logged, and what they hold.
struct ReaderHistory {
    /// The points of one series.
    struct Column: Equatable {
        var metric: MetricKey
        var run: RunID
        var count = 0
        var steps: [Int] = []
        var times: [Int64] = []
        var values: [UInt64] = []

        /// Adds what a reader shows, joined with what it showed of the same series just before.
        static func add(
            to columns: inout [Column], _ metric: MetricKey, _ run: RunID, _ steps: Span<Int>, _ times: Span<Int64>,
            _ values: Span<Double>, _ count: Int
        ) {
            if columns.last?.metric != metric || columns.last?.run != run {
                columns.append(Column(metric: metric, run: run))
            }
            let last = columns.count - 1
            columns[last].count += count
            for i in steps.indices { columns[last].steps.append(steps[i]) }
            for i in times.indices { columns[last].times.append(times[i]) }
            for i in values.indices { columns[last].values.append(values[i].bitPattern) }
        }
    }

    let repository: Repository
    private var series: [Column] = []
    private var runs: [RunID] = []
    private static let names = ["a", "b", "c", "d"]

    init(_ random: inout SplitMix64, threads: Int) throws {
        let machine = SimulatedMachine(seed: random.next())
        let environment = Environment(
            fileSystem: SimulatedFileSystem(seed: 1), host: SimulatedHost(machine), hasThreads: false,
            decodingThreads: threads)
        repository = try Repository.create(at: "/repo", name: "", environment)
        let count = Int.random(in: 3...9, using: &random)
        for _ in 0..<count {
            try log(&random)
            // Small segments, so that several hold the same metrics; what comes last stays in the logs.
            if random.chance(0.4) {
                var options = CompactionOptions()
                options.mergeWidth = Int.random(in: 2...4, using: &random)
                _ = try repository.compact(options)
            }
        }
        series.sort { ($0.metric, $0.run.id) < ($1.metric, $1.run.id) }
    }

    private mutating func log(_ random: inout SplitMix64) throws {
        let run = try repository.startRun()
        runs.append(run.id)
        for name in Self.names where random.chance(0.8) {
            let handle = try run.series(name)
            var given = Column(metric: MetricKey(name), run: run.id)
            var counted = given
            var automatic = 0
            // Long enough, now and then, for several pages and blocks.
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let count = random.chance(0.04) ? Int.random(in: 9_000...30_000, using: &random) : random.below(600)
                let spacing = [0, 1, 10, -1][random.below(4)]
                let isCounted = random.chance(0.2)
                var step = random.below(10_000)
                for _ in 0..<count {
                    step += spacing == 0 ? random.below(7) - 1 : spacing
                    let value = random.chance(0.01) ? Double.nan : Double(random.below(1_000)) / 8
                    if isCounted {
                        handle.log(value)
                        counted.steps.append(automatic)
                        automatic += 1
                        counted.values.append(value.bitPattern)
                    } else {
                        let time = random.chance(0.02) ? Int64.min : Int64(1_000 + random.below(100_000))
                        handle.log(value, step: step, time: time)
                        given.steps.append(step)
                        given.times.append(time)
                        given.values.append(value.bitPattern)
                    }
                }
            }
            // The clock of the simulation stands still while nobody moves it.
            counted.times = [Int64](repeating: 0, count: counted.steps.count)
            given.steps += counted.steps
            given.times += counted.times
            given.values += counted.values
            given.count = given.steps.count
            if given.count > 0 { series.append(given) }
        }
        try run.finish()
        // What the clock said is read back once: it isn't what is tested here.
        let snapshot = try repository.snapshot(of: run.id)
        for i in series.indices where series[i].run == run.id {
            let reader = try snapshot.series(Query(metric: series[i].metric.name, columns: .times))
            var times: [Int64] = []
            while let chunk = try reader.next() { for k in chunk.times.indices { times.append(chunk.times[k]) } }
            for k in times.indices where series[i].times[k] == 0 { series[i].times[k] = times[k] }
        }
    }

    func query(_ random: inout SplitMix64) -> Query {
        var query = Query()
        if random.chance(0.5) { query.metric = Self.names[random.below(Self.names.count)] }
        if random.chance(0.5) { query.runs = runs.filter { _ in random.chance(0.4) } }
        if random.chance(0.4) {
            let low = random.below(12_000) - 1_000
            query.steps = low...(low + random.below(8_000))
        }
        if random.chance(0.2) { query.times = 20_000...Int64(20_000 + random.below(60_000)) }
        if random.chance(0.2) { query.view = .lastPerStep }
        query.columns = [.all, .all, .values, .steps, [.steps, .values], [.times]][random.below(6)]
        return query
    }

    func expected(_ query: Query) -> [Column] {
        series.compactMap { all in
            if let name = query.metric, name != all.metric.name { return nil }
            if let runs = query.runs, !runs.contains(all.run) { return nil }
            var points = all.steps.indices.filter { i in
                (query.steps?.contains(all.steps[i]) ?? true)
                    && (query.times.map { all.times[i] != .min && $0.contains(all.times[i]) } ?? true)
            }
            if query.view == .lastPerStep {
                var last: [Int: Int] = [:]
                for i in points { last[all.steps[i]] = i }
                points = last.sorted { $0.key < $1.key }.map(\.value)
            }
            guard !points.isEmpty else { return nil }
            var column = Column(metric: all.metric, run: all.run, count: points.count)
            if query.columns.contains(.steps) { column.steps = points.map { all.steps[$0] } }
            if query.columns.contains(.times) { column.times = points.map { all.times[$0] } }
            if query.columns.contains(.values) { column.values = points.map { all.values[$0] } }
            return column
        }
    }
}
