import Varve
import VarveFiles
import VarveFormat

/// Fills a repository with a workload: every run logged as its training would have, point by point in the order of time, then the
/// index built. The times are the workload's, to the nanosecond.
package enum PeerLoading {
    package static func load(_ workload: PeerWorkload, into store: String) throws -> JSONObject {
        var report = JSONObject()
        var logging = Elapsed(wall: 0, cpu: 0)
        let repository = try Repository.create(at: store)
        for run in 0..<workload.runs {
            let columns = try workload.columns(run: run)
            let elapsed = try Stopwatch.measure { try log(workload, columns, run: run, to: repository) }
            logging.wall += elapsed.wall
            logging.cpu += elapsed.cpu
        }
        let compaction = try Stopwatch.measure { _ = try repository.compact() }
        report["load_s"] = .double((logging.wall + compaction.wall) / 1e9)
        report["load_cpu_s"] = .double((logging.cpu + compaction.cpu) / 1e9)
        report["compact_s"] = .double(compaction.wall / 1e9)
        report["compact_cpu_s"] = .double(compaction.cpu / 1e9)
        // What a merge has replaced stays for a day, for readers that still have it open.
        let index = try IndexSnapshot.open(
            repository.environment.fileSystem, directory: repository.paths.index, repository: repository.id,
            codec: ColumnCodec())
        report["live_index_bytes"] = .int(Int64(index.segments.reduce(0) { $0 + $1.size }))
        report["rss_peak_mib"] = .double(Double(ProcessMemory.peak) / 1_048_576)
        return report
    }

    private static func log(
        _ workload: PeerWorkload, _ columns: [PeerWorkload.Columns], run index: Int, to repository: Repository
    ) throws {
        var options = RunOptions()
        options.id = PeerWorkload.id(ofRun: index)
        options.sync = .none
        options.compaction = .never
        let run = try repository.startRun(name: PeerWorkload.name(ofRun: index), options: options)
        let series = try workload.metrics.map { try run.series(for: $0) }
        // The group whose next row is the oldest comes next.
        var next = [Int](repeating: 0, count: workload.groups.count)
        func time(of group: Int) -> Int64? {
            let times = columns[workload.groups[group][0]].times
            return next[group] < times.count ? times[next[group]] : nil
        }
        while true {
            var oldest: (time: Int64, group: Int)?
            for group in next.indices {
                if let time = time(of: group), time < oldest?.time ?? .max { oldest = (time, group) }
            }
            guard let group = oldest?.group else { break }
            let i = next[group]
            next[group] += 1
            for m in workload.groups[group] {
                series[m].log(columns[m].values[i], step: columns[m].steps[i], time: columns[m].times[i])
            }
        }
        try run.finish()
    }
}
