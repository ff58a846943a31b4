import VarveFormat

/// Where the metrics of runs were logged, looked up once a run.
final class HostShelf {
    private let content: SnapshotContent
    private var known: [Int: [SourceFile]] = [:]

    init(_ content: SnapshotContent) { self.content = content }

    /// The hosts of the processes that logged a metric of the run in this row.
    func hosts(of metric: MetricKey, inRow row: Int) -> [String] {
        let files = known[row] ?? content.files(of: content.runIDs[row])
        known[row] = files
        return SnapshotContent.hosts(of: metric, among: files)
    }
}

extension SnapshotContent {
    /// Where processes of the metric's rank wrote; of a metric without one, or with a rank that is no process's, where any did.
    static func hosts(of metric: MetricKey, among files: [SourceFile]) -> [String] {
        guard let rank = metric[MetricPart.rankKey].flatMap({ UInt32($0) }) else { return hosts(of: files) }
        let own = files.filter { $0.begin.rank == rank }
        return hosts(of: own.isEmpty ? files : own)
    }
}

extension Snapshot {
    /// The hosts of the processes that logged a metric of a run: those of its rank, or of the whole run if it has none.
    public func hosts(of metric: MetricKey, in run: RunID) -> [String] {
        SnapshotContent.hosts(of: metric, among: content.files(of: run.id))
    }
}
