import Varve

/// What a run holds already, as it tells by itself: of each series how many points and their hash, of each channel how many
/// texts.
///
/// This is how an import of a store knows what it took before. It needs no marks, so a killed import goes on where its
/// points end, and it compares what is stored with the source instead of trusting a note about it.
struct StoredSeries {
    private(set) var series: [MetricKey: PointHash] = [:]
    private(set) var texts: [String: Int] = [:]
    private(set) var artifacts: [String: Artifact] = [:]

    /// Nothing.
    init() {}

    init(of run: RunID, in snapshot: Snapshot) throws(VarveError) {
        for line in try snapshot.text(of: run) { texts[line.channel, default: 0] += 1 }
        for artifact in try snapshot.artifacts(of: run) { artifacts[artifact.name] = artifact }
        let reader = try snapshot.series(Query(runs: [run], view: .all))
        while let chunk = try reader.next() {
            for index in 0..<chunk.count {
                series[chunk.metric, default: PointHash()].add(
                    step: Int64(chunk.steps[index]), time: chunk.times[index], value: chunk.values[index])
            }
        }
    }
}
