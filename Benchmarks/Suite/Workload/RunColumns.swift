import Glibc
import VarveFiles

/// The points of one run of a workload: the same ones whenever they are asked for.
package struct RunColumns: Sendable {
    /// Steps and times by spacing: the metrics of a step are logged together.
    package private(set) var steps: [[Int64]] = []
    /// Nanoseconds since 1970.
    package private(set) var times: [[Int64]] = []
    /// Values by metric.
    package private(set) var values: [[Double]] = []

    private static let seed: UInt64 = 20_261_123

    package init(_ workload: Workload, run: Int) {
        let workloadSeed = workload.name.utf8.reduce(Self.seed) { $0 &* 257 &+ UInt64($1) }
        var random = SplitMix64(seed: workloadSeed).branch(UInt64(run))
        let count = workload.pointsPerSeries
        let start = 1_760_000_000_000_000_000 + Int64(random.below(40 * 86_400 * 1_000_000)) * 1_000
        let typical = random.uniform(0.03, 0.4) * 1e9
        var fine: [Int64] = []
        var coarse: [Int64] = []
        var gaps: [Int64] = []
        for _ in 0..<count {
            var duration = typical * exp(0.05 * random.normal())
            if random.chance(0.005) { duration += typical * 20 }  // a checkpoint, an evaluation
            fine.append(Int64(duration))
            coarse.append(Int64(typical * 10 * exp(0.02 * random.normal())))
            gaps.append(random.choose([1, 1, 1, 1, 2, 3, 17]))
        }
        let indices = (0..<count).map { Int64($0) }
        let durations = [fine, coarse, zip(fine, gaps).map { $0 * $1 }]
        var gapped: [Int64] = []
        var last: Int64 = -1
        for gap in gaps {
            last += gap
            gapped.append(last)
        }
        steps = [indices, indices.map { $0 * 10 }, gapped]
        times = durations.map { durations in
            var time = start
            // The writer's clock counts microseconds.
            return durations.map { duration in
                time += duration
                return time / 1_000 * 1_000
            }
        }
        for shape in workload.metrics {
            values.append(
                Self.values(
                    shape.kind, steps: steps[shape.spacing.rawValue], durations: durations[shape.spacing.rawValue],
                    &random))
        }
    }

    private static func values(
        _ kind: Workload.ValueKind, steps: [Int64], durations: [Int64], _ random: inout SplitMix64
    ) -> [Double] {
        let count = steps.count
        let scale = count > 1_000 ? 1_000 / Double(count) : 1
        func float(_ value: Double) -> Double { Double(Float(value)) }
        func curve(_ value: (Int, Double) -> Double) -> [Double] { (0..<count).map { value($0, Double($0) * scale) } }
        switch kind {
        case .loss32, .exponentialLoss32:
            let (a, b) = (random.uniform(1.5, 6), random.uniform(0.05, 1))
            let (tau, noise) = (random.uniform(80, 400), random.uniform(0.01, 0.08))
            return curve { _, t in
                let loss = (a * exp(-t / tau) + b) * exp(noise * random.normal())
                return float(kind == .loss32 ? loss : exp(min(loss, 20)))
            }
        case .share(let of):
            let (best, tau) = (random.uniform(0.6, 0.98), random.uniform(50, 300))
            return curve { _, t in
                let p = min(max(best * (1 - exp(-(t + 1) / tau)), 0), 1)
                // Near enough to a binomial number, at a fraction of the cost.
                let hits = (Double(of) * p + (Double(of) * p * (1 - p)).squareRoot() * random.normal()).rounded()
                return min(max(hits, 0), Double(of)) / Double(of)
            }
        case .gradientNorm32:
            let base = random.uniform(0.2, 4)
            return curve { _, t in
                let spike = random.chance(0.003) ? random.uniform(5, 30) : 1
                return float(base * (1 + 3 * exp(-t / 60)) * exp(0.35 * random.normal()) * spike)
            }
        case .learningRate64:
            let peak = exp(random.uniform(-5, -2) * 2.302_585_092_994_046)
            let warm = max(1, count / 50)
            return curve { i, _ in
                if i < warm { return peak * Double(i + 1) / Double(warm) }
                return 0.5 * peak * (1 + cos(.pi * Double(i - warm) / Double(max(1, count - warm))))
            }
        case .timing64: return durations.map { Double($0) / 1e9 }
        case .rate64: return durations.map { 256 / (Double($0) / 1e9) }
        case .constant: return [Double](repeating: random.choose([0, 0.01, 0.05, 0.1, 1e-4]), count: count)
        case .walk32:
            let base = random.uniform(20, 200)
            var sum = 0.0
            return curve { _, _ in
                sum += random.normal() * 0.02
                return float(base + sum)
            }
        case .plateau:
            var value = Double(random.number(4 << 30, 60 << 30) / 512 * 512)
            return curve { _, _ in
                if random.chance(0.005) { value += Double(random.number(1, 4_096) * 512) }
                return value
            }
        case .epoch64:
            let steps = steps
            let length = Double(random.number(97, 1_500))
            return curve { i, _ in Double(steps[i]) / length }
        }
    }
}
