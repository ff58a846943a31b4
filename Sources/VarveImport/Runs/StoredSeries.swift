import Varve

/// What a run holds already, as it tells by itself: of each series how many points and their hash, of each channel how many
/// texts, and its records.
///
/// This is how an import of a store knows what it took before. It needs no marks, so a killed import goes on where its
/// points end, and it compares what is stored with the source instead of trusting a note about it.
struct StoredSeries {
    private(set) var series: [MetricKey: PointHash] = [:]
    private(set) var texts: [String: Int] = [:]
    /// By ``ArtifactMark/key(_:_:)``.
    private(set) var artifacts: [String: Artifact] = [:]
    private(set) var records: Set<RecordKey> = []

    /// A record, wherever in time.
    struct RecordKey: Hashable {
        var metric: MetricKey
        var step: Int64?
        var content: Record.Content
    }

    /// Nothing.
    init() {}

    init(of run: RunID, in snapshot: Snapshot) throws(VarveError) {
        for line in try snapshot.text(of: run) { texts[line.channel, default: 0] += 1 }
        for artifact in try snapshot.artifacts(of: run) {
            artifacts[ArtifactMark.key(artifact.name, artifact.step.map(Int64.init))] = artifact
        }
        try snapshot.forEachRecord(of: run) { record in
            records.insert(
                RecordKey(metric: record.metric, step: record.step.map(Int64.init), content: record.content))
        }
        let reader = try snapshot.series(Query(runs: [run], view: .all))
        while let chunk = try reader.next() {
            for index in 0..<chunk.count {
                series[chunk.metric, default: PointHash()].add(
                    step: Int64(chunk.steps[index]), time: chunk.times[index], value: chunk.values[index])
            }
        }
    }
}
