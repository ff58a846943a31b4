import Varve
import VarvePlot

/// Columns of a list of runs that show a metric's curve in a few characters, one for each of its contexts.
struct CurveColumns {
    let columns: [Column]
    private var lines: [[RunID: Sparkline]] = []
    private let style: TerminalStyle

    /// Characters a curve.
    private static let width = 12
    /// A metric with more contexts than these, such as one for each rank, would leave no room for anything else.
    private static let mostContexts = 4

    /// - Parameter metrics: their names.
    init(_ metrics: [String], of runs: [RunInfo], in snapshot: Snapshot) throws {
        style = Screen(descriptor: 1).style()
        var columns: [Column] = []
        let known = metrics.isEmpty ? [] : try snapshot.metrics().map(\.metric)
        for name in metrics {
            let keys = known.filter { $0.name == name }
            guard !keys.isEmpty else { throw snapshot.noMetric(name) }
            var found: [MetricKey: [RunID: Sparkline]] = [:]
            for curve in try snapshot.curves(Query(metric: name, runs: runs.map(\.id)), pixels: Self.width) {
                found[curve.metric, default: [:]][curve.run] = Sparkline(curve, pixels: Self.width)
            }
            for key in keys.prefix(Self.mostContexts) where found[key] != nil {
                columns.append(Column("curve.\(key)", title: "\(key)", maxWidth: max(Self.width, 20)))
                lines.append(found[key] ?? [:])
            }
        }
        self.columns = columns
    }

    func cells(of run: RunInfo) -> [Cell] {
        lines.map { line in
            guard let spark = line[run.id] else { return .missing }
            return Cell(
                value: .array(spark.values.map { $0.map { .double($0) } ?? .null }),
                wording: .text(spark.text(style.marks)))
        }
    }
}
