import Varve

/// A campaign's shape: how many runs, which metrics, how many points. The columns are ``RunColumns``.
package struct Workload: Sendable {
    package let name: String
    package let runs: Int
    package let metrics: [MetricShape]
    /// Points a series.
    package let pointsPerSeries: Int

    package var points: Int { runs * metrics.count * pointsPerSeries }
    package var series: Int { runs * metrics.count }

    package init(name: String, runs: Int, metrics: [MetricShape], pointsPerSeries: Int) {
        self.name = name
        self.runs = runs
        self.metrics = metrics
        self.pointsPerSeries = pointsPerSeries
    }

    /// What a metric's values are like, and at which steps they come.
    package struct MetricShape: Hashable, Sendable {
        package var metric: MetricKey
        package var kind: ValueKind
        package var spacing: Spacing

        init(_ name: String, _ subset: String?, _ kind: ValueKind, _ spacing: Spacing = .one) {
            metric = MetricKey(name, context: subset.map { ["subset": $0] } ?? [:])
            self.kind = kind
            self.spacing = spacing
        }
    }

    /// The kinds of values that trainings log. A number in the name is the width of the float they come from.
    package enum ValueKind: Hashable, Sendable {
        case loss32, exponentialLoss32, gradientNorm32, learningRate64, timing64, rate64, constant, walk32, plateau,
            epoch64
        /// A count of hits among this many.
        case share(of: Int)
    }

    /// Which steps a metric is logged at.
    package enum Spacing: Int, Hashable, Sendable, CaseIterable {
        case one, ten, gaps
    }
}

extension Workload {
    /// S: 100 runs × 20 metrics × 1,000 points; M: 1,000 × 20 × 1,000; L: 1 × 10 × 1,000,000; W: 10,000 × 100 × 20;
    /// R: 100,000 × 1 × 10, to be opened; D: 2 × 14 × 20,000, to be damaged.
    ///
    /// A scale shortens L's and D's series and the number of runs of the others.
    package static func named(_ name: String, _ size: BenchSize) -> Workload {
        let isTiny = size == .tiny
        func make(_ runs: Int, _ metrics: Int, _ points: Int) -> Workload {
            Workload(name: name, runs: runs, metrics: shapes(metrics), pointsPerSeries: points)
        }
        switch name {
        case "L": return make(1, isTiny ? 6 : 10, size.count(1_000_000, atLeast: isTiny ? 500 : 1_000))
        case "W": return make(size.count(10_000, atLeast: 4), isTiny ? 24 : 100, isTiny ? 5 : 20)
        case "R": return make(size.count(100_000, atLeast: 4), 1, isTiny ? 3 : 10)
        case "D": return make(2, 14, size.count(20_000, atLeast: 60))
        case "M": return make(size.count(1_000, atLeast: 3), isTiny ? 14 : 20, isTiny ? 60 : 1_000)
        default: return make(size.count(100, atLeast: 2), isTiny ? 14 : 20, isTiny ? 60 : 1_000)
        }
    }

    init(name: String, runs: Int, metrics: Int, points: Int) {
        self.init(name: name, runs: runs, metrics: Self.shapes(metrics), pointsPerSeries: points)
    }

    static func shapes(_ count: Int) -> [MetricShape] {
        var shapes = [
            MetricShape("loss", "train", .loss32), MetricShape("loss", "val", .loss32, .ten),
            MetricShape("accuracy", "train", .share(of: 256)), MetricShape("accuracy", "val", .share(of: 10_000), .ten),
            MetricShape("grad_norm", "train", .gradientNorm32), MetricShape("lr", "train", .learningRate64),
            MetricShape("step_time", "train", .timing64), MetricShape("weight_decay", "train", .constant),
            MetricShape("param_norm", "train", .walk32), MetricShape("loss_aux", "train", .loss32, .gaps),
            MetricShape("samples_per_second", "train", .rate64), MetricShape("gpu_memory_bytes", nil, .plateau),
            MetricShape("perplexity", "val", .exponentialLoss32, .ten), MetricShape("epoch", "train", .epoch64),
        ]
        for layer in 0..<6 { shapes.append(MetricShape(layerName(layer, "grad_norm"), "train", .gradientNorm32)) }
        // W: a campaign that logs norms and means of every layer.
        let kinds: [(String, ValueKind)] = [
            ("grad_norm", .gradientNorm32), ("weight_norm", .walk32), ("activation_mean", .loss32),
            ("sparsity", .share(of: 512)),
        ]
        for layer in 6..<max(6, count - 14) {
            let (name, kind) = kinds[layer % 4]
            shapes.append(MetricShape(layerName(layer, name), "train", kind))
        }
        return Array(shapes.prefix(count))
    }

    private static func layerName(_ layer: Int, _ name: String) -> String {
        "layer\(layer < 10 ? "0" : "")\(layer)/\(name)"
    }

    /// Sixteen noisy losses as 32-bit floats, all at every step.
    package static func losses(points: Int) -> Workload {
        Workload(
            name: "losses", runs: 1,
            metrics: (0..<16).map { MetricShape("loss_\($0)", "train", .loss32) }, pointsPerSeries: points)
    }

    /// The name that a run of a workload is logged under.
    package static func runName(_ run: Int) -> String { "run \(run)" }
}
