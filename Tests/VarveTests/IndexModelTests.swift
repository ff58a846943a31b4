import Testing
import Varve
import VarveFiles
import VarveFormat
import VarveTestSupport

/// Shows that an index holds exactly the points of the logs, whatever the campaign and however it was compacted: random
/// runs, resumed, forked in time, growing while they are indexed, deleted; random sizes of segments and widths of
/// merges;
/// compared with a plain list of points, bit for bit and in order.
struct IndexModelTests {
    @Test func randomCampaigns() {
        withSeeds(0..<12) { seed, random in try Self.campaign(seed, &random) }
    }

    private static func campaign(_ seed: UInt64, _ random: inout SplitMix64) throws {
        var model = try CampaignModel(seed: seed)
        let runs = (0..<Int.random(in: 1...6, using: &random)).map {
            UniqueID(milliseconds: UInt64($0) * 1_000, random: (random.next(), random.next()))
        }
        var open: [Int] = []
        var numbers: [UniqueID: UInt32] = [:]
        for _ in 0..<Int.random(in: 3...12, using: &random) {
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                if open.isEmpty || Int.random(in: 0..<4, using: &random) == 0,
                    let run = runs.randomElement(using: &random)
                {
                    numbers[run, default: 0] += 1
                    let attempt = UInt32.random(in: 0...2, using: &random)
                    let file = model.begin(run: run, n: numbers[run, default: 0], attempt: attempt)
                    let names = Array(["loss", "acc", "lr", "é", ""].shuffled(using: &random).prefix(3))
                    let isAutomatic = Bool.random(using: &random)
                    model.update(file) { fixture in
                        fixture.define(names.map { MetricKey($0) }, automaticSteps: isAutomatic)
                        fixture.define([MetricKey("loss", context: ["subset": "val"])], type: .integer)
                    }
                    open.append(file)
                }
                guard let file = open.randomElement(using: &random) else { continue }
                let rows = rows(4, &random)
                model.update(file) { $0.append(rows) }
                if Int.random(in: 0..<6, using: &random) == 0 {
                    model.update(file) { $0.end() }
                    open.removeAll { $0 == file }
                }
            }
            try model.flush()
            var options = CompactionOptions()
            options.mergeWidth = Int.random(in: 2...4, using: &random)
            options.buildPoints = Int.random(in: 1...600, using: &random)
            let report = try model.compactor.runOnce(options)
            try require(report.problems.isEmpty, "\(report.problems)")
            do { try model.check(whole: true) } catch {
                throw Unmet(description: "\(error) \(report) \(options.buildPoints) \(options.mergeWidth)")
            }
            model.host.machine.advance(Int64.random(in: 0...1_000_000_000_000, using: &random))
            if Int.random(in: 0..<8, using: &random) == 0, let run = runs.randomElement(using: &random) {
                try model.remove(run: run)
                open = []
                numbers[run, default: 0] += 1
            }
        }
    }

    /// A frame of points: rows of several series, single ones, steps that repeat and go back, every kind of value.
    private static func rows(
        _ series: Int, _ random: inout SplitMix64
    ) -> [(series: Int, step: Int64, time: Int64, value: UInt64)] {
        var rows: [(series: Int, step: Int64, time: Int64, value: UInt64)] = []
        var step = Int64.random(in: -5...1_000, using: &random)
        var time = Int64.random(in: 0...1_000_000_000_000, using: &random)
        for _ in 0..<Int.random(in: 0...120, using: &random) {
            let isWhole = Int.random(in: 0..<3, using: &random) > 0
            for one in 0..<series where isWhole || Bool.random(using: &random) {
                let hasOwnTime = Int.random(in: 0..<10, using: &random) == 0
                let value: UInt64 =
                    switch Int.random(in: 0..<8, using: &random) {
                    case 0: random.next()
                    case 1:
                        [Double.nan, .infinity, -.infinity, -0.0, .leastNonzeroMagnitude].randomElement(
                            using: &random, else: 0
                        ).bitPattern
                    default: Double(Float.random(in: 0...1, using: &random)).bitPattern
                    }
                rows.append((one, step, hasOwnTime ? .min : time, value))
            }
            step += Int.random(in: 0..<20, using: &random) == 0 ? Int64.random(in: -9...9, using: &random) : 1
            time += 1_000_000
        }
        return rows
    }
}

extension Array {
    fileprivate func randomElement(using random: inout some RandomNumberGenerator, else other: Element) -> Element {
        randomElement(using: &random) ?? other
    }
}
