import Varve
import VarveFiles
import VarveFormat

/// What a reader is asked.
package enum PeerQuestion: String, Sendable {
    /// One metric of one run.
    case one
    /// One metric of all runs.
    case metric
    /// All points.
    case all
}

/// Reading from a repository, by the protocol of all peers: open it and answer, then answer again. The answer is held in memory, all of
/// it, before the clock stops.
package enum PeerReading {
    /// - Parameter budget: seconds for which the question is repeated, at most five times, at least once.
    package static func extract(
        _ workload: PeerWorkload, from store: String, _ question: PeerQuestion, budget: Double
    ) throws -> JSONObject {
        let before = ProcessMemory.resident
        var opened: Snapshot?
        let opening = try Stopwatch.measure { opened = try Repository.open(store).snapshot() }
        guard let snapshot = opened else { return JSONObject() }
        let afterOpening = ProcessMemory.resident
        var answer: [SeriesChunk] = []
        let first = try Stopwatch.measure { answer = try ask(snapshot, workload, question) }
        let peak = ProcessMemory.peak
        let hash = try hash(answer, workload, snapshot)
        answer = []
        var again = Samples()
        let end = Stopwatch.now() + budget * 1e9
        while again.count < 1 || again.count < 5 && Stopwatch.now() < end {
            again.append(try Stopwatch.measure { answer = try ask(snapshot, workload, question) }.wall)
            answer = []
        }
        var report = JSONObject()
        report["what"] = .string(question.rawValue)
        report["points"] = .int(Int64(hash.points))
        report["hash"] = .string(PeerHash.text(hash.values))
        report["hash_f32"] = .string(PeerHash.text(hash.roundedValues))
        report["hash_times_ns"] = .string(PeerHash.text(hash.times))
        report["import_s"] = .double(0)
        report["open_s"] = .double(opening.wall / 1e9)
        report["first_s"] = .double(first.wall / 1e9)
        report["fresh_s"] = .double((opening.wall + first.wall) / 1e9)
        report["warm_s"] = .double(again.median / 1e9)
        report["warm_n"] = .int(Int64(again.count))
        report["rss_before_open_mib"] = .double(Double(before) / 1_048_576)
        report["rss_open_mib"] = .double(Double(afterOpening) / 1_048_576)
        report["rss_peak_query_mib"] = .double(Double(peak) / 1_048_576)
        return report
    }

    /// How many points a reader finds.
    package static func count(_ store: String) throws -> JSONObject {
        let reader = try Repository.open(store).snapshot().series(Query())
        var points = 0
        while let chunk = try reader.next() { points += chunk.count }
        var report = JSONObject()
        report["read"] = .int(Int64(points))
        return report
    }

    @inline(never)
    private static func ask(
        _ snapshot: Snapshot, _ workload: PeerWorkload, _ question: PeerQuestion
    ) throws -> [SeriesChunk] {
        var query = Query()
        if question != .all {
            query.metric = workload.metrics[0].name
            for pair in workload.metrics[0].context { query.context[pair.key] = pair.value }
        }
        if question == .one { query.runs = [PeerWorkload.id(ofRun: workload.runs / 2)] }
        return try snapshot.series(query).readAll()
    }

    /// Runs and metrics count by their numbers in the workload; a run is known by its name.
    private static func hash(
        _ answer: [SeriesChunk], _ workload: PeerWorkload, _ snapshot: Snapshot
    ) throws -> PeerHash {
        var metrics: [MetricKey: Int] = [:]
        for (index, metric) in workload.metrics.enumerated() { metrics[metric] = index }
        var runs: [RunID: Int] = [:]
        for run in snapshot.runs { runs[run.id] = Int(run.name.dropFirst(4)) }
        var hash = PeerHash()
        for chunk in answer {
            guard let run = runs[chunk.run], let metric = metrics[chunk.metric] else {
                throw WrongResult(description: "\(chunk.metric) of \(chunk.run) isn't in workload \(workload.name)")
            }
            hash.add(chunk, run: run, metric: metric)
        }
        return hash
    }
}
