import Varve
import VarveFormat

/// All that the public API says of a repository, as far as it must not depend on whether there is an index.
struct RepositoryContent {
    struct Series: Hashable {
        var run: RunID
        var metric: MetricKey
    }

    struct Point: Hashable {
        var step: Int
        var time: Int64
        var value: UInt64
    }

    private(set) var points: [Query.View: [Series: [Point]]] = [:]

    init(_ repository: Repository) throws {
        let snapshot = try repository.snapshot()
        for view in [Query.View.standard, .all, .lastPerStep] {
            var found: [Series: [Point]] = [:]
            let reader = try snapshot.series(Query(view: view))
            while let chunk = try reader.next() {
                let new = (0..<chunk.count).map {
                    Point(step: chunk.steps[$0], time: chunk.times[$0], value: chunk.values[$0].bitPattern)
                }
                found[Series(run: chunk.run, metric: chunk.metric), default: []] += new
            }
            points[view] = found
        }
        for run in snapshot.runs {
            _ = try snapshot.text(of: run.id)
            _ = try snapshot.artifacts(of: run.id)
            try snapshot.forEachRecord(of: run.id) { record in
                if case .confusionMatrix(let matrix) = record.content { _ = ClassReport(matrix).macro }
            }
            _ = try snapshot.endMessage(of: run.id)
        }
        _ = try snapshot.metrics()
        _ = try snapshot.statistics(Query())
        _ = try snapshot.curves(Query(), pixels: 7)
        _ = try snapshot.curves(Query(view: .lastPerStep), pixels: 3, over: .times)
    }

    /// Where two differ, for people.
    func difference(_ other: RepositoryContent) -> String {
        for (view, series) in points {
            let there = other.points[view] ?? [:]
            for key in Set(series.keys).union(there.keys) where series[key] != there[key] {
                return "\(view) of \(key.metric): \(series[key] ?? []), then \(there[key] ?? [])"
            }
        }
        return "nowhere"
    }
}
