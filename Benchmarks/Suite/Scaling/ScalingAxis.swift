/// What grows while the rest stays: runs, series or points.
package enum ScalingAxis: String, CaseIterable, Sendable {
    case runs, series, points

    /// The sizes that are measured.
    func sizes(_ size: BenchSize) -> [Int] {
        if size == .tiny { return [2, 4] }
        let all: [Int]
        switch self {
        case .runs: all = [10, 100, 1_000, 10_000, 100_000]
        case .series: all = [1_000, 10_000, 100_000, 1_000_000]
        case .points: all = [100_000, 1_000_000, 10_000_000, 100_000_000]
        }
        let cap = size.count(all[all.count - 1])
        return all.filter { $0 <= cap }
    }

    /// A campaign of that size.
    func workload(_ count: Int, _ size: BenchSize) -> Workload {
        let isTiny = size == .tiny
        func make(_ runs: Int, _ metrics: Int, _ points: Int) -> Workload {
            Workload(
                name: "\(rawValue) \(count)", runs: runs, metrics: Workload.shapes(metrics), pointsPerSeries: points)
        }
        switch self {
        case .runs: return make(count, 2, isTiny ? 2 : 10)
        case .series: return isTiny ? make(2, count / 2, 2) : make(1_000, count / 1_000, 5)
        case .points: return isTiny ? make(1, 2, count) : make(10, 10, count / 100)
        }
    }

    /// What stays.
    package var shape: String {
        switch self {
        case .runs: "runs of 2 series of 10 points"
        case .series: "series of 5 points, in 1,000 runs"
        case .points: "points, in 100 series of 10 runs"
        }
    }
}

/// What is asked of each size.
package enum ScalingQuestion: String, CaseIterable, Sendable {
    case open = "open"
    case openMemory = "open, memory"
    case runs = "list runs"
    case series = "one series"
    case metric = "one metric"
    case metricMemory = "one metric, memory"
    case compactRate = "compaction"
    case compactMemory = "compaction, memory"
    case logBytes = "log"
    case indexBytes = "index"

    package var unit: String {
        switch self {
        case .open, .runs, .series, .metric: "ms"
        case .openMemory, .metricMemory, .compactMemory: "MB"
        case .compactRate: "M points/s CPU"
        case .logBytes, .indexBytes: "B/point"
        }
    }
}
