import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarveCampaign

/// The last value of a metric that several ranks log is one number to queries, to reports and to their comparisons: the mean of each
/// rank's last value, whatever steps the ranks ended at. A plain loop over all points says which.
@Suite struct RankMeanTests {
    /// Runs of one to nine ranks that end at different steps, one of them now and then in NaN or an infinity.
    private static func repository(_ random: inout SplitMix64) throws -> Repository {
        let environment = Environment(
            fileSystem: SimulatedFileSystem(seed: 3), host: SimulatedHost(SimulatedMachine(seed: 3)), hasThreads: false)
        let repository = try Repository.create(at: "/repo", name: "", environment)
        for number in 0..<40 {
            var options = RunOptions()
            options.compaction = .never
            for rank in 0..<Int.random(in: 1...9, using: &random) {
                options.rank = rank
                options.attempt = 0
                let run = try repository.startRun(
                    name: "run \(number)", params: ["half": .int(Int64(number % 2)), "pair": .int(Int64(number / 2))],
                    options: options)
                options.id = run.id
                let series = try run.series("loss")
                for step in 0..<Int.random(in: 1...12, using: &random) {
                    let odd = [Double.nan, .infinity, -.infinity]
                    let place = Int.random(in: 0..<60, using: &random)
                    let value = Double.random(in: -1...1, using: &random)
                    let scale = [1, 1e-9, 1e12][Int.random(in: 0..<3, using: &random)]
                    series.log(place < odd.count ? odd[place] : value * scale, step: step)
                }
                try run.finish()
            }
            if number == 25 { _ = try repository.compact() }
        }
        return repository
    }

    /// The last values of a run's ranks, by the plain loop.
    private func lasts(_ snapshot: Snapshot) throws -> [RunID: [Double]] {
        var lasts: [RunID: [String: Double]] = [:]
        let reader = try snapshot.series(Query(metric: "loss"))
        while let chunk = try reader.next() {
            for i in 0..<chunk.count { lasts[chunk.run, default: [:]][chunk.metric["rank"] ?? ""] = chunk.values[i] }
        }
        return lasts.mapValues { Array($0.values) }
    }

    /// The mean of finite numbers, rounded once: sums of doubles are exact in quadruple the precision, here by pairs.
    private func mean(_ values: [Double]) -> Double {
        var parts: [Double] = []
        for value in values {
            var (rest, kept) = (value, [Double]())
            for part in parts {
                let sum = part + rest
                let other = sum - part
                let lost = (part - (sum - other)) + (rest - other)
                if lost != 0 { kept.append(lost) }
                rest = sum
            }
            parts = kept + [rest]
        }
        return parts.reduce(0, +) / Double(values.count)
    }

    @Test func allSayTheSame() throws {
        var random = SplitMix64(seed: 2026)
        let repository = try Self.repository(&random)
        let snapshot = try repository.snapshot()
        let lasts = try lasts(snapshot)
        var (finite, odd) = (0, 0)
        for run in snapshot.runs {
            let values = try #require(lasts[run.id])
            let (one, text) = ("id == \"\(run.id)\" and", "metrics.loss.last")
            if values.allSatisfy(\.isFinite) {
                finite += 1
                let exact = mean(values)
                #expect(try snapshot.find(Search(parsing: "\(one) \(text) == \(exact)")).runs == [run], "\(values)")
                var options = ReportOptions()
                options.over = ["rank"]
                let report = try Report(of: snapshot, Search(parsing: "id == \"\(run.id)\""), options)
                #expect(report.rows.map(\.sample.mean) == [exact] && report.rows.map(\.sample.count) == [values.count])
            } else {
                odd += 1
                let sum = values.reduce(0, +)
                #expect(try snapshot.find(Search(parsing: "\(one) \(text) <= inf")).runs.isEmpty == sum.isNaN)
                #expect(try snapshot.find(Search(parsing: "\(one) not \(text) <= inf")).runs.isEmpty == !sum.isNaN)
            }
        }
        #expect(finite > 15 && odd > 1)
    }

    /// Hosts make groups like ranks do: a run on two of them stands in both, with the ranks that ran there, and misses nothing elsewhere.
    @Test(arguments: [false, true]) func hostsMakeGroups(isIndexed: Bool) throws {
        let fileSystem = SimulatedFileSystem(seed: 4)
        func repository(_ host: String) throws -> Repository {
            let machine = SimulatedMachine(seed: UInt64(host.utf8.last ?? 0), name: host)
            let environment = Environment(
                fileSystem: fileSystem, host: SimulatedHost(machine), hasThreads: false)
            return try Repository.openOrCreate(at: "/repo", name: "", environment)
        }
        var options = RunOptions()
        options.compaction = .never
        for (rank, host) in ["node1", "node1", "node2"].enumerated() {
            options.rank = rank
            options.attempt = 0
            let run = try repository(host).startRun(name: "many", options: options)
            options.id = run.id
            try run.series("loss").log(Double(1 + rank), step: 0)
            try run.finish()
        }
        options = RunOptions()
        let alone = try repository("node2").startRun(name: "alone", options: options)
        try alone.series("loss").log(10, step: 0)
        try alone.finish()
        if isIndexed { _ = try repository("node3").compact() }
        var report = ReportOptions()
        report.groupBy = ["host"]
        report.over = ["rank"]
        let rows = try Report(of: repository("node3").snapshot(), Search(), report).rows
        #expect(rows.map(\.group) == [[.string("node1")], [.string("node2")]])
        #expect(rows.map(\.sample.values) == [[1, 2], [3, 10]])
        #expect(rows.map(\.runs) == [1, 2] && rows.allSatisfy { $0.missing == 0 && $0.metric == MetricKey("loss") })
    }

    /// Runs in pairs of a param: their differences are those of the means.
    @Test func comparisonsTakeTheSame() throws {
        var random = SplitMix64(seed: 7)
        let snapshot = try Self.repository(&random).snapshot()
        let lasts = try lasts(snapshot)
        var options = ReportOptions()
        options.over = ["rank"]
        options.compare = ["half"]
        let comparison = try #require(try Report(of: snapshot, Search(), options).comparisons.first)
        var pairs: [PropertyValue: [Int: Double]] = [:]
        for run in snapshot.runs {
            let value = SeriesStatistics.meanOverRanks(try #require(lasts[run.id]))
            let pair = try #require(run.params["pair"])
            if value.isFinite, case .int(let half)? = run.params["half"] {
                pairs[pair, default: [:]][Int(half)] = value
            }
        }
        let differences = pairs.values.compactMap { pair in pair[0].flatMap { a in pair[1].map { a - $0 } } }
        #expect(comparison.test.differences.sorted() == differences.sorted() && differences.count > 5)
    }
}
