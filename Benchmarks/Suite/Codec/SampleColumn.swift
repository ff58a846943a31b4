import Glibc
import Varve
import VarveFiles
import VarveFormat

/// A column of words as trainings log them: the same ones whenever it is made.
package struct SampleColumn: Sendable {
    /// What the words are like, such as `loss32`.
    package let kind: String
    package let type: ColumnKind
    package let words: [UInt64]

    init(_ kind: String, _ type: ColumnKind, _ words: [UInt64]) {
        self.kind = kind
        self.type = type
        self.words = words
    }

    private init(_ kind: String, _ values: [Double]) { self.init(kind, .doubles, values.map(\.bitPattern)) }

    private init(_ kind: String, _ numbers: [Int64]) {
        self.init(kind, .integers, numbers.map { UInt64(bitPattern: $0) })
    }

    /// One column of each kind: the workloads' values, steps and times, and true doubles.
    package static func all(count: Int) -> [SampleColumn] {
        let shapes = Workload.named("L", .tiny).metrics + Workload.named("S", .tiny).metrics
        var kinds: [Workload.ValueKind: Workload.MetricShape] = [:]
        for shape in shapes where kinds[shape.kind] == nil { kinds[shape.kind] = shape }
        let metrics = shapes.filter { kinds[$0.kind] == $0 }
        var unique: [Workload.MetricShape] = []
        for metric in metrics where !unique.contains(metric) { unique.append(metric) }
        let workload = Workload(name: "columns", runs: 1, metrics: unique, pointsPerSeries: count)
        let run = RunColumns(workload, run: 0)
        var columns = zip(unique, run.values).map { SampleColumn("\(name($0.kind))", $1) }
        for (spacing, name) in ["every", "tenth", "gapped"].enumerated() {
            columns.append(SampleColumn("steps-\(name)", run.steps[spacing]))
            columns.append(SampleColumn("times-\(name)", run.times[spacing]))
        }
        var random = SplitMix64(seed: 20_261_124)
        columns.append(SampleColumn("noise64", (0..<count).map { _ in random.normal() }))
        var sum = 5.0
        columns.append(
            SampleColumn(
                "walk64",
                (0..<count).map { _ in
                    sum += random.normal() * 0.01
                    return sum
                }))
        columns.append(SampleColumn("loss32-series-of-20", joined(count, shape: .loss32)))
        columns.append(SampleColumn("share512-series-of-20", joined(count, shape: .share(of: 512))))
        return columns
    }

    /// A page of many short series, end to end.
    private static func joined(_ count: Int, shape: Workload.ValueKind) -> [Double] {
        let metrics = Workload.named("W", .scale(0.001)).metrics.filter { $0.kind == shape }.prefix(1)
        let workload = Workload(name: "short", runs: 1, metrics: Array(metrics), pointsPerSeries: 20)
        var values: [Double] = []
        var run = 0
        while values.count < count {
            values += RunColumns(workload, run: run).values[0]
            run += 1
        }
        return Array(values.prefix(count))
    }

    private static func name(_ kind: Workload.ValueKind) -> String {
        if case .share(let of) = kind { return "share\(of)" }
        return "\(kind)"
    }
}
