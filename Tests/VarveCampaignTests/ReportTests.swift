import Testing
import Varve
import VarveFiles
import VarveTestSupport

@testable import VarveCampaign

/// Shows that a report's rows are what a plain loop over all points makes of them, that what doesn't count is counted, and
/// that the grid's missing cells are those that have no run which finished.
@Suite struct ReportTests {
    private let repository: Repository

    /// 2 models × 2 rates × 2 splits × 3 seeds, each model with a width of its own; run 5 failed, run 9 is missing, run 14 ends
    /// in NaN, run 17 has no test accuracy, and cell 3 was run twice.
    init() throws {
        let environment = Environment(
            fileSystem: SimulatedFileSystem(seed: 5), host: SimulatedHost(SimulatedMachine(seed: 5)), hasThreads: false)
        repository = try Repository.create(at: "/repo", name: "", environment)
        var random = SplitMix64(seed: 12)
        var number = 0
        for model in ["cnn", "vit"] {
            for rate in [0.1, 0.01] {
                for split in 0..<2 {
                    for seed in 0..<3 {
                        defer { number += 1 }
                        if number == 9 { continue }
                        for _ in 0..<(number == 3 ? 2 : 1) {
                            try Self.train(repository, model, rate, split, seed, number, &random)
                        }
                    }
                }
            }
        }
        _ = try repository.compact()
    }

    private static func train(
        _ repository: Repository, _ model: String, _ rate: Double, _ split: Int, _ seed: Int, _ number: Int,
        _ random: inout SplitMix64
    ) throws {
        let run = try repository.startRun(
            name: "run \(number)",
            params: [
                "model": .string(model), "model_width": model == "cnn" ? 64 : 128, "optimizer.lr": .double(rate),
                "split_index": .int(Int64(split)), "seed": .int(Int64(seed)), "campaign_exp_idx": .int(Int64(number)),
                "epochs": 20, "campaign_id": "c1",
            ])
        let loss = try run.series("loss", context: ["subset": "val"])
        for step in 0..<20 {
            loss.log(number == 14 && step == 19 ? Double.nan : Double.random(in: 0...1, using: &random), step: step)
        }
        if number != 17 {
            try run.series("acc", context: ["subset": "test"]).log(Double.random(in: 0.5...1, using: &random), step: 19)
            try run.series("acc", context: ["subset": "train"]).log(1, step: 19)
        }
        if number == 5 { try run.fail("out of memory") } else { try run.finish() }
    }

    /// The values of a metric's points in a run, by step.
    private func points(_ run: RunInfo, _ metric: String, _ subset: String) throws -> [Double] {
        let reader = try repository.snapshot().series(
            Query(metric: metric, context: ["subset": subset], runs: [run.id]))
        var values: [Double] = []
        while let chunk = try reader.next() { for i in 0..<chunk.count { values.append(chunk.values[i]) } }
        return values
    }

    private func report(
        _ text: String? = nil, _ change: (inout ReportOptions) -> Void = { _ in }
    ) throws -> Report {
        var options = ReportOptions()
        change(&options)
        return try Report(of: repository.snapshot(), text.map { try Search(parsing: $0) } ?? Search(), options)
    }

    @Test func rowsAreWhatAPlainLoopMakes() throws {
        for moment in [ReportOptions.Moment.last, .best, .step(7)] {
            let report = try report { $0.moment = moment }
            #expect(report.groupBy == ["model", "model_width", "optimizer.lr"])
            #expect(report.over == ["campaign_exp_idx", "seed", "split_index"])
            #expect(report.rows.count == 8)
            #expect(report.rows.map { $0.metric.description }.prefix(2) == ["acc {subset=test}", "loss {subset=val}"])
            for row in report.rows {
                let runs = report.runs.filter {
                    [$0.params["model"], $0.params["model_width"], $0.params["optimizer.lr"]] == row.group
                }
                var values: [Double] = []
                for run in runs where run.status == .finished {
                    let points = try points(run, row.metric.name, row.metric["subset"] ?? "")
                    let value: Double? =
                        switch moment {
                        case .last: points.last
                        case .best:
                            row.metric.name == "acc"
                                ? points.max() : points.filter { !$0.isNaN }.min() ?? points.last
                        case .step(let step): points.count > step ? points[step] : nil
                        }
                    if let value { values.append(value) }
                }
                let finite = values.filter(\.isFinite).sorted()
                #expect(row.sample.values == finite && row.sample.nan == values.count - finite.count)
                #expect(row.runs == runs.count)
                #expect(row.missing == runs.count { $0.status == .finished } - values.count)
                #expect(row.unfinished == runs.count { $0.status == .failed })
            }
            let counted = report.rows.reduce((nan: 0, unfinished: 0, runs: 0)) {
                ($0.nan + $1.sample.nan, $0.unfinished + $1.unfinished, $0.runs + $1.runs)
            }
            #expect(counted.nan == (moment == .last ? 1 : 0) && counted.unfinished == 2 && counted.runs == 48)
        }
    }

    @Test func gridNamesWhatIsMissing() throws {
        let grid = try #require(try report().grid)
        // The width belongs to the model, the index to the run, and the campaign has a grid of its own.
        #expect(grid.axes.map(\.name) == ["model", "optimizer.lr", "seed", "split_index"])
        #expect(grid.cells == 24 && grid.done == 22 && grid.duplicated == 1)
        #expect(grid.missing == [["cnn", 0.01, 0, 1], ["cnn", 0.1, 2, 1]])
        #expect(try report("params.seed == 0 and params.split_index == 0").grid?.missing == [])
        #expect(try report("name == 'run 1'").grid == nil)
    }

    /// What a run beside the grid tries makes no cells of it.
    @Test func gridLeavesOutWhatStandsBeside() throws {
        for rate in [0.1, 0.5] {
            let run = try repository.startRun(name: "tried", params: ["optimizer.lr": .double(rate)])
            try run.finish()
        }
        let grid = try #require(try report().grid)
        #expect(grid.axes.first { $0.name == "optimizer.lr" }?.values == [0.01, 0.1])
        #expect(grid.cells == 24 + 2 && grid.done == 22 + 2 && grid.missing.count == 2)
    }

    /// A random search is no grid: hardly any combination was tried.
    @Test func aRandomSearchIsNoGrid() throws {
        let environment = Environment(
            fileSystem: SimulatedFileSystem(seed: 6), host: SimulatedHost(SimulatedMachine(seed: 6)), hasThreads: false)
        let repository = try Repository.create(at: "/repo", name: "", environment)
        var random = SplitMix64(seed: 1)
        for _ in 0..<20 {
            let params: [String: PropertyValue] = [
                "lr": .double(Double(random.below(12))), "width": .int(Int64(random.below(9))),
                "depth": .int(Int64(random.below(7))),
            ]
            try repository.startRun(params: params).finish()
        }
        #expect(Grid(try repository.snapshot().runs) == nil)
    }

    @Test func optionsNarrowAndRegroup() throws {
        let byModel = try report {
            $0.groupBy = ["params.model"]
            $0.metrics = ["acc"]
        }
        #expect(byModel.rows.map(\.group) == [["cnn"], ["vit"]] && byModel.over.contains("optimizer.lr"))
        let over = try report { $0.over = ["lr", "model_width"] }
        #expect(over.groupBy == ["model"])
        #expect(try report("params.seed == 1 group by params.model").rows.map(\.runs) == [4, 4, 4, 4])
        #expect(try report { $0.contexts = ["train"] }.rows.allSatisfy { $0.metric["subset"] == "train" })
        #expect(try report { $0.contexts = ["subset=train", "test"] }.rows.count == 8)
        #expect(try report { $0.includesUnfinished = true }.rows.allSatisfy { $0.unfinished == 0 })
        let single = try report("metric.name == 'acc' and metric.context.subset == 'test'")
        #expect(single.rows.map(\.metric.name) == ["acc", "acc", "acc", "acc"])
        let durations = try report { $0.metrics = ["run_duration"] }
        #expect(
            durations.rows.allSatisfy { $0.metric.name == "run_duration" && $0.sample.count == $0.runs - $0.unfinished }
        )
        #expect(try report { $0.groupBy = ["name"] }.rows.count == 46)
        #expect(try report { $0.campaigns = ["c1"] }.runs.count == 24)
        #expect(Report.campaigns(of: try report().runs) == ["c1"])
    }

    @Test(arguments: [("modl", "model"), ("params.optimizr.lr", "optimizer.lr")])
    func namesTheNearestParam(_ name: String, _ nearest: String) throws {
        do {
            _ = try report { $0.groupBy = [name] }
            Issue.record("\(name) is taken")
        } catch let error as VarveError {
            #expect(error.code == .invalid && error.remedy == "did you mean '\(nearest)'?")
        }
    }

    @Test func refusesMetricsContextsAndCampaignsThatAreNotThere() throws {
        for change: (inout ReportOptions) -> Void in [
            { $0.metrics = ["los"] }, { $0.contexts = ["vall"] }, { $0.campaigns = ["c2"] },
        ] {
            #expect(throws: VarveError.self) { try report(nil, change) }
        }
    }

    @Test func comparisonsPairWhatIsAlike() throws {
        let report = try report {
            $0.compare = ["model"]
            $0.metrics = ["acc"]
        }
        let comparison = try #require(report.comparisons.first)
        #expect(report.comparisons.count == 1 && comparison.first == "cnn" && comparison.second == "vit")
        var cells: [[PropertyValue?]: [String: [Double]]] = [:]
        for run in report.runs where run.status == .finished {
            guard let value = try points(run, "acc", "test").first, case .string(let model)? = run.params["model"]
            else {
                continue
            }
            let cell = [run.params["optimizer.lr"], run.params["seed"], run.params["split_index"]]
            cells[cell, default: [:]][model, default: []].append(value)
        }
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
        let differences = cells.values.compactMap { cell -> Double? in
            guard let a = cell["cnn"], let b = cell["vit"] else { return nil }
            return mean(a) - mean(b)
        }
        #expect(comparison.test.count == differences.count && differences.count == 10)
        #expect(comparison.unpaired == cells.count - differences.count)
        for (found, expected) in zip(comparison.test.differences.sorted(), differences.sorted()) {
            #expect((found - expected).magnitude < 1e-15)
        }
    }

    @Test func summaryAndDifference() throws {
        let snapshot = try repository.snapshot()
        let summary = try RepositorySummary(of: snapshot)
        #expect(summary.runs.count == 24 && summary.metrics == ["acc", "loss"])
        #expect(summary.contexts == ["subset=test", "subset=train", "subset=val"])
        #expect(summary.params.map(\.name).contains("optimizer.lr"))
        #expect(summary.params.first { $0.name == "optimizer.lr" }?.values == [0.01, 0.1])
        #expect(try RepositorySummary(of: snapshot, Search(parsing: "metric.name == 'acc'")).metrics == ["acc"])
        let runs = snapshot.runs
        let (a, b) = (try #require(runs.first), try #require(runs.last))
        let difference = try RunDifference(a, b, in: snapshot)
        for property in difference.properties where property.key.hasPrefix("params.") {
            #expect(property.isSame == (a.properties[property.key] == b.properties[property.key]))
        }
        #expect(difference.metrics.contains { !$0.isSame })
        let same = try RunDifference(a, a, in: snapshot)
        #expect(same.properties.allSatisfy(\.isSame) && same.metrics.allSatisfy(\.isSame) && !same.metrics.isEmpty)
    }

    @Test(arguments: [
        ("seed", ParamRole.repetition), ("data.split_index", .repetition), ("campaign_exp_idx", .counter),
        ("lr", .setting), ("random_seed", .repetition), ("cv-fold", .repetition), ("seedling", .setting),
    ])
    func rolesOfNames(_ name: String, _ role: ParamRole) {
        #expect(ParamAxis(name: name, values: [], missing: 0).role == role)
    }
}
